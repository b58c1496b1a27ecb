import type { PatchDocument } from '../../patch/patch.ts';
import type { ReadTree } from '../../patch/change.ts';
import type { Files } from '../../review/files.ts';
import type { CommitOfLines } from '../../review/patch/facts/mended.ts';

/** What a review is about, wherever it came from. */
export interface ReviewInput {
  readonly documents: readonly PatchDocument[];
  /** Absolute path of the tree; undefined: only the hunks are reviewed. */
  readonly tree: string | undefined;
  /** Files of the tree that the patches apply to, by absolute paths. */
  readonly files: Files;
  /** The same by paths below the tree, for applying. */
  readonly read: ReadTree;
  /** Names the commits behind lines of the tree; absent where it has no history. */
  readonly commitOf: CommitOfLines | undefined;
  /** Notes for standard error: what was left out and why. */
  readonly notes: readonly string[];
}
