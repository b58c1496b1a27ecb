import type { FilePatch, Hunk, Patch, PatchProblem } from './patch.ts';
import type { LineMap } from './apply/lineMap.ts';

/** Text of a file at one side of a change. */
export interface FileText {
  /** Relative to the tree, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Where a hunk fell. */
export interface Placement {
  readonly hunk: Hunk;
  /** 1-based first line of the hunk in the file before the patch. */
  readonly line: number;
  /** Lines between where the header said and where it fell; positive is further down. */
  readonly offset: number;
  /** Context lines that were not compared at either end, as `patch -F` counts them: 0 to 2. */
  readonly fuzz: number;
  /** `whitespace`: the context differs from the file in spaces and tabs only. `applied`: the file has the change already. */
  readonly match: 'exact' | 'whitespace' | 'blank-lines' | 'applied';
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
  readonly placements: readonly Placement[];
  /**
   * `whole`: the texts are the files. `hunks`: no tree; the texts hold the hunks at their line numbers and nothing else,
   * see `seen`.
   */
  readonly extent: 'whole' | 'hunks';
  /** Ranges of lines of the after text that are known, first and last; for `whole` the whole file. */
  readonly seen: readonly { readonly first: number; readonly last: number }[];
}

/** Files of a kind that iovet does not read. */
export interface NotLookedAt {
  /** `Rust`, `Kconfig`, `device tree`, `assembly`, … */
  readonly kind: string;
  readonly count: number;
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

/** Reads a file of the tree by its path below it; undefined where there is none. Called with checked paths only. */
export type ReadTree = (path: string) => string | undefined;
