// Reads test-fixtures/checkers/<rule>/*.c: C whose comments say what the rule must answer. The marks are
// explained in docs/adding-a-checker.md.

/** What a mark claims about the code it points at. */
export type Verdict = 'error' | 'warning' | 'info' | 'ok' | 'todo-fp' | 'todo-fn' | 'step' | 'fix';

export interface Mark {
  readonly verdict: Verdict;
  /** Rule id; the number of a step; empty for a fix. */
  readonly subject: string;
  readonly text: string;
  /** 0-based line of the mark inside its file, for rewriting. */
  readonly line: number;
  /** 0-based line of the code it is about. */
  readonly codeLine: number;
  /** Range in the code's line where the mark has carets. Unit: UTF-16 units from the line's start. */
  readonly columns?: { readonly start: number; readonly end: number };
}

export interface FixtureFile {
  readonly path: string;
  readonly text: string;
  readonly marks: readonly Mark[];
  /** 0-based line of the whole fixture at which this file starts. */
  readonly firstLine: number;
}

export interface Fixture {
  readonly files: readonly FixtureFile[];
  /** From a line `//! kernel: 6.1`; the newest where it is absent. */
  readonly kernel: string | undefined;
}

const markPattern =
  /^(?<blank>\s*)(?<carets>\^+)?\s*(?<verdict>error|warning|info|ok|todo-fp|todo-fn|step|fix)(?:\[(?<subject>[\w-]*)\])?(?::\s*(?<text>.*))?$/;
const tabStop = 8;

/** Reads a fixture; throws with file and line where a mark is not well formed. */
export function readFixture(name: string, text: string): Fixture {
  const lines = text.split('\n');
  const kernel = /^\/\/! kernel: (\S+)$/m.exec(text)?.[1];
  const starts: { path: string; line: number }[] = [{ path: name, line: 0 }];
  for (const [index, line] of lines.entries()) {
    const other = /^\/\/- (\S+)$/.exec(line);
    if (other) starts.push({ path: other[1]!, line: index + 1 });
  }
  const files = starts.map(({ path, line }, index): FixtureFile => {
    const end = starts[index + 1] ? starts[index + 1]!.line - 1 : lines.length;
    const own = lines.slice(line, end);
    return { path, text: own.join('\n'), marks: readMarks(name, own, line), firstLine: line };
  });
  return { files: files.filter((file, index) => index > 0 || file.text.trim() !== ''), kernel };
}

function readMarks(name: string, lines: readonly string[], firstLine: number): Mark[] {
  const marks: Mark[] = [];
  let codeLine = -1;
  let waiting: Omit<Mark, 'codeLine'>[] = [];
  for (const [index, line] of lines.entries()) {
    const comment = /^(?<code>.*?)\/\/(?<comment>.*)$/.exec(line)?.groups;
    const groups = comment ? markPattern.exec(comment['comment']!)?.groups : undefined;
    const alone = comment !== undefined && comment['code']!.trim() === '';
    if (groups === undefined) {
      if (alone) continue;
      codeLine = index;
      marks.push(...waiting.map((mark) => ({ ...mark, codeLine })));
      waiting = [];
      continue;
    }
    const fail = (why: string): never => {
      throw new Error(`${name}:${firstLine + index + 1}: ${why}`);
    };
    const verdict = groups['verdict'] as Verdict;
    const subject = groups['subject'] ?? '';
    const said = groups['text'] ?? '';
    if (verdict !== 'fix' && subject === '') fail(`${verdict} needs a rule id or number`);
    if (/^(ok|todo)/.test(verdict) && said === '') fail(`${verdict} needs a reason`);
    const mark = { verdict, subject, text: said, line: index };
    if (groups['carets'] !== undefined) {
      if (!alone) fail('carets belong on a line of their own, under the code');
      if (codeLine < 0) fail('carets without code above');
      const from = visualWidth(`${comment!['code']!}//${groups['blank']!}`);
      const columns = {
        start: unitAt(lines[codeLine]!, from),
        end: unitAt(lines[codeLine]!, from + groups['carets'].length),
      };
      if (columns.start < 0 || columns.end < 0)
        fail('carets start or end inside a tab, or past the code');
      marks.push({ ...mark, codeLine, columns: { start: columns.start, end: columns.end } });
    } else if (verdict === 'fix') {
      if (codeLine < 0) fail('fix without code above');
      marks.push({ ...mark, codeLine });
    } else if (alone) {
      waiting.push(mark);
    } else {
      codeLine = index;
      marks.push({ ...mark, codeLine });
    }
  }
  if (waiting.length > 0) throw new Error(`${name}: the last mark stands above no code`);
  return marks;
}

/** Width of a text on screen, with tab stops of 8 as kernel C is read. */
export function visualWidth(text: string): number {
  let width = 0;
  for (const unit of text) width += unit === '\t' ? tabStop - (width % tabStop) : 1;
  return width;
}

/** Offset in a line whose visual column is `column`, or -1 where that is inside a tab or past the line's end. */
function unitAt(line: string, column: number): number {
  let width = 0;
  for (let i = 0; i <= line.length; i++) {
    if (width === column) return i;
    if (i === line.length || width > column) return -1;
    width += line[i] === '\t' ? tabStop - (width % tabStop) : 1;
  }
  return -1;
}

/** The mark lines for a finding, as `UPDATE_EXPECT=1` writes them; undefined where carets do not fit. */
export function caretLine(
  codeLine: string,
  columns: { readonly start: number; readonly end: number },
  claim: string,
): string | undefined {
  const start = visualWidth(codeLine.slice(0, columns.start));
  const end = visualWidth(codeLine.slice(0, columns.end));
  if (start < 2) return undefined;
  return `//${' '.repeat(start - 2)}${'^'.repeat(Math.max(1, end - start))} ${claim}`;
}
