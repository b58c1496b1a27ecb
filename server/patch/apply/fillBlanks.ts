import type { Hunk, HunkLine } from '../patch.ts';
import { haystack, locate, type SearchBudget } from './locate.ts';
import { compared, patternOf } from './pattern.ts';

/**
 * Gives a hunk the blank context lines back that were dropped on the way, as the file has them.
 * The file proves them: all other lines must follow each other there, and no more blank lines may stand between
 * than the header misses. Undefined where they do not.
 */
export function withBlankLines(
  hunk: Hunk,
  lines: readonly string[],
  offset: number,
  budget: SearchBudget,
): Hunk | undefined {
  const numbers: number[] = [];
  for (const [index, line] of lines.entries()) if (line.trim() !== '') numbers.push(index + 1);
  const pattern = patternOf(hunk);
  const wanted = pattern.old.lines.filter((line) => line.trim() !== '');
  const indices = pattern.old.indices.filter((_, at) => pattern.old.lines[at]!.trim() !== '');
  const text = haystack(
    numbers.map((number) => lines[number - 1]!),
    (line) => compared(line, 'whitespace'),
  );
  const guess = numbers.findIndex((number) => number >= pattern.first + offset);
  const found = locate(
    text,
    {
      ids: Int32Array.from(wanted, (line) => text.id(line)),
      prefix: 0,
      suffix: 0,
      guess: guess < 0 ? numbers.length : guess + 1,
      first: 2,
      frozen: 0,
    },
    0,
    budget,
  );
  if (found === undefined || wanted.length === 0) return undefined;
  const at = (index: number): number => numbers[found - 1 + index]!;
  const blanks = at(wanted.length - 1) - at(0) + 1 - wanted.length;
  if (blanks > (hunk.missing?.old ?? 0)) return undefined;

  const filled: HunkLine[] = [];
  let next = 0;
  for (const [index, line] of hunk.lines.entries()) {
    if (line.kind !== 'added' && line.text.trim() === '') continue;
    if (indices[next] === index) {
      const gap = next === 0 ? 0 : at(next) - at(next - 1) - 1;
      for (let i = 0; i < gap; i++)
        filled.push({ kind: 'context', text: '', line: line.line, noNewline: false });
      next++;
    }
    filled.push(line);
  }
  return { ...hunk, lines: filled };
}
