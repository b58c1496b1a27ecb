import type { Notes } from '../notes.ts';
import type { Hunk, HunkLine, MissingLines } from '../patch.ts';
import { alignHunk, type Alignment, type Step } from './alignHunk.ts';
import type { HunkHeader } from './hunkHeader.ts';
import { nameRepairs } from './nameRepairs.ts';
import { endsHunk, kindOfMark, markNoNewline, type ViewLine } from './readHunk.ts';

/** What is known about the text around a damaged hunk. */
export interface RepairContext {
  /** The message is a reply: comments stand between the lines, and quotes are trimmed. */
  readonly reply: boolean;
  /** Nowhere in the message is a blank line: something on the way dropped them. */
  readonly blankless: boolean;
  /** Lines that may still be aligned in this document; hostile input costs a bounded time. */
  readonly budget: { left: number };
}

/** A hunk, and the index of the first line behind it. */
export interface Repaired {
  readonly hunk: Hunk;
  readonly next: number;
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
): Repaired {
  const { line } = lines[headerAt]!;
  const at = { line, path: context.path, hunk: context.hunk };
  const end = regionEnd(lines, headerAt + 1, header);
  context.budget.left -= end - headerAt;
  if (context.budget.left < 0) {
    notes.problem(at, 'not read: too much of the patch is damaged');
    const missing: MissingLines = { why: 'cut', old: header.oldCount, new: header.newCount };
    return { hunk: { line, ...header, lines: [], missing }, next: end };
  }
  const region = lines.slice(headerAt, end);
  const alignment = alignHunk(region, header, context.reply ? 'reply' : 'patch');
  const missing = missingLines(header, alignment, context);
  if (missing === 'uneven') {
    const cut = cutHunk(region, header);
    notes.problem(
      at,
      unevenCounts(cut, cut.missing!),
      'the mail was wrapped or cut; fetch the raw message',
    );
    return { hunk: cut, next: headerAt + 1 + cut.lines.length };
  }
  nameRepairs(region, alignment.steps, at, notes);
  if (missing?.why === 'trimmed')
    notes.repair(
      at,
      'quote-trimmed',
      `the reply ends the quote after ${alignment.old} of ${header.oldCount} old and ${alignment.new} of ${header.newCount} new lines`,
    );
  else if (missing?.why === 'blank')
    notes.repair(
      at,
      'lost-blank-lines',
      `${missing.old} blank context ${missing.old === 1 ? 'line was' : 'lines were'} dropped on the way`,
    );
  else if (alignment.trailing > 0)
    notes.warning(
      at,
      `${alignment.trailing} more context ${alignment.trailing === 1 ? 'line follows' : 'lines follow'} than the header promises`,
    );
  const hunk: Hunk = {
    line,
    ...header,
    ...alignedLines(region, alignment.steps, header.section),
    ...(missing === undefined ? {} : { missing }),
  };
  return { hunk, next: headerAt + 1 + alignment.used };
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
): MissingLines | undefined | 'uneven' {
  const old = header.oldCount - alignment.old;
  const fresh = header.newCount - alignment.new;
  if (alignment.surplus) return 'uneven';
  if (old === 0 && fresh === 0) return undefined;
  const inside = context.blankless && alignment.whole && old === fresh;
  if (inside) return { why: 'blank', old, new: fresh };
  return context.reply ? { why: 'trimmed', old, new: fresh } : 'uneven';
}

/** The hunk as far as its lines are well formed, for those who want to look at it; it is not applied. */
function cutHunk(region: readonly ViewLine[], header: HunkHeader): Hunk {
  const read: HunkLine[] = [];
  for (const { text, line, foreign } of region.slice(1)) {
    const kind = foreign === true ? undefined : kindOfMark(text);
    if (kind === undefined) break;
    read.push({ kind, text: text.slice(1), line, noNewline: false });
  }
  while (read.at(-1)?.kind === 'context' && read.at(-1)!.text === '') read.pop();
  const count = (other: HunkLine['kind']): number =>
    read.filter(({ kind }) => kind !== other).length;
  const missing: MissingLines = {
    why: 'cut',
    old: header.oldCount - count('added'),
    new: header.newCount - count('removed'),
  };
  return { line: region[0]!.line, ...header, lines: read, missing };
}

/** The lines of a hunk as they were aligned, and the section that a wrapped header goes on with. */
function alignedLines(
  region: readonly ViewLine[],
  steps: readonly Step[],
  section: string,
): { lines: HunkLine[]; section: string } {
  const lines: HunkLine[] = [];
  for (const [index, step] of steps.entries()) {
    const { text, line } = region[1 + index]!;
    if (step === 'marker') markNoNewline(lines);
    else if (step === 'join') {
      const last = lines.at(-1);
      if (last === undefined) section = joined(section, text);
      else lines[lines.length - 1] = { ...last, text: joined(last.text, text) };
    } else if (step === 'bare') lines.push({ kind: 'context', text, line, noNewline: false });
    else if (step !== 'skip')
      lines.push({ kind: step, text: text.slice(1), line, noNewline: false });
  }
  return { lines, section };
}

function joined(first: string, second: string): string {
  return /\s$/.test(first) ? first + second : `${first} ${second}`;
}
