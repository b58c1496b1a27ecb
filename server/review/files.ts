import type { SourceTree } from '../program/headers/store.ts';
import type { Problem } from '../text/problem.ts';

/** What the review may read: the files of one kernel tree, or of none. The host is one; so is an overlay of editor texts. */
export interface Files {
  /** Text of a file by its absolute path. */
  readText(
    path: string,
  ):
    | { readonly ok: true; readonly text: string }
    | { readonly ok: false; readonly problem: Problem };
  /** Entries of a folder; where it is absent, files that are only included are reviewed without their builds. */
  list?(path: string): readonly { readonly name: string; readonly kind: string }[] | undefined;
}

/** The files below a folder as the program layer reads them: by paths relative to it. */
export function sourceTree(files: Files, root: string): SourceTree {
  const absolute = (path: string): string => (path.startsWith('/') ? path : `${root}/${path}`);
  return {
    read: (path) => {
      const read = files.readText(absolute(path));
      return read.ok ? read.text : undefined;
    },
    list: (folder) =>
      files
        .list?.(absolute(folder))
        ?.filter(({ kind }) => kind !== 'folder')
        .map(({ name }) => name),
  };
}
