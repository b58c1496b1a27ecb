import type { SeriesChange } from '../patch/change.ts';
import type { PatchSeries } from '../patch/patch.ts';
import type { SeriesReview } from '../review/patch/seriesReview.ts';
import type { Files } from '../review/files.ts';
import type { FileReview, Kernel } from '../review/review.ts';
import type { Reading } from '../review/session.ts';
import type { Slices } from '../text/slices.ts';
import type { Settings } from './settings.ts';

/** The review of the open documents of one kernel tree. Paths are relative to the tree, absolute outside of one. */
export interface TreeReview {
  readonly kernel: Kernel;
  /**
   * Reviews a document as it stands in the editor; what did not change since the last call is not analysed again.
   * Dropped between two slices, it leaves what is done to the next call.
   */
  check(file: string, text: string): Slices<FileReview>;
  /** Reviews a series of patches; the change is what it does to this tree, or to the files given. */
  reviewSeries(series: PatchSeries, change: SeriesChange, files?: Files): Slices<ReviewedSeries>;
  /** What the last finished check of an open document rests on, for explanations; empty for files that are not open. */
  readings(file: string): readonly Reading[];
  /** A file changed on disk: nothing that was read from it is valid any more. */
  changed(file: string): void;
  /** The document is closed; its memory can go. */
  close(file: string): void;
}

/** The review of a series, and what explanations of its texts rest on. */
export interface ReviewedSeries {
  readonly review: SeriesReview;
  /** What is known about a text in the tree after this many patches; undefined where it must be read first. */
  known(patches: number, path: string, text: string): readonly Reading[] | undefined;
  /** Reads a text in the tree after this many patches. */
  read(patches: number, path: string, text: string): Slices<readonly Reading[]>;
}

/** What an editor shows about a rule. */
export interface RuleText {
  readonly id: string;
  /** The invariant, as one sentence about correct code. */
  readonly summary: string;
  /** Why it matters: the paragraph of the rule page. */
  readonly why: string;
  readonly sources: readonly string[];
  /** The whole page, as Markdown. */
  readonly page: string;
}

/** What the server needs from the layers below. */
export interface Reviewer {
  /**
   * Starts the review of a tree; `undefined` for files outside of any tree.
   * `openTexts` holds the documents of the editor by path, and changes with them: they count, not what is on disk.
   */
  open(
    tree: string | undefined,
    settings: Settings,
    openTexts: ReadonlyMap<string, string>,
  ): Promise<TreeReview>;
  rule(id: string): RuleText | undefined;
}
