import type { Span } from '../../text/span.ts';

/** The word of C under a cursor. */
export interface Word extends Span {
  readonly text: string;
  readonly kind: 'name' | 'number';
  /** The name stands behind `.` or `->`. */
  readonly isMember: boolean;
}

const WORD = /[A-Za-z0-9_]/;

/** The identifier or number that an offset is in, or right behind; undefined elsewhere. */
export function wordAt(text: string, offset: number): Word | undefined {
  let start = offset;
  let end = offset;
  while (start > 0 && WORD.test(text[start - 1]!)) start--;
  while (end < text.length && WORD.test(text[end]!)) end++;
  if (start === end) return undefined;
  const word = text.slice(start, end);
  const kind = /^\d/.test(word) ? 'number' : 'name';
  const before = text.slice(Math.max(0, start - 4), start).trimEnd();
  return { start, end, text: word, kind, isMember: /(?:->|[^.\d]\.|^\.)$/.test(before) };
}
