import type { LineMap, PatchedLine } from '../../patch/apply/lineMap.ts';
import type { ChangedFile } from '../../patch/change.ts';
import type { PlacedStep, ReviewedFinding } from '../review.ts';
import type { ChangeFinding, HunkPlace } from './seriesReview.ts';

/** Which side of the change a finding's lines are of. */
export type Side = 'before' | 'after';

/** Where a patch shows a finding, or what in it makes the finding. */
export function placesInPatch(
  finding: ReviewedFinding,
  side: Side,
  file: ChangedFile,
): Pick<ChangeFinding, 'patch' | 'cause'> {
  const own = finding.file === pathOf(file, side);
  const patch = own ? lineInPatch(file, side, finding.range.start.line) : undefined;
  if (patch !== undefined) return { patch };
  const cause = causeOf(finding, side, file, own);
  return cause === undefined ? {} : { cause };
}

const pathOf = (file: ChangedFile, side: Side): string | undefined =>
  (side === 'after' ? file.after : file.before)?.path;

function lineInPatch(file: ChangedFile, side: Side, line: number): HunkPlace | undefined {
  const { map } = file;
  const shown = side === 'after' ? map.ofAfter(line) : map.ofBefore(line);
  return shown && hunkPlace(file, shown);
}

function hunkPlace(file: ChangedFile, shown: PatchedLine): HunkPlace {
  const { document, line, kind } = shown;
  return {
    document,
    line,
    kind,
    hunk: hunkNumber(file, document, line),
    fileLine: shown.after ?? shown.before ?? 0,
  };
}

function hunkNumber(file: ChangedFile, document: string, line: number): number {
  for (const patch of file.filePatches) {
    if (patch.document !== document || patch.line > line) continue;
    const number = patch.hunks.findLastIndex((hunk) => hunk.line <= line) + 1;
    if (number > 0 && (patch.hunks[number - 1]!.lines.at(-1)?.line ?? 0) >= line) return number;
  }
  return 0;
}

/** The changed line that a finding rests on: of its path, else the nearest one of its function, else of the file. */
function causeOf(
  finding: ReviewedFinding,
  side: Side,
  file: ChangedFile,
  own: boolean,
): ChangeFinding['cause'] {
  const path = pathOf(file, side);
  const changed = [...finding.related, ...finding.steps]
    .filter((step) => step.file === path)
    .map((step) => ({ step, place: lineInPatch(file, side, step.range.start.line) }))
    .filter((each): each is { step: PlacedStep; place: HunkPlace } => each.place !== undefined);
  const [best] = [
    ...changed.filter(({ place }) => place.kind !== 'context'),
    ...changed.filter(({ place }) => place.kind === 'context'),
  ];
  if (best !== undefined) return { ...best.place, step: best.step };
  const near = own ? nearestInFunction(finding, side, file) : undefined;
  if (near !== undefined) return hunkPlace(file, near);
  const [first] = file.map.lines.filter(({ kind }) => kind !== 'context');
  if (first !== undefined) return hunkPlace(file, first);
  const [head] = file.filePatches;
  return head && { document: head.document, line: head.line, kind: 'head', hunk: 0, fileLine: 0 };
}

/** The changed line nearest to the finding without an end of a function between them. */
function nearestInFunction(
  finding: ReviewedFinding,
  side: Side,
  file: ChangedFile,
): PatchedLine | undefined {
  const text = (side === 'after' ? file.after : file.before)?.text;
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const at = finding.range.start.line;
  let nearest: { readonly line: PatchedLine; readonly distance: number } | undefined;
  for (const line of file.map.lines) {
    if (line.kind === 'context') continue;
    const there = lineOnSide(line, side, file.map);
    if (there === undefined) continue;
    const distance = Math.abs(there - at);
    if (nearest !== undefined && distance >= nearest.distance) continue;
    const between = lines.slice(Math.min(there, at) - 1, Math.max(there, at) - 1);
    if (between.some((each) => each.startsWith('}'))) continue;
    nearest = { line, distance };
  }
  return nearest?.line;
}

/** Line of one side; a line that is only on the other side stands where its neighbour before it does. */
function lineOnSide(line: PatchedLine, side: Side, map: LineMap): number | undefined {
  const there = side === 'after' ? line.after : line.before;
  if (there !== undefined) return there;
  const index = map.lines.indexOf(line);
  for (let i = index - 1; i >= 0; i--) {
    const before = side === 'after' ? map.lines[i]!.after : map.lines[i]!.before;
    if (before !== undefined) return before;
  }
  return undefined;
}
