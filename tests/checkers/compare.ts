// Compares the findings of one rule with the marks of one fixture, one to one.
import type { ReviewedFinding } from '../../server/review/review.ts';
import { caretLine, type Fixture, type FixtureFile, type Mark } from './fixture.ts';

export interface Comparison {
  /** What does not agree, as `file:line: text`; empty when all of it does. */
  readonly differences: readonly string[];
  /** The fixture with messages and columns as they are now. Verdicts are never touched. */
  readonly rewritten: string;
}

const claims: ReadonlySet<string> = new Set(['error', 'warning', 'info', 'todo-fp']);

/** Compares. `findings` are those of the rule under test, over all files of the fixture. */
export function compare(
  rule: string,
  text: string,
  fixture: Fixture,
  findings: readonly ReviewedFinding[],
): Comparison {
  const differences: string[] = [];
  const lines = text.split('\n');
  for (const file of fixture.files) {
    const own = new Set(findings.filter((finding) => finding.file === file.path));
    const say = (line: number, what: string): void => {
      differences.push(`${file.path}:${file.firstLine + line + 1}: ${what}`);
    };
    let steps: Mark[] = [];
    let last: ReviewedFinding | undefined;
    for (const mark of file.marks) {
      if (mark.verdict === 'step') {
        steps.push(mark);
        continue;
      }
      if (mark.verdict === 'fix') {
        if (!last?.fixes.some(({ title }) => title === mark.text)) {
          const offered = last?.fixes.map(({ title }) => title).join('; ') ?? '';
          say(mark.line, `no fix '${mark.text}'; offered: ${offered}`);
        }
        continue;
      }
      if (mark.subject !== rule || !claims.has(mark.verdict)) continue;
      const finding = closest(own, mark);
      if (finding) own.delete(finding);
      last = finding;
      if (!finding) {
        say(mark.codeLine, `expected ${mark.verdict}[${rule}]: ${mark.text}`);
      } else {
        const update = checkClaim(mark, finding, (what) => {
          say(mark.codeLine, what);
        });
        if (update) {
          const line = rewrite(file, mark, finding);
          if (line !== undefined) lines[file.firstLine + mark.line] = line;
        }
        checkSteps(steps, finding, say);
      }
      steps = [];
    }
    for (const finding of own) {
      const { line } = finding.range.start;
      const reason = file.marks.find(
        ({ verdict, subject, codeLine }) =>
          (verdict === 'ok' || verdict === 'todo-fn') && subject === rule && codeLine === line - 1,
      );
      say(
        line - 1,
        `unexpected ${finding.severity}: ${finding.message}${reason ? ` (${reason.verdict}: ${reason.text})` : ''}`,
      );
    }
  }
  return { differences, rewritten: lines.join('\n') };
}

/** The finding on the mark's line, the one with the mark's columns if there are several. */
function closest(findings: ReadonlySet<ReviewedFinding>, mark: Mark): ReviewedFinding | undefined {
  const there = [...findings].filter(({ range }) => range.start.line === mark.codeLine + 1);
  return (
    there.find(({ range }) => range.start.column - 1 === mark.columns?.start) ??
    there.find(({ message }) => message.includes(mark.text)) ??
    there[0]
  );
}

/** True where a message or a column has moved, which `UPDATE_EXPECT=1` may write down. */
function checkClaim(mark: Mark, finding: ReviewedFinding, say: (what: string) => void): boolean {
  let moved = false;
  if (mark.verdict !== 'todo-fp' && finding.severity !== mark.verdict) {
    say(`is ${finding.severity}, not ${mark.verdict}`);
  }
  if (mark.verdict !== 'todo-fp' && !finding.message.includes(mark.text)) {
    say(`says '${finding.message}', not '${mark.text}'`);
    moved = true;
  }
  const { start, end } = finding.range;
  if (
    mark.columns &&
    (start.column - 1 !== mark.columns.start ||
      (end.line === start.line && end.column - 1 !== mark.columns.end))
  ) {
    say(
      `is at columns ${start.column}-${end.column}, not ${mark.columns.start + 1}-${mark.columns.end + 1}`,
    );
    moved = true;
  }
  return moved;
}

function checkSteps(
  marks: readonly Mark[],
  finding: ReviewedFinding,
  say: (line: number, what: string) => void,
): void {
  if (marks.length === 0) return;
  if (marks.length !== finding.steps.length) {
    say(marks[0]!.codeLine, `has ${finding.steps.length} steps, not ${marks.length}`);
  }
  for (const mark of marks) {
    const step = finding.steps[Number(mark.subject) - 1];
    if (!step) continue;
    if (step.range.start.line !== mark.codeLine + 1) {
      say(mark.codeLine, `step ${mark.subject} is on line ${step.range.start.line}`);
    }
    if (!step.message.includes(mark.text)) {
      say(mark.codeLine, `step ${mark.subject} says '${step.message}', not '${mark.text}'`);
    }
  }
}

function rewrite(file: FixtureFile, mark: Mark, finding: ReviewedFinding): string | undefined {
  const claim = `${mark.verdict}[${mark.subject}]: ${finding.message}`;
  const own = file.text.split('\n');
  if (mark.columns) {
    const code = own[mark.codeLine]!;
    const { start, end } = finding.range;
    const columns = {
      start: start.column - 1,
      end: end.line === start.line ? end.column - 1 : code.length,
    };
    return caretLine(code, columns, claim);
  }
  const line = own[mark.line]!;
  return line.slice(0, line.lastIndexOf('//')) + `// ${claim}`;
}
