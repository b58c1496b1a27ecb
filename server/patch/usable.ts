import { unsafePath } from './diff/paths.ts';
import type { Notes } from './notes.ts';
import type { FilePatch } from './patch.ts';

/** Git's modes of what is no regular file. */
const special: Readonly<Record<string, string>> = {
  '120000': 'a symbolic link',
  '160000': 'a submodule',
};

/** The path that names a file patch: the one after it, where there is one. */
export function pathOf(file: FilePatch): string {
  return file.newPath ?? file.oldPath ?? '';
}

/** A path as messages show it. */
export function shownPath(path: string): string {
  return path.length > 200 ? path.slice(0, 199) + '…' : path;
}

/** Whether the paths of a file patch may be touched at all; says why not. */
export function usable(file: FilePatch, notes: Notes): boolean {
  for (const path of [file.oldPath, file.newPath]) {
    const unsafe = path === undefined ? undefined : unsafePath(path);
    if (unsafe === undefined) continue;
    notes.problem(
      { line: file.line, path: shownPath(path!) },
      unsafe,
      'nothing was read; patches name paths below the tree',
    );
    return false;
  }
  const kind = special[file.oldMode ?? ''] ?? special[file.newMode ?? ''];
  if (kind === undefined) return true;
  const path = shownPath(pathOf(file));
  notes.problem(
    { line: file.line, path },
    `${path} is ${kind}`,
    'nothing was read; its target is not followed',
  );
  return false;
}
