import { compared, type Pattern } from './pattern.ts';

/** Lines of a file that are looked at for the nearest match, times lines of the hunk. */
const mostComparisons = 2_000_000;

/** Why a hunk does not fit where it should, and where most of its lines are, as one clause. */
export function describeMismatch(
  lines: readonly string[],
  pattern: Pattern,
  offset: number,
): string {
  const expected = Math.max(1, pattern.first + offset);
  const clause = firstDifference(lines, pattern, expected);
  const best = nearestPlace(lines, pattern, expected);
  if (best === undefined) return `does not apply: ${clause}`;
  const all = pattern.old.lines.length;
  return `does not apply: ${clause}; nearest match at line ${best.line} (${best.differ} of ${all} lines differ)`;
}

function firstDifference(lines: readonly string[], pattern: Pattern, expected: number): string {
  if (expected > lines.length)
    return `the file has ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}, the patch expects line ${expected}`;
  for (const [index, line] of pattern.old.lines.entries()) {
    const own = lines[expected - 1 + index];
    if (own === undefined)
      return `the file ends at line ${lines.length}, the patch expects ${quoted(line)}`;
    if (compared(own, 'whitespace') !== compared(line, 'whitespace'))
      return `line ${expected + index} has ${quoted(own)}, the patch expects ${quoted(line)}`;
  }
  const exact = pattern.old.lines.every((line, index) => lines[expected - 1 + index] === line);
  if (!exact) return `the lines from ${expected} on differ in white space only`;
  return `the lines from ${expected} on fit, but the hunk has no context at one end, as if the file ended there`;
}

function quoted(line: string): string {
  const text = line.trim();
  return text === '' ? 'a blank line' : `"${text.length > 72 ? text.slice(0, 71) + '…' : text}"`;
}

/** The place where the most lines agree, nearest to the expected one; undefined when less than half of them do. */
export function nearestPlace(
  lines: readonly string[],
  pattern: Pattern,
  expected: number,
): { line: number; differ: number } | undefined {
  const wanted = pattern.old.lines.map((line) => compared(line, 'whitespace'));
  if (wanted.length === 0 || wanted.length * lines.length > mostComparisons) return undefined;
  const own = lines.map((line) => compared(line, 'whitespace'));
  const score = new Int32Array(lines.length + 1);
  const places = new Map<string, number[]>();
  for (const [index, line] of own.entries()) {
    if (line === '') continue;
    const at = places.get(line);
    if (at === undefined) places.set(line, [index]);
    else at.push(index);
  }
  // Blank lines and lone braces agree everywhere; they count once the others have found a place.
  for (const [index, line] of wanted.entries())
    for (const at of places.get(line) ?? []) if (at >= index) score[at - index]!++;
  let best = -1;
  for (let at = 0; at < lines.length; at++) {
    if (score[at]! === 0) continue;
    if (
      best < 0 ||
      score[at]! > score[best]! ||
      (score[at] === score[best] && Math.abs(at + 1 - expected) < Math.abs(best + 1 - expected))
    )
      best = at;
  }
  if (best < 0) return undefined;
  const same = wanted.filter((line, index) => own[best + index] === line).length;
  if (same * 2 < wanted.length) return undefined;
  return { line: best + 1, differ: wanted.length - same };
}
