import type { DocumentPlace } from '../patch.ts';

/** A line of the document, as the patch means it. */
export interface PatchedLine extends DocumentPlace {
  readonly kind: 'context' | 'added' | 'removed';
  /** Line before the patch; absent for an added line. */
  readonly before?: number;
  /** Line after the patch; absent for a removed line. */
  readonly after?: number;
}

/**
 * Says where a line of a file went, in both directions, and where the patch speaks of it.
 * All lines are 1-based. Undefined means: not there on the other side, or not in the patch.
 */
export interface LineMap {
  toAfter(before: number): number | undefined;
  toBefore(after: number): number | undefined;
  /** The patch's line for a line of the file after it: an added or a context line. */
  ofAfter(after: number): PatchedLine | undefined;
  /** The patch's line for a line of the file before it: a removed or a context line. */
  ofBefore(before: number): PatchedLine | undefined;
  /** The other way: what a line of a document is in this file. */
  ofDocument(place: DocumentPlace): PatchedLine | undefined;
  /** Lines of the patch that fell on this file, in file order. */
  readonly lines: readonly PatchedLine[];
}
