import type { Notes } from '../notes.ts';
import type { Hunk, HunkLine, MissingLines } from '../patch.ts';
import { alignHunk, type Alignment, type Step } from './alignHunk.ts';
import type { HunkHeader } from './hunkHeader.ts';
import { endsHunk, markNoNewline, type ViewLine } from './readHunk.ts';

/** What is known about the text around a damaged hunk. */
export interface RepairContext {
  /** The message is a reply: comments stand between the lines, and quotes are trimmed. */
  readonly reply: boolean;
  /** Nowhere in the message is a blank line: something on the way dropped them. */
  readonly blankless: boolean;
  /** Lines that may still be aligned in this document; hostile input costs a bounded time. */
  readonly budget: { left: number };
}

/** Lines aligned per document. */
export const alignmentBudget = 40_000;

/** Longest damaged hunk that is aligned. Unit: lines. */
const longestRegion = 4000;

/** Reads a hunk whose lines are not what its header promises; says what was put right, or why it cannot be used. */
export function repairHunk(
  lines: readonly ViewLine[],
  headerAt: number,
  header: HunkHeader,
  context: RepairContext & { readonly path: string | undefined; readonly hunk: number },
  notes: Notes,
): { hunk: Hunk; next: number } {
  const line = lines[headerAt]!.line;
  const end = regionEnd(lines, headerAt + 1, header);
  context.budget.left -= end - headerAt;
  if (context.budget.left < 0) {
    notes.problem(
      { line, path: context.path, hunk: context.hunk },
      'not read: too much of the patch is damaged',
    );
    const missing: MissingLines = { why: 'cut', old: header.oldCount, new: header.newCount };
    return { hunk: { line, ...header, lines: [], missing }, next: end };
  }
  const alignment = alignHunk(
    lines.slice(headerAt, end),
    header,
    context.reply ? 'reply' : 'patch',
  );
  const at = { line, path: context.path, hunk: context.hunk };
  const { read, section } = put(lines, headerAt, alignment.steps, header.section);
  const missing = missingLines(header, alignment, context);
  name(lines, headerAt, alignment.steps, context, notes);
  if (missing?.why === 'cut') {
    notes.problem(
      at,
      unevenCounts(header, missing),
      'the mail was wrapped or cut; fetch the raw message',
    );
  } else if (missing?.why === 'trimmed') {
    notes.repair(
      at,
      'quote-trimmed',
      `the reply ends the quote after ${header.oldCount - missing.old} of ${header.oldCount} old and ${header.newCount - missing.new} of ${header.newCount} new lines`,
    );
  } else if (missing !== undefined) {
    notes.repair(
      at,
      'lost-blank-lines',
      `${missing.old} blank context ${missing.old === 1 ? 'line was' : 'lines were'} dropped on the way`,
    );
  } else if (alignment.trailing > 0) {
    notes.warning(
      at,
      `${alignment.trailing} more context ${alignment.trailing === 1 ? 'line follows' : 'lines follow'} than the hunk header promises`,
    );
  }
  return {
    hunk: {
      line,
      ...header,
      section,
      lines: read,
      ...(missing === undefined ? {} : { missing }),
    },
    next: headerAt + 1 + alignment.used,
  };
}

/** How the counts of a hunk and its lines disagree, as a clause. */
export function unevenCounts(
  counts: Pick<HunkHeader, 'oldCount' | 'newCount'>,
  missing: MissingLines,
): string {
  if (missing.why === 'unreadable') return 'the header cannot be read';
  const side = missing.old === 0 ? 'new' : 'old';
  const promised = side === 'old' ? counts.oldCount : counts.newCount;
  const short = side === 'old' ? missing.old : missing.new;
  return `the header promises ${promised} ${side} ${promised === 1 ? 'line' : 'lines'}, ${promised - short} follow`;
}

function regionEnd(lines: readonly ViewLine[], start: number, header: HunkHeader): number {
  const most = Math.min(header.oldCount + header.newCount + 200, longestRegion);
  let end = start;
  while (end - start < most && !endsHunk(lines, end)) end++;
  return end;
}

function missingLines(
  header: HunkHeader,
  alignment: Alignment,
  context: RepairContext,
): MissingLines | undefined {
  const old = header.oldCount - alignment.old;
  const fresh = header.newCount - alignment.new;
  if (alignment.surplus !== undefined)
    return { why: 'cut', old: old - alignment.surplus.old, new: fresh - alignment.surplus.new };
  if (old === 0 && fresh === 0) return undefined;
  const whole = alignment.rest === 'nothing';
  if (context.blankless && whole && old === fresh) return { why: 'blank', old, new: fresh };
  return { why: context.reply ? 'trimmed' : 'cut', old, new: fresh };
}

function put(
  lines: readonly ViewLine[],
  headerAt: number,
  steps: readonly Step[],
  section: string,
): { read: HunkLine[]; section: string } {
  const read: HunkLine[] = [];
  for (const [index, step] of steps.entries()) {
    const { text, line } = lines[headerAt + 1 + index]!;
    if (step === 'marker') markNoNewline(read);
    else if (step === 'join') {
      const last = read.at(-1);
      if (last === undefined) section = spaced(section, text);
      else read[read.length - 1] = { ...last, text: spaced(last.text, text) };
    } else if (step === 'bare') read.push({ kind: 'context', text, line, noNewline: false });
    else if (step !== 'skip')
      read.push({ kind: step, text: text.slice(1), line, noNewline: false });
  }
  return { read, section };
}

function spaced(first: string, second: string): string {
  return /\s$/.test(first) ? first + second : `${first} ${second}`;
}

/** Names each kind of repair once per hunk, at its first line; wrapped lines each. */
function name(
  lines: readonly ViewLine[],
  headerAt: number,
  steps: readonly Step[],
  context: { readonly path: string | undefined; readonly hunk: number },
  notes: Notes,
): void {
  const found = new Map<string, { line: number; count: number }>();
  for (const [index, step] of steps.entries()) {
    const { text, line, foreign } = lines[headerAt + 1 + index]!;
    const kind =
      step === 'context' && text === ''
        ? 'blank'
        : step === 'skip' && text === '' && !foreign
          ? ''
          : step;
    const entry = found.get(kind);
    if (entry === undefined) found.set(kind, { line, count: 1 });
    else entry.count++;
    if (step === 'join')
      notes.repair(
        { ...context, line },
        'wrapped-line',
        `joined to the line above, as the counts of the hunk prove`,
      );
  }
  const say = (
    kind: string,
    repair: Parameters<Notes['repair']>[1],
    one: string,
    many: string,
  ): void => {
    const entry = found.get(kind);
    if (entry !== undefined)
      notes.repair(
        { ...context, line: entry.line },
        repair,
        entry.count === 1 ? one : `${entry.count} ${many}`,
      );
  };
  say(
    'blank',
    'blank-context-space',
    '1 blank context line has lost the space at the start',
    'blank context lines have lost the space at the start',
  );
  say(
    'bare',
    'lost-context-space',
    '1 context line has lost the space at the start',
    'context lines have lost the space at the start',
  );
  say(
    'skip',
    'comment-inside-hunk',
    '1 line that is not part of the patch left out',
    'lines that are not part of the patch left out',
  );
}
