import type { HunkLine } from '../patch.ts';
import type { HunkHeader } from './hunkHeader.ts';

/** A line of the patch's text. `foreign`: it is not quoted as the patch is, so somebody wrote it in between. */
export interface ViewLine {
  readonly text: string;
  readonly line: number;
  readonly foreign?: boolean;
}

/** What was read below an `@@` line. */
export interface HunkRead {
  readonly lines: readonly HunkLine[];
  /** Index of the first line behind the hunk. */
  readonly next: number;
  /** Blank lines that stand for a context line whose space was lost. */
  readonly blanks: number;
  /** Index of the first line that another writer put inside the hunk. */
  readonly comment: number | undefined;
  readonly comments: number;
}

/** A line that starts something else: another hunk, another file, the signature, the next commit. */
export function endsHunk(lines: readonly ViewLine[], at: number): boolean {
  const line = lines[at];
  if (line === undefined) return true;
  const { text } = line;
  if (text.startsWith('@@ -') || text.startsWith('diff --git ') || text.startsWith('Index: '))
    return true;
  if (text === '-- ' || text === '--') return true;
  return (
    text.startsWith('--- ') &&
    lines[at + 1]?.text.startsWith('+++ ') === true &&
    lines[at + 2]?.text.startsWith('@@ -') === true
  );
}

/** A line that looks like part of a hunk, though the counts are used up. */
export function looksChanged(line: ViewLine | undefined): boolean {
  if (line === undefined || line.foreign === true) return false;
  return /^[ +-]/.test(line.text) && line.text.trim() !== '' && !/^--( |$)/.test(line.text);
}

/**
 * Reads exactly the lines that the header promises, when they are all well formed.
 * Undefined when they are not: a line without its first character, counts that do not come out even,
 * or changed lines that follow although the counts are used up.
 */
export function readHunk(
  lines: readonly ViewLine[],
  start: number,
  header: HunkHeader,
): HunkRead | undefined {
  const read: HunkLine[] = [];
  let old = header.oldCount;
  let added = header.newCount;
  let blanks = 0;
  let comment: number | undefined;
  let comments = 0;
  let at = start;
  while (old > 0 || added > 0) {
    const line = lines[at];
    if (line === undefined) return undefined;
    if (line.foreign === true) {
      comment ??= at;
      comments++;
      at++;
      continue;
    }
    if (line.text.startsWith('\\')) markNoNewline(read);
    else {
      const kind = kindOfMark(line.text);
      if (kind === undefined) return undefined;
      if (kind !== 'added' && --old < 0) return undefined;
      if (kind !== 'removed' && --added < 0) return undefined;
      if (line.text === '') blanks++;
      read.push({ kind, text: line.text.slice(1), line: line.line, noNewline: false });
    }
    at++;
  }
  const behind = lines[at];
  if (behind !== undefined && behind.foreign !== true && behind.text.startsWith('\\ ')) {
    markNoNewline(read);
    at++;
  }
  if (!endsHunk(lines, at) && looksChanged(lines[at])) return undefined;
  return { lines: read, next: at, blanks, comment, comments };
}

const kinds: Readonly<Record<string, HunkLine['kind']>> = {
  ' ': 'context',
  '+': 'added',
  '-': 'removed',
};

/** What the first character of a line says; an empty line is a context line whose space was lost. */
export function kindOfMark(text: string): HunkLine['kind'] | undefined {
  return kinds[text[0] ?? ' '];
}

/** Says of the line above that it ends the file without a newline. */
export function markNoNewline(read: HunkLine[]): void {
  const last = read.at(-1);
  if (last !== undefined) read[read.length - 1] = { ...last, noNewline: true };
}
