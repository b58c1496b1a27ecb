import type { Hunk } from '../patch.ts';

/** How lines of a patch and of a file are compared. */
export type Comparison = 'exact' | 'whitespace';

/** One side of a hunk as lines with their line ends, and the context at its ends. */
export interface Side {
  readonly lines: readonly string[];
  /** For each line, its index in the hunk. */
  readonly indices: readonly number[];
}

/** A hunk, ready to be searched for. */
export interface Pattern {
  readonly old: Side;
  readonly new: Side;
  /** Context lines before the first and behind the last changed line. */
  readonly prefix: number;
  readonly suffix: number;
  /** 1-based line where the old side is expected; a hunk that only adds stands behind its line. */
  readonly first: number;
}

/** Lines of a text, each with its line end; the last one has none where the text ends without. */
export function textLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

/** Both sides of a hunk. */
export function patternOf(hunk: Hunk): Pattern {
  const old: { lines: string[]; indices: number[] } = { lines: [], indices: [] };
  const fresh: { lines: string[]; indices: number[] } = { lines: [], indices: [] };
  let prefix = 0;
  let suffix = 0;
  let changed = false;
  for (const [index, line] of hunk.lines.entries()) {
    const text = line.noNewline ? line.text : line.text + '\n';
    if (line.kind !== 'added') {
      old.lines.push(text);
      old.indices.push(index);
    }
    if (line.kind !== 'removed') {
      fresh.lines.push(text);
      fresh.indices.push(index);
    }
    if (line.kind === 'context') {
      if (!changed) prefix++;
      suffix++;
    } else {
      changed = true;
      suffix = 0;
    }
  }
  // A hunk that has lost lines does not say where the file begins or ends.
  const whole = hunk.missing === undefined;
  return {
    old,
    new: fresh,
    prefix: whole ? prefix : 0,
    suffix: whole ? suffix : 0,
    first: hunk.oldCount === 0 ? hunk.oldStart + 1 : hunk.oldStart,
  };
}

/** Longest line whose white space is looked at; C has no longer ones. Unit: UTF-16 units. */
const longestLine = 4096;

/** A line as it counts for a comparison. */
export function compared(line: string, comparison: Comparison): string {
  if (comparison === 'exact' || line.length > longestLine) return line;
  return line.replace(/\s+/g, '');
}
