import type { Comparison } from './pattern.ts';

/** How much a hunk and a file may differ. */
export interface ApplyOptions {
  /** Context lines that may differ at either end; 2 is what patch(1) allows. */
  readonly fuzz: number;
  readonly whitespace: Comparison;
  /** What becomes of a hunk whose lines are in the file already, when others of its file are not. */
  readonly present: 'skip' | 'refuse';
}

/** What iovet allows: fuzz as patch(1), context that differs in white space, and hunks that a tree has already. */
export const tolerant: ApplyOptions = { fuzz: 2, whitespace: 'whitespace', present: 'skip' };

/** What patch(1) allows. */
export const strict: ApplyOptions = { fuzz: 2, whitespace: 'exact', present: 'refuse' };
