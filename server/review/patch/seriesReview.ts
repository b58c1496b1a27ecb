import type { CoverLetter, DocumentPlace, Patch, PatchProblem, Repair } from '../../patch/patch.ts';
import type { Placement } from '../../patch/apply/placeHunk.ts';
import type { Problem } from '../../text/problem.ts';
import type { Kernel, NotLookedAt, PlacedStep, ReviewedFinding, Status } from '../review.ts';

/** A place in the patch, with the hunk around it. */
export interface HunkPlace extends DocumentPlace {
  /** 1-based number of the hunk within its file; 0 for the head of the file. */
  readonly hunk: number;
  /** How the patch has the line. */
  readonly kind: 'context' | 'added' | 'removed' | 'head';
  /** Line of the file after the patch; of a removed line, before it. */
  readonly fileLine: number;
}

/**
 * A finding of a change. Introduced, existing and suppressed ones are placed in the file after the patch, fixed ones in the file
 * before it.
 */
export interface ChangeFinding extends ReviewedFinding {
  readonly status: Status;
  /** The finding's own line in the patch; absent where the patch does not show that line. */
  readonly patch?: HunkPlace;
  /** The line of the patch that makes the finding, where the finding's own line is not in the patch. */
  readonly cause?: HunkPlace & { readonly step?: PlacedStep };
  /** Index of the patch of the series that fixes what this one introduced. */
  readonly fixedIn?: number;
  /** Index of the patch of the series that introduced what this one fixes. */
  readonly introducedIn?: number;
  /** An existing finding on changed code: the user's baseline has it. */
  readonly inBaseline?: true;
  /** Commit that the finding is of, where the patch names it. */
  readonly commit?: string;
}

/** What one patch does: the findings before and after it, compared. */
export interface PatchReview {
  readonly patch: Patch;
  /** `[PATCH v2 1/3] accel/qcap: add a doorbell window`. */
  readonly title: string;
  /** `1/3`; empty for a single patch. */
  readonly number: string;
  readonly introduced: readonly ChangeFinding[];
  readonly fixed: readonly ChangeFinding[];
  readonly existing: readonly ChangeFinding[];
  /** What comments in the files after it allow. */
  readonly suppressed: readonly ChangeFinding[];
  /** What is said of the patch itself and breaks nothing: no Fixes: tag, no test, no caller. Severity: info. */
  readonly remarks: readonly ChangeFinding[];
  /** What of its files was not analysed, after the patch. */
  readonly incomplete: readonly Problem[];
  readonly notLookedAt: readonly NotLookedAt[];
  /** What of it could not be applied or understood. */
  readonly problems: readonly PatchProblem[];
  readonly placements: readonly Placement[];
  readonly counts: ChangeCounts;
}

/** How much was looked at. */
export interface ChangeCounts {
  /** C files and headers that change. */
  readonly files: number;
  /** Those of them that mention an interface with a contract, and were analysed. */
  readonly analysed: number;
  /** Functions of the analysed files, after the change; for a series those of the last state. */
  readonly functions: number;
  readonly analysedFunctions: number;
}

/** The whole series against the tree. */
export interface WholeReview {
  readonly introduced: readonly ChangeFinding[];
  readonly fixed: readonly ChangeFinding[];
  readonly existing: readonly ChangeFinding[];
  readonly suppressed: readonly ChangeFinding[];
  /** Introduced by one patch and fixed by a later one. */
  readonly cameAndWent: readonly ChangeFinding[];
  readonly counts: ChangeCounts;
}

/** The answer to `review`. */
export interface SeriesReview {
  readonly kernel: Kernel;
  /** `tree`: the patches were applied to a tree. `hunks`: there was none, and only what the hunks show was reviewed. */
  readonly base: 'tree' | 'hunks';
  readonly cover?: CoverLetter;
  readonly patches: readonly PatchReview[];
  readonly whole: WholeReview;
  /** Problems of the series and of its patches. */
  readonly problems: readonly PatchProblem[];
  readonly repairs: readonly Repair[];
}
