import type { Atom } from './atoms.ts';

/** Token flag: first token of a line, so a `#` here starts a directive. */
export const LINE_START = 1;
/** Token flag: white space or a comment stands before the token. */
export const SPACE_BEFORE = 2;

/**
 * The tokens of one file, in columns. Immutable, independent of any macro, and therefore shared by
 * every unit that includes a file with this text.
 */
export interface LexedFile {
  /** Path relative to the tree. */
  readonly path: string;
  readonly text: string;
  /** Location of the first unit: every lexed text has its own range, so a token's place is one number. */
  readonly base: number;
  readonly count: number;
  readonly atoms: Int32Array;
  /** UTF-16 offset of the first unit of each token. */
  readonly offsets: Int32Array;
  /** {@link LINE_START} and {@link SPACE_BEFORE}. */
  readonly flags: Uint8Array;
  /** Indexes of the `#` tokens that start a directive, ascending. */
  readonly directives: Int32Array;
  /**
   * The macro X of a file that is `#ifndef X … #endif` and nothing else, if it is one.
   * Such a file is empty while X is defined.
   */
  readonly guard: Atom | undefined;
}
