import type { Git } from './git.ts';
import type { Entry, ReadResult } from './host.ts';

/** The files of one commit, by absolute paths below the top folder of the repository. */
export interface CommitFiles {
  readText(path: string): ReadResult;
  list(path: string): readonly Entry[] | undefined;
}

/** Reads a commit's files one by one, each once. Symbolic links are named as such and not followed. */
export function commitFiles(git: Git, top: string, commit: string): CommitFiles {
  const texts = new Map<string, ReadResult>();
  const folders = new Map<string, readonly Entry[] | undefined>();
  const below = (path: string): string | undefined => {
    if (path === top) return '';
    return path.startsWith(`${top}/`) ? path.slice(top.length + 1) : undefined;
  };
  const list = (path: string): readonly Entry[] | undefined => {
    const folder = below(path);
    if (folder === undefined) return undefined;
    if (!folders.has(folder)) {
      const listed = git.run(['ls-tree', '-z', '--end-of-options', `${commit}:${folder}`]);
      folders.set(folder, listed.ok ? entriesOf(listed.text) : undefined);
    }
    return folders.get(folder);
  };
  return {
    list,
    readText: (path) => {
      const known = texts.get(path);
      if (known !== undefined) return known;
      const read = readBlob(git, commit, path, below(path), list);
      texts.set(path, read);
      return read;
    },
  };
}

function readBlob(
  git: Git,
  commit: string,
  path: string,
  file: string | undefined,
  list: CommitFiles['list'],
): ReadResult {
  const none = (reason: string): ReadResult => ({ ok: false, problem: { file: path, reason } });
  if (file === undefined) return none('not in the repository');
  const slash = path.lastIndexOf('/');
  // Asking git for each header that is not there costs a process each; one listing answers for a folder.
  const entry = list(path.slice(0, slash))?.find(({ name }) => name === path.slice(slash + 1));
  if (entry?.kind !== 'file') return none('no such file');
  const read = git.run(['cat-file', 'blob', `${commit}:${file}`]);
  return read.ok ? { ok: true, text: read.text, lossy: false } : none(read.reason);
}

/** `MODE TYPE HASH<tab>NAME` entries, separated by NUL. */
function entriesOf(text: string): Entry[] {
  return text.split('\0').flatMap((line): Entry[] => {
    const match = /^(\d+) (\w+) [0-9a-f]+\t([\s\S]*)$/.exec(line);
    if (match === null) return [];
    const [, mode, type, name] = match;
    const kind =
      mode === '120000' ? 'link' : type === 'tree' ? 'folder' : type === 'blob' ? 'file' : 'other';
    return [{ name: name!, kind }];
  });
}
