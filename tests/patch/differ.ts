// A small differ of our own, so that round trips need no program.

/** Lines of a text with their line ends. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** A line of an edit script: kept (' '), removed ('-') or added ('+'). */
export interface EditLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** The shortest edit script, by the table of longest common subsequences. */
export function editScript(before: readonly string[], after: readonly string[]): EditLine[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i * width + j] =
        before[i] === after[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const script: EditLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      script.push({ mark: ' ', text: before[i++]! });
      j++;
    } else if (
      i < before.length &&
      (j === after.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    )
      script.push({ mark: '-', text: before[i++]! });
    else script.push({ mark: '+', text: after[j++]! });
  }
  return script;
}

/** The hunks of a unified diff, `@@` lines included; empty where the texts are equal. */
export function unifiedHunks(before: string, after: string, context = 3): string {
  const script = editScript(linesOf(before), linesOf(after));
  let result = '';
  let oldLine = 1;
  let newLine = 1;
  let at = 0;
  while (at < script.length) {
    const first = script.findIndex(({ mark }, index) => index >= at && mark !== ' ');
    if (first < 0) break;
    let last = first;
    for (let i = first; i < script.length && i - last <= 2 * context; i++)
      if (script[i]!.mark !== ' ') last = i;
    const start = Math.max(at, first - context);
    const end = Math.min(script.length, last + 1 + context);
    for (const { mark } of script.slice(at, start)) {
      if (mark !== '+') oldLine++;
      if (mark !== '-') newLine++;
    }
    const hunk = script.slice(start, end);
    const olds = hunk.filter(({ mark }) => mark !== '+').length;
    const news = hunk.filter(({ mark }) => mark !== '-').length;
    result += `@@ -${range(oldLine, olds)} +${range(newLine, news)} @@\n`;
    for (const { mark, text } of hunk)
      result += text.endsWith('\n')
        ? mark + text
        : `${mark}${text}\n\\ No newline at end of file\n`;
    oldLine += olds;
    newLine += news;
    at = end;
  }
  return result;
}

function range(start: number, count: number): string {
  const first = count === 0 ? start - 1 : start;
  return count === 1 ? `${first}` : `${first},${count}`;
}

/** A git diff of one file; undefined stands for a file that is not there. */
export function gitDiff(
  path: string,
  before: string | undefined,
  after: string | undefined,
): string {
  const mode =
    before === undefined
      ? 'new file mode 100644\n'
      : after === undefined
        ? 'deleted file mode 100644\n'
        : '';
  const old = before === undefined ? '/dev/null' : `a/${path}`;
  const fresh = after === undefined ? '/dev/null' : `b/${path}`;
  const hunks = unifiedHunks(before ?? '', after ?? '');
  const sides = hunks === '' ? '' : `--- ${old}\n+++ ${fresh}\n`;
  return `diff --git a/${path} b/${path}\n${mode}index 1111111..2222222${mode === '' ? ' 100644' : ''}\n${sides}${hunks}`;
}
