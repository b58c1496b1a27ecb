import type { PlacedStep, ReviewedFinding } from '../review.ts';

/** Lines of one file before and after, as far as settling asks. */
export interface Lines {
  /** Line after the change; undefined for one that the change removes. */
  toAfter(before: number): number | undefined;
}

/** The findings of one file at both sides of a change. */
export interface FileSides {
  /** Path before the change; findings of other files that it includes have their own. */
  readonly beforePath: string | undefined;
  readonly afterPath: string | undefined;
  readonly lines: Lines;
  readonly before: readonly ReviewedFinding[];
  readonly after: readonly ReviewedFinding[];
}

/** A finding that is there before and after. */
export interface SettledPair {
  readonly before: ReviewedFinding;
  readonly after: ReviewedFinding;
}

/** Findings of a change by what became of them. */
export interface SettledChange {
  readonly pairs: readonly SettledPair[];
  /** Only after it. */
  readonly added: readonly ReviewedFinding[];
  /** Only before it. */
  readonly gone: readonly ReviewedFinding[];
}

/** A finding that has no partner yet. */
interface Loose {
  readonly finding: ReviewedFinding;
  readonly sides: FileSides;
}

/** Whether a finding before is the same defect as one after. */
type Same = (before: Loose, after: Loose) => boolean;

/**
 * Pairs the findings before a change with those after it, the surest kind of sameness first: the same message on a line
 * that did not change, the same message in the function, the same line and shape with other names, the same resource at
 * another exit, the same function in another file. What is left over came or went.
 */
export function settleChange(files: readonly FileSides[]): SettledChange {
  const pairs: SettledPair[] = [];
  let before = files.flatMap((sides) => sides.before.map((finding): Loose => ({ finding, sides })));
  let after = files.flatMap((sides) => sides.after.map((finding): Loose => ({ finding, sides })));
  for (const same of [sameOnItsLine, sameInFunction, sameLine, sameResource, sameElsewhere]) {
    const left: Loose[] = [];
    const taken = new Set<Loose>();
    for (const old of before) {
      const match = after.find((now) => !taken.has(now) && same(old, now));
      if (match === undefined) left.push(old);
      else {
        taken.add(match);
        pairs.push({ before: old.finding, after: match.finding });
      }
    }
    before = left;
    after = after.filter((now) => !taken.has(now));
  }
  return {
    pairs,
    added: after.map(({ finding }) => finding),
    gone: before.map(({ finding }) => finding),
  };
}

const inOneFile = (before: Loose, after: Loose): boolean => before.sides === after.sides;

const staysOn = (before: Loose, after: Loose): boolean =>
  lineAfter(before.sides, before.finding.file, before.finding.range.start.line) ===
  after.finding.range.start.line;

const sameOnItsLine: Same = (before, after) =>
  inOneFile(before, after) && before.finding.stem === after.finding.stem && staysOn(before, after);

const sameInFunction: Same = (before, after) =>
  inOneFile(before, after) && before.finding.stem === after.finding.stem;

/** Another spelling of the same: the function or a term got a new name, or the other end moved out of it. */
const sameLine: Same = (before, after) =>
  inOneFile(before, after) &&
  before.finding.rule === after.finding.rule &&
  staysOn(before, after) &&
  (sameAnchor(before, after) ?? shape(before.finding) === shape(after.finding));

/** The same resource of a function, told at another statement: the exit was rewritten, the defect was not. */
const sameResource: Same = (before, after) =>
  inOneFile(before, after) &&
  before.finding.rule === after.finding.rule &&
  before.finding.function === after.finding.function &&
  !staysSomewhere(before) &&
  sameAnchor(before, after) === true;

/** The function moved to another file of the change. */
const sameElsewhere: Same = (before, after) => before.finding.stem === after.finding.stem;

const staysSomewhere = ({ finding, sides }: Loose): boolean =>
  lineAfter(sides, finding.file, finding.range.start.line) !== undefined;

/** Whether the other ends are the same line; undefined where one side has none. */
function sameAnchor(before: Loose, after: Loose): boolean | undefined {
  const [from] = before.finding.related;
  const [to] = after.finding.related;
  if (from === undefined || to === undefined) return undefined;
  return lineAfter(before.sides, from.file, anchorLine(from)) === anchorLine(to);
}

const anchorLine = (step: PlacedStep): number => step.range.start.line;

/** Files that the change does not touch keep their lines. */
function lineAfter(sides: FileSides, file: string, line: number): number | undefined {
  return file === sides.beforePath ? sides.lines.toAfter(line) : line;
}

/** The message without any term of the code. */
function shape({ message }: ReviewedFinding): string {
  return message.replace(/\S*[^a-z\s,:;]\S*/g, '*').replace(/\s+/g, ' ');
}
