import type { Notes } from '../notes.ts';
import type { FilePatch, FilePatchKind, Hunk } from '../patch.ts';
import { gitHeaderPaths, headerPath, unquotePath, withoutPrefix } from './paths.ts';
import type { ViewLine } from './readHunk.ts';

/** Longest line of a file header that is looked at; paths are at most 4096 characters each. */
const headerUnits = 9000;

/** A file patch while its lines are read. */
export interface OpenFile {
  readonly line: number;
  readonly gitHeader: boolean;
  old?: string | undefined;
  new?: string | undefined;
  oldMode?: string;
  newMode?: string;
  oldHash?: string;
  newHash?: string;
  kind?: FilePatchKind;
  /** `---` and `+++` were read. */
  hasPaths: boolean;
  readonly hunks: Hunk[];
}

/** Begins a file at its `diff --git` line and reads what git writes below it; `next` is the first line behind. */
export function gitHeader(
  lines: readonly ViewLine[],
  at: number,
): { open: OpenFile; next: number } {
  const { text, line } = lines[at]!;
  const open: OpenFile = { line, gitHeader: true, hasPaths: false, hunks: [] };
  const paths = gitHeaderPaths(text.slice('diff --git '.length, headerUnits).trimEnd());
  if (paths !== undefined) {
    const stripped = withoutPrefix(paths.old, paths.new);
    open.old = stripped.old;
    open.new = stripped.new;
  }
  let next = at + 1;
  while (
    next < lines.length &&
    (lines[next]!.foreign === true || readExtended(lines[next]!.text, open))
  )
    next++;
  return { open, next };
}

/** Begins a file without a git header. */
export function plainHeader(line: number): OpenFile {
  return { line, gitHeader: false, hasPaths: false, hunks: [] };
}

/** Takes one extended header line; false when it is none. */
function readExtended(text: string, open: OpenFile): boolean {
  const short = text.slice(0, headerUnits).trimEnd();
  const after = (start: string): string | undefined =>
    short.startsWith(start) ? short.slice(start.length) : undefined;
  const path = (quoted: string): string => unquotePath(quoted)?.path ?? quoted;

  const oldMode = after('old mode ') ?? after('deleted file mode ');
  const newMode = after('new mode ') ?? after('new file mode ');
  if (oldMode !== undefined) open.oldMode = oldMode;
  if (newMode !== undefined) open.newMode = newMode;
  if (short.startsWith('deleted file mode ')) {
    open.kind = 'delete';
    open.new = undefined;
  }
  if (short.startsWith('new file mode ')) {
    open.kind = 'create';
    open.old = undefined;
  }
  const from = after('rename from ') ?? after('copy from ');
  const to = after('rename to ') ?? after('copy to ');
  if (from !== undefined) open.old = path(from);
  if (to !== undefined) open.new = path(to);
  if (from !== undefined || to !== undefined)
    open.kind = short.startsWith('rename') ? 'rename' : 'copy';

  const index = /^index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: (\d{6}))?$/.exec(short);
  if (index !== null) {
    open.oldHash = index[1]!;
    open.newHash = index[2]!;
    if (index[3] !== undefined) {
      open.oldMode ??= index[3];
      open.newMode ??= index[3];
    }
  }
  return (
    oldMode !== undefined ||
    newMode !== undefined ||
    from !== undefined ||
    to !== undefined ||
    /^(?:index|(?:dis)?similarity index) /.test(short)
  );
}

/** Takes the paths of a `---` line and the `+++` line below it. */
export function takePaths(open: OpenFile, before: ViewLine, after: ViewLine, notes: Notes): void {
  const old = headerPath(before.text.slice(4, headerUnits));
  const fresh = headerPath(after.text.slice(4, headerUnits));
  if (open.gitHeader && open.old === undefined && open.new === undefined && open.kind === undefined)
    notes.repair(
      { line: open.line, path: fresh ?? old },
      'damaged-path',
      'the diff --git line is damaged; the paths are those of the lines --- and +++',
    );
  open.hasPaths = true;
  // A rename header names both sides without prefix, and is the better source.
  if (open.kind === 'rename' || open.kind === 'copy') return;
  const stripped = withoutPrefix(old, fresh);
  const spaceless = (path: string): string => path.replaceAll(' ', '');
  if (
    stripped.old !== undefined &&
    stripped.new !== undefined &&
    stripped.old !== stripped.new &&
    spaceless(stripped.old) === spaceless(stripped.new)
  ) {
    const shorter = stripped.old.length < stripped.new.length ? stripped.old : stripped.new;
    notes.repair(
      { line: open.line, path: shorter },
      'damaged-path',
      'a space in one of the two paths taken out',
    );
    stripped.old = stripped.new = shorter;
  }
  open.old = stripped.old;
  open.new = stripped.new;
}

/** Takes the paths of a `Binary files a and b differ` line; false when it is none. */
export function takeBinaryPaths(open: OpenFile, text: string): boolean {
  const found = /^Binary files (.{1,4096}) and (.{1,4096}) differ$/.exec(
    text.slice(0, headerUnits),
  );
  if (found === null) return false;
  const given = (path: string): string | undefined => (path === '/dev/null' ? undefined : path);
  const stripped = withoutPrefix(given(found[1]!), given(found[2]!));
  open.old = stripped.old;
  open.new = stripped.new;
  open.kind = 'binary';
  return true;
}

/** The finished file patch; undefined, with a problem, where the diff names no file. */
export function closedFile(open: OpenFile, document: string, notes: Notes): FilePatch | undefined {
  const { old, new: fresh } = open;
  if (old === undefined && fresh === undefined) {
    notes.problem({ line: open.line }, 'no path: the diff names no file', 'fetch the raw message');
    return undefined;
  }
  const kind = open.kind ?? kindOf(open);
  if (kind === 'modify' && open.hunks.length === 0)
    notes.warning(
      { line: open.line, path: fresh },
      'a file header without hunks: nothing changes here',
    );
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

function kindOf(open: OpenFile): FilePatchKind {
  if (open.old === undefined) return 'create';
  if (open.new === undefined) return 'delete';
  if (open.old !== open.new) return 'rename';
  return open.hunks.length === 0 && open.oldMode !== open.newMode ? 'mode' : 'modify';
}
