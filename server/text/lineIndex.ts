import type { Position, Range, Span } from './span.ts';

/** Converts between offsets and positions of one text. Build once per text; lookups are O(log lines). */
export interface LineIndex {
  /** Number of lines; a text that ends in a newline has an empty last line. */
  readonly lineCount: number;
  /** Offset of the first unit of a 1-based line; lines past the end give the text's length. */
  lineStart(line: number): number;
  position(offset: number): Position;
  range(span: Span): Range;
  /** Offset of a position; columns past the end of their line are clamped to it. */
  offset(position: Position): number;
}

/** Offsets of lines that only `\n` ends, which is all of them nearly everywhere. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function startsWithReturns(text: string): number[] {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return starts;
}

/** Builds the index of a text. `\n`, `\r\n` and a lone `\r` end a line, as editors count them. */
export function lineIndex(text: string): LineIndex {
  const starts = text.includes('\r') ? startsWithReturns(text) : lineStarts(text);
  const position = (offset: number): Position => {
    const clamped = Math.max(0, Math.min(offset, text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: clamped - starts[low]! + 1 };
  };
  const lineStart = (line: number): number => starts[Math.max(0, line - 1)] ?? text.length;
  return {
    lineCount: starts.length,
    lineStart,
    position,
    range: (span) => ({ start: position(span.start), end: position(span.end) }),
    offset: ({ line, column }) => {
      if (line > starts.length) return text.length;
      const next = starts[line] ?? text.length;
      return Math.min(lineStart(line) + Math.max(0, column - 1), next);
    },
  };
}
