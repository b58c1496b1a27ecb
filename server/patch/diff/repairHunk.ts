import type { Notes } from '../notes.ts';
import type { Hunk } from '../patch.ts';
import type { HunkHeader } from './hunkHeader.ts';
import { endsHunk, markNoNewline, type ViewLine } from './readHunk.ts';

/** What is known about the text around a damaged hunk. */
export interface RepairContext {
  /** The message is a reply: comments stand between the lines, and quotes are trimmed. */
  readonly reply: boolean;
}

/** Reads a hunk whose lines are not what its header promises. */
export function repairHunk(
  lines: readonly ViewLine[],
  headerAt: number,
  header: HunkHeader,
  context: RepairContext & { readonly path: string | undefined; readonly hunk: number },
  notes: Notes,
): { hunk: Hunk; next: number } {
  const line = lines[headerAt]!.line;
  const read: Hunk['lines'][number][] = [];
  let old = header.oldCount;
  let added = header.newCount;
  let at = headerAt + 1;
  for (; (old > 0 || added > 0) && !endsHunk(lines, at); at++) {
    const { text, foreign, line: place } = lines[at]!;
    if (foreign) continue;
    const mark = text[0] ?? ' ';
    if (mark === '\\') markNoNewline(read);
    else {
      const kind = mark === '+' ? 'added' : mark === '-' ? 'removed' : 'context';
      if (kind !== 'added') old--;
      if (kind !== 'removed') added--;
      read.push({
        kind,
        text: mark === '+' || mark === '-' || mark === ' ' ? text.slice(1) : text,
        line: place,
        noNewline: false,
      });
    }
  }
  if (old === 0 && added === 0) return { hunk: { line, ...header, lines: read }, next: at };
  const promised = header.oldCount;
  notes.problem(
    { line, path: context.path, hunk: context.hunk },
    `hunk header promises ${promised} old lines, ${promised - old} follow`,
    'the mail was wrapped or cut; fetch the raw message',
  );
  return {
    hunk: { line, ...header, lines: read, missing: { why: 'cut', old, new: added } },
    next: at,
  };
}
