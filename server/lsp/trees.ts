import path from 'node:path';
import type { Reviewer, TreeReview } from './review.ts';
import type { Settings } from './settings.ts';

/** The review of one kernel tree under one set of settings. */
export interface TreeState {
  /** Folder; undefined for files outside of any tree. */
  readonly folder: string | undefined;
  readonly review: TreeReview;
}

/** The trees that documents belong to, each opened once per set of settings. */
export interface Trees {
  /** The tree at a folder; undefined: none. */
  at(folder: string | undefined, settings: Settings): Promise<TreeState>;
  /** Calls back for every tree that is open, or will be once it is. */
  each(visit: (tree: TreeState) => void): void;
  /** Settings changed: every tree is opened anew. */
  reset(): void;
}

/** No trees yet. `openTexts` holds the documents of the editor by path, and changes with them. */
export function createTrees(
  reviewer: Pick<Reviewer, 'open'>,
  openTexts: ReadonlyMap<string, string>,
): Trees {
  const trees = new Map<string, Promise<TreeState>>();
  return {
    at: (folder, settings) => {
      const key = `${folder ?? ''}\n${JSON.stringify(settings)}`;
      const known = trees.get(key);
      if (known !== undefined) return known;
      const opened = reviewer
        .open(folder, settings, openTexts)
        .then((review) => ({ folder, review }));
      trees.set(key, opened);
      // A tree that could not be opened is tried again at the next request.
      opened.catch(() => trees.delete(key));
      return opened;
    },
    each: (visit) => {
      for (const tree of trees.values()) {
        tree.then(visit).catch(() => undefined);
      }
    },
    reset: () => {
      trees.clear();
    },
  };
}

/** Path as findings name it: below the tree with `/`, absolute elsewhere. */
export function nameInTree(file: string, tree: string | undefined): string {
  if (tree === undefined) return file;
  const below = path.relative(tree, file);
  return below.startsWith('..') || path.isAbsolute(below) ? file : below.split(path.sep).join('/');
}
