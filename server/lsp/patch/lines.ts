import type { WireRange } from '../messages.ts';

/** The text of a 1-based line as a range: without its indentation, and never outside of the document. */
export function lineRange(lines: readonly string[], line: number): WireRange {
  const index = Math.max(0, Math.min(line - 1, lines.length - 1));
  const text = lines[index] ?? '';
  const start = text.length - text.trimStart().length;
  const from = start === text.length ? 0 : start;
  return { start: { line: index, character: from }, end: { line: index, character: text.length } };
}

/**
 * The range of some columns of a source line within the document's line that shows it, behind `+`, quote marks and
 * whatever else a mail puts before it. The whole line where the mail's encoding hides the text.
 *
 * @param columns 1-based, as in the file; the end is exclusive.
 */
export function rangeInLine(
  lines: readonly string[],
  line: number,
  source: string,
  columns: { readonly start: number; readonly end: number },
): WireRange {
  const whole = lineRange(lines, line);
  const shown = lines[whole.start.line] ?? '';
  const at = source.trim() === '' ? -1 : shown.lastIndexOf(source.trimEnd());
  if (at < 0) return whole;
  const character = (column: number): number => Math.min(at + column - 1, shown.length);
  return {
    start: { line: whole.start.line, character: character(columns.start) },
    end: { line: whole.start.line, character: character(columns.end) },
  };
}
