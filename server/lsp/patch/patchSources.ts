import type { CancellationToken } from 'vscode-languageserver/node';
import type { ChangedFile } from '../../patch/change.ts';
import type { Reading } from '../../review/session.ts';
import type { Desk } from '../desk.ts';
import { uriOfPath, wireRange, type Locate } from '../places.ts';
import type { PatchAnswer } from './patches.ts';
import { changedFile, sideUri } from './patchPlaces.ts';

/** One side of a file, as one patch of the series changes it, or the whole series for null. */
export interface SideOfFile {
  readonly patch: number | null;
  readonly file: ChangedFile;
  readonly side: 'before' | 'after';
}

/** What explanations of patched files rest on. */
export interface PatchSources {
  /** What is known from the review at once; else the file is read in the state of the tree that it belongs to. */
  readings(
    answer: PatchAnswer,
    side: SideOfFile,
    token?: CancellationToken,
  ): Promise<readonly Reading[]>;
}

/** Reads patched files at a desk. */
export function createPatchSources(desk: Desk): PatchSources {
  return {
    readings: async ({ sources, change }, { patch, file, side }, token) => {
      const at = file[side];
      if (at === undefined) return [];
      const [first, last] = patch === null ? [0, change.patches.length] : [patch, patch + 1];
      const place = [side === 'before' ? first : last, at.path, at.text] as const;
      return sources.known(...place) ?? desk.slices(() => sources.read(...place), token);
    },
  };
}

/**
 * Where the files are that a side of a patched file speaks of: those that the patch changes are documents of the same
 * side, where the client shows them; all others are in the tree.
 */
export function locateAround(
  { uri, tree: { folder }, change, sides }: PatchAnswer,
  { patch, side }: Pick<SideOfFile, 'patch' | 'side'>,
): Locate {
  return ({ file: path, range }) => {
    const wire = wireRange(range);
    const changed = changedFile(change, patch, path);
    if (sides && changed?.[side]?.path === path) {
      // Both sides of a file have one name, whatever it was before.
      const name = (changed.after ?? changed.before)!.path;
      return { uri: sideUri({ document: uri, patch, path: name, side }), range: wire };
    }
    return { uri: folder === undefined ? uri : uriOfPath(`${folder}/${path}`), range: wire };
  };
}
