import type { LineMap } from './apply/lineMap.ts';
import type { Placement } from './apply/placeHunk.ts';
import type { FilePatch, Patch, PatchProblem } from './patch.ts';

/** Text of a file at one side of a change. */
export interface FileText {
  /** Relative to the tree, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A range of lines, both ends included, 1-based. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** One file of a change. */
export interface ChangedFile {
  /** Absent for a new file. */
  readonly before: FileText | undefined;
  /** Absent for a deleted file. */
  readonly after: FileText | undefined;
  readonly map: LineMap;
  /** What changed it: one for a patch, as many as there are for a series. */
  readonly filePatches: readonly FilePatch[];
  /** Where each hunk fell, in the text that its own patch found. */
  readonly placements: readonly Placement[];
  /** `whole`: the texts are the files. `hunks`: there is no tree, and the texts hold the hunks and nothing else. */
  readonly extent: 'whole' | 'hunks';
  /** For `hunks`: the lines of the after text that are known; empty for `whole`. */
  readonly seen: readonly LineRange[];
}

/** The path that a change leaves without a file: of one that is deleted or renamed. The source of a copy stays. */
export function pathTakenAway({ before, after, filePatches }: ChangedFile): string | undefined {
  // Once in a series is enough: what happens to a copy later does not happen to what it was made of.
  const isCopy = filePatches.some(({ kind }) => kind === 'copy');
  return isCopy || before?.path === after?.path ? undefined : before?.path;
}

/** Files of a kind that iovet does not read. */
export interface NotLookedAt {
  /** `Rust`, `Kconfig`, `device tree`, `assembly`, … */
  readonly kind: string;
  readonly paths: readonly string[];
}

/** What a patch, or a whole series, does to a tree. */
export interface Change {
  /** The patches that made it: one, or all of a series. */
  readonly patches: readonly Patch[];
  /** C files and headers. */
  readonly files: readonly ChangedFile[];
  readonly notLookedAt: readonly NotLookedAt[];
  readonly problems: readonly PatchProblem[];
}

/** A series on a tree: what each patch does on top of those before it, and what all do together. */
export interface SeriesChange {
  readonly patches: readonly Change[];
  readonly whole: Change;
}

/**
 * Reads a file of the tree by its path below it; undefined where there is none.
 * Called with paths that stay below the tree by their spelling; links that leave it are the reader's to refuse.
 */
export type ReadTree = (path: string) => string | undefined;
