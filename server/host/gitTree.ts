import { textOf } from './decode.ts';
import type { Git } from './git.ts';
import type { GitObjects } from './gitObjects.ts';
import type { Entry, ReadResult } from './host.ts';

/** The files of one commit, by absolute paths below the top folder of the repository. */
export interface CommitFiles {
  readText(path: string): ReadResult;
  list(path: string): readonly Entry[] | undefined;
}

/** An entry of a tree object. */
interface TreeEntry extends Entry {
  /** Hash in hexadecimal digits. */
  readonly id: string;
}

/** Reads a commit's files when they are asked for, each once. Symbolic links are named as such and not followed. */
export function commitFiles(git: Git, top: string, commit: string): CommitFiles {
  const texts = new Map<string, ReadResult>();
  const folders = new Map<string, ReadonlyMap<string, TreeEntry> | undefined>();
  const objects = git.objects();

  const treeAt = (folder: string): ReadonlyMap<string, TreeEntry> | undefined => {
    if (!folders.has(folder)) folders.set(folder, readTree(folder));
    return folders.get(folder);
  };
  const readTree = (folder: string): ReadonlyMap<string, TreeEntry> | undefined => {
    let name = `${commit}^{tree}`;
    if (folder !== top) {
      const entry = entryAt(folder);
      if (entry?.kind !== 'folder') return undefined;
      name = entry.id;
    }
    const tree = objects.read(name);
    return tree.ok && tree.kind === 'tree' ? entriesOf(tree.bytes, tree.id.length / 2) : undefined;
  };
  const entryAt = (path: string): TreeEntry | undefined => {
    if (!path.startsWith(`${top}/`)) return undefined;
    const slash = path.lastIndexOf('/');
    return treeAt(path.slice(0, slash))?.get(path.slice(slash + 1));
  };
  return {
    list: (path) => {
      const tree = path === top || path.startsWith(`${top}/`) ? treeAt(path) : undefined;
      return tree && [...tree.values()];
    },
    readText: (path) => {
      const known = texts.get(path);
      if (known !== undefined) return known;
      const read = readBlob(objects, path, entryAt(path));
      texts.set(path, read);
      return read;
    },
  };
}

function readBlob(objects: GitObjects, path: string, entry: TreeEntry | undefined): ReadResult {
  const none = (reason: string): ReadResult => ({ ok: false, problem: { file: path, reason } });
  if (entry?.kind !== 'file') return none('no such file in the commit');
  const blob = objects.read(entry.id);
  return blob.ok ? textOf(path, blob.bytes) : none(blob.reason);
}

/** `MODE NAME` entries as text, each ended by NUL and followed by the bytes of its hash. */
function entriesOf(tree: Uint8Array, hashBytes: number): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  const bytes = Buffer.from(tree.buffer, tree.byteOffset, tree.length);
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(' ', at);
    const nul = bytes.indexOf(0, space);
    const name = bytes.toString('utf8', space + 1, nul);
    const id = bytes.toString('hex', nul + 1, nul + 1 + hashBytes);
    entries.set(name, { name, kind: kindOf(bytes.toString('latin1', at, space)), id });
    at = nul + 1 + hashBytes;
  }
  return entries;
}

/** Modes of git: 40000 a folder, 100644 and 100755 files, 120000 a link, 160000 another repository. */
function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '40000') return 'folder';
  if (mode === '120000') return 'link';
  return mode.startsWith('100') ? 'file' : 'other';
}
