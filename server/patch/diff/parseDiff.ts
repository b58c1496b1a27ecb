import type { Notes } from '../notes.ts';
import type { FilePatch, FilePatchKind, Hunk } from '../patch.ts';
import { hunkHeader } from './hunkHeader.ts';
import { gitHeaderPaths, headerPath, unquotePath, withoutPrefix } from './paths.ts';
import { endsHunk, readHunk, type ViewLine } from './readHunk.ts';
import { repairHunk, type RepairContext } from './repairHunk.ts';

/** The files of one patch text, and what stood around them. */
export interface DiffRead {
  readonly files: readonly FilePatch[];
  /** Index of the first line of the first file; the number of lines where there is no diff. */
  readonly start: number;
  /** Indices of lines behind the first file that belong to no file: signature, trailers, prose. */
  readonly others: readonly number[];
}

/** A file patch while its lines are read. */
interface OpenFile {
  line: number;
  old?: string | undefined;
  new?: string | undefined;
  gitHeader: boolean;
  oldMode?: string;
  newMode?: string;
  oldHash?: string;
  newHash?: string;
  kind?: FilePatchKind;
  hasPaths: boolean;
  hunks: Hunk[];
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
  const close = (): void => {
    if (open !== undefined) {
      const file = closed(open, document, notes);
      if (file !== undefined) files.push(file);
    }
    open = undefined;
  };
  const begin = (at: number): void => {
    if (start > at) start = at;
  };

  let at = 0;
  while (at < lines.length) {
    const { text, line, foreign } = lines[at]!;
    if (foreign) {
      at++;
      continue;
    }
    if (text.startsWith('diff --git ')) {
      close();
      begin(at);
      open = { line, gitHeader: true, hasPaths: false, hunks: [] };
      const paths = gitHeaderPaths(text.slice(11, 9000).trimEnd());
      if (paths !== undefined) {
        const stripped = withoutPrefix(paths.old, paths.new);
        open.old = stripped.old;
        open.new = stripped.new;
      }
      at = readExtended(lines, at + 1, open);
      continue;
    }
    if (text.startsWith('--- ') && lines[at + 1]?.text.startsWith('+++ ') === true) {
      const before = headerPath(text.slice(4, 9000));
      const after = headerPath(lines[at + 1]!.text.slice(4, 9000));
      const plain = lines[at + 2]?.text.startsWith('@@ -') === true;
      if (plain || open?.gitHeader === true) {
        if (open === undefined || open.hasPaths || open.hunks.length > 0) {
          close();
          begin(at);
          open = { line, gitHeader: false, hasPaths: false, hunks: [] };
        }
        setPaths(
          open,
          before.kind === 'none' ? undefined : before.raw,
          after.kind === 'none' ? undefined : after.raw,
        );
        at += 2;
        continue;
      }
    }
    if (text.startsWith('@@ -')) {
      begin(at);
      hunks++;
      if (hunks > mostHunks) {
        notes.problem({ line }, `more than ${mostHunks} hunks in one patch; the rest was not read`);
        break;
      }
      const header = hunkHeader(text);
      const path = open?.new ?? open?.old;
      const number = (open?.hunks.length ?? 0) + 1;
      if (header === undefined) {
        notes.problem({ line, path, hunk: number }, 'not a hunk header: "' + shortened(text) + '"');
        at++;
        continue;
      }
      if (open === undefined) {
        notes.problem({ line }, 'hunk without a file: no --- and +++ lines above it');
        at++;
        continue;
      }
      const read = readHunk(lines, at + 1, header);
      if (read !== undefined) {
        if (read.blanks > 0)
          notes.repair(
            { line, path, hunk: number },
            'blank-context-space',
            `${read.blanks} blank context ${read.blanks === 1 ? 'line has' : 'lines have'} lost the space at the start`,
          );
        if (read.comment !== undefined)
          notes.repair(
            { line: lines[read.comment]!.line, path, hunk: number },
            'comment-inside-hunk',
            `${read.comments} ${read.comments === 1 ? 'line that is' : 'lines that are'} not part of the patch left out`,
          );
        open.hunks.push({ line, ...header, lines: read.lines });
        at = read.next;
      } else {
        const repaired = repairHunk(lines, at, header, { ...context, path, hunk: number }, notes);
        open.hunks.push(repaired.hunk);
        at = repaired.next;
      }
      continue;
    }
    if (open !== undefined && (text.startsWith('Binary files ') || text === 'GIT binary patch')) {
      open.kind = 'binary';
      at = skipBinary(lines, at);
      continue;
    }
    if (text.startsWith('Binary files ') && text.endsWith(' differ')) {
      const paths = /^Binary files (.{1,4096}) and (.{1,4096}) differ$/.exec(text);
      if (paths !== null) {
        close();
        begin(at);
        open = { line, gitHeader: false, hasPaths: false, hunks: [], kind: 'binary' };
        setPaths(open, absent(paths[1]!), absent(paths[2]!));
        close();
        at++;
        continue;
      }
    }
    if (text.startsWith('diff --cc ') || text.startsWith('diff --combined ')) {
      close();
      begin(at);
      notes.problem(
        { line, path: text.slice(text.indexOf(' ', 7) + 1, 300) },
        'the combined diff of a merge is not read',
        'show the merge against one parent: git show -m',
      );
      at++;
      while (at < lines.length && !endsHunk(lines, at)) at++;
      continue;
    }
    if (text.startsWith('***************') && lines[at + 1]?.text.startsWith('*** ') === true)
      notes.problem({ line }, 'a context diff, which is not read', 'make a unified one: diff -u');
    if (start < lines.length) others.push(at);
    at++;
  }
  close();
  return { files, start, others };
}

function absent(path: string): string | undefined {
  return path === '/dev/null' ? undefined : path;
}

function setPaths(open: OpenFile, before: string | undefined, after: string | undefined): void {
  const stripped = withoutPrefix(before, after);
  open.hasPaths = true;
  // A rename header names both sides without prefix, and is the better source.
  if (open.kind === 'rename' || open.kind === 'copy') return;
  open.old = stripped.old;
  open.new = stripped.new;
}

/** The lines between `diff --git` and the first hunk that git writes. */
function readExtended(lines: readonly ViewLine[], from: number, open: OpenFile): number {
  let at = from;
  for (; at < lines.length; at++) {
    const { text, foreign } = lines[at]!;
    if (foreign) continue;
    const short = text.slice(0, 9000).trimEnd();
    const words = short.split(' ');
    if (short.startsWith('old mode ')) open.oldMode = words[2]!;
    else if (short.startsWith('new mode ')) open.newMode = words[2]!;
    else if (short.startsWith('deleted file mode ')) {
      open.kind = 'delete';
      open.oldMode = words[3]!;
      open.new = undefined;
    } else if (short.startsWith('new file mode ')) {
      open.kind = 'create';
      open.newMode = words[3]!;
      open.old = undefined;
    } else if (short.startsWith('rename from ') || short.startsWith('copy from ')) {
      open.kind = short.startsWith('rename') ? 'rename' : 'copy';
      open.old = pathOf(short.slice(short.indexOf(' from ') + 6));
    } else if (short.startsWith('rename to ') || short.startsWith('copy to ')) {
      open.kind = short.startsWith('rename') ? 'rename' : 'copy';
      open.new = pathOf(short.slice(short.indexOf(' to ') + 4));
    } else if (short.startsWith('index ')) {
      const found = /^index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: (\d{6}))?$/.exec(short);
      if (found !== null) {
        open.oldHash = found[1]!;
        open.newHash = found[2]!;
        if (found[3] !== undefined) {
          open.oldMode ??= found[3];
          open.newMode ??= found[3];
        }
      }
    } else if (!short.startsWith('similarity index ') && !short.startsWith('dissimilarity index '))
      break;
  }
  return at;
}

function pathOf(text: string): string {
  return unquotePath(text)?.path ?? text;
}

/** Behind a binary notice: a binary patch goes up to the next file. */
function skipBinary(lines: readonly ViewLine[], from: number): number {
  if (lines[from]!.text !== 'GIT binary patch') return from + 1;
  let at = from + 1;
  while (at < lines.length && !endsHunk(lines, at)) at++;
  return at;
}

function closed(open: OpenFile, document: string, notes: Notes): FilePatch | undefined {
  const { old, new: fresh } = open;
  if (old === undefined && fresh === undefined) {
    notes.problem({ line: open.line }, 'no path: the diff names no file', 'fetch the raw message');
    return undefined;
  }
  let kind = open.kind;
  if (kind === undefined) {
    if (old === undefined) kind = 'create';
    else if (fresh === undefined) kind = 'delete';
    else if (open.hunks.length > 0) kind = old === fresh ? 'modify' : 'rename';
    else if (open.oldMode !== open.newMode) kind = 'mode';
    else if (open.oldHash !== undefined && open.oldHash === open.newHash) kind = 'mode';
    else if (open.newHash !== undefined && /^e69de29/.test(open.newHash)) kind = 'modify';
    else {
      kind = 'modify';
      notes.warning(
        { line: open.line, path: fresh },
        'a file header without hunks: nothing changes here',
      );
    }
  }
  return {
    kind,
    document,
    line: open.line,
    ...(old === undefined || kind === 'create' ? {} : { oldPath: old }),
    ...(fresh === undefined || kind === 'delete' ? {} : { newPath: fresh }),
    ...(open.oldMode === undefined ? {} : { oldMode: open.oldMode }),
    ...(open.newMode === undefined ? {} : { newMode: open.newMode }),
    ...(open.oldHash === undefined ? {} : { oldHash: open.oldHash }),
    ...(open.newHash === undefined ? {} : { newHash: open.newHash }),
    hunks: open.hunks,
  };
}

function shortened(text: string): string {
  return text.length > 80 ? text.slice(0, 79) + '…' : text;
}
