import type { Notes } from '../notes.ts';
import type { FilePatch, Hunk } from '../patch.ts';
import { hunkHeader } from './hunkHeader.ts';
import {
  closedFile,
  gitHeader,
  plainHeader,
  takeBinaryPaths,
  takePaths,
  type OpenFile,
} from './openFile.ts';
import { isProse } from './prose.ts';
import { endsHunk, readHunk, type HunkRead, type ViewLine } from './readHunk.ts';
import { repairHunk, type RepairContext } from './repairHunk.ts';

/** The files of one patch text, and what stood around them. */
export interface DiffRead {
  readonly files: readonly FilePatch[];
  /** Index of the first line of the first file; the number of lines where there is no diff. */
  readonly start: number;
  /** Indices of lines behind the first file that belong to no file: signature, trailers, prose. */
  readonly others: readonly number[];
}

/** Hunks that are read per document; a release of the kernel has some 80,000. */
const mostHunks = 200_000;

/**
 * Reads git and plain unified diffs out of the lines of one message.
 * The `@@` counts decide where a hunk ends, so a removed line that looks like a header stays a removed line.
 */
export function parseDiff(
  lines: readonly ViewLine[],
  document: string,
  notes: Notes,
  context: RepairContext,
): DiffRead {
  const files: FilePatch[] = [];
  const others: number[] = [];
  let start = lines.length;
  let open: OpenFile | undefined;
  let hunks = 0;
  const begin = (next: OpenFile | undefined, at: number): void => {
    const file = open === undefined ? undefined : closedFile(open, document, notes);
    if (file !== undefined) files.push(file);
    open = next;
    start = Math.min(start, at);
  };

  let at = 0;
  while (at < lines.length) {
    const { text, line, foreign } = lines[at]!;
    const below = lines[at + 1];
    if (foreign === true) at++;
    else if (text.startsWith('diff --git ')) {
      const header = gitHeader(lines, at);
      begin(header.open, at);
      at = header.next;
    } else if (startsFile(lines, at, open)) {
      if (open === undefined || open.hasPaths || open.hunks.length > 0)
        begin(plainHeader(line), at);
      takePaths(open!, lines[at]!, below!, notes);
      at += 2;
    } else if (text.startsWith('@@ -')) {
      if (++hunks > mostHunks) {
        notes.problem({ line }, `more than ${mostHunks} hunks in one patch; the rest was not read`);
        break;
      }
      start = Math.min(start, at);
      at = takeHunk(lines, at, open, context, notes);
    } else if (text.startsWith('Binary files ') || text === 'GIT binary patch') {
      const next = open ?? plainHeader(line);
      if (text === 'GIT binary patch') next.kind = 'binary';
      else if (!takeBinaryPaths(next, text)) {
        at++;
        continue;
      }
      if (open === undefined) begin(next, at);
      at = behindBinary(lines, at);
      begin(undefined, at);
    } else if (/^diff --(?:cc|combined) /.test(text.slice(0, 20))) {
      begin(undefined, at);
      notes.problem(
        { line, path: text.slice(text.indexOf(' ', 7) + 1, 300) },
        'the combined diff of a merge is not read',
        'show the merge against one parent: git show -m',
      );
      at = behindRegion(lines, at);
    } else {
      if (text.startsWith('***************') && below?.text.startsWith('*** ') === true)
        notes.problem({ line }, 'a context diff, which is not read', 'make a unified one: diff -u');
      if (start < lines.length) others.push(at);
      at++;
    }
  }
  begin(undefined, lines.length);
  nameStrays(lines, others, files, notes);
  return { files, start: Math.min(start, lines.length), others };
}

/** A pair of `---` and `+++`, with a hunk below it or a git header above it. */
function startsFile(lines: readonly ViewLine[], at: number, open: OpenFile | undefined): boolean {
  if (!lines[at]!.text.startsWith('--- ') || lines[at + 1]?.text.startsWith('+++ ') !== true)
    return false;
  const bare = open?.gitHeader === true && !open.hasPaths;
  return bare || lines[at + 2]?.text.startsWith('@@ -') === true;
}

/** Reads one hunk into the open file; gives the index behind it. */
function takeHunk(
  lines: readonly ViewLine[],
  at: number,
  open: OpenFile | undefined,
  context: RepairContext,
  notes: Notes,
): number {
  const { text, line } = lines[at]!;
  const place = { line, path: open?.new ?? open?.old, hunk: (open?.hunks.length ?? 0) + 1 };
  const header = hunkHeader(text);
  if (header === undefined) {
    notes.problem(
      place,
      `not a hunk header: "${text.length > 80 ? text.slice(0, 79) + '…' : text}"`,
    );
    open?.hunks.push(unreadable(line));
    return behindRegion(lines, at);
  }
  if (open === undefined) {
    notes.problem(place, 'no file: there are no --- and +++ lines above it');
    return at + 1;
  }
  const read = readHunk(lines, at + 1, header);
  if (read === undefined) {
    const repaired = repairHunk(lines, at, header, { ...context, ...place }, notes);
    open.hunks.push(repaired.hunk);
    return repaired.next;
  }
  nameDamage(read, lines, place, notes);
  open.hunks.push({ line, ...header, lines: read.lines });
  return read.next;
}

/** Stands for a hunk whose header cannot be read, so that its file is not taken for applied. */
function unreadable(line: number): Hunk {
  const missing = { why: 'unreadable', old: 0, new: 0 } as const;
  return {
    line,
    oldStart: 0,
    oldCount: 0,
    newStart: 0,
    newCount: 0,
    section: '',
    lines: [],
    missing,
  };
}

function nameDamage(
  read: HunkRead,
  lines: readonly ViewLine[],
  place: { readonly line: number; readonly path: string | undefined; readonly hunk: number },
  notes: Notes,
): void {
  if (read.blanks > 0)
    notes.repair(
      place,
      'blank-context-space',
      `${read.blanks} blank context ${read.blanks === 1 ? 'line has' : 'lines have'} lost the space at the start`,
    );
  if (read.comment !== undefined)
    notes.repair(
      { ...place, line: lines[read.comment]!.line },
      'comment-inside-hunk',
      `${read.comments} ${read.comments === 1 ? 'line that is' : 'lines that are'} not part of the patch left out`,
    );
}

/** Behind a binary notice: a binary patch goes up to the next file. */
function behindBinary(lines: readonly ViewLine[], from: number): number {
  return lines[from]!.text === 'GIT binary patch' ? behindRegion(lines, from) : from + 1;
}

/** The next line behind `from` that starts something else. */
function behindRegion(lines: readonly ViewLine[], from: number): number {
  let at = from + 1;
  while (at < lines.length && !endsHunk(lines, at)) at++;
  return at;
}

/** Code that a mail proposes without a hunk header around it is not part of the patch; say so. */
function nameStrays(
  lines: readonly ViewLine[],
  others: readonly number[],
  files: readonly FilePatch[],
  notes: Notes,
): void {
  if (files.length === 0) return;
  const strays = others
    .map((at) => lines[at]!)
    .filter(
      ({ text }) => /^\+[ \t]*\S/.test(text) && !text.startsWith('+++') && !isProse(text.slice(1)),
    );
  const first = strays[0];
  if (first === undefined) return;
  notes.warning(
    { line: first.line },
    `${strays.length} added ${strays.length === 1 ? 'line stands' : 'lines stand'} outside of any hunk and ${strays.length === 1 ? 'is' : 'are'} not part of the patch`,
  );
}
