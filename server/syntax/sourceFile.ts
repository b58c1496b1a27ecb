import type { SyntaxTree } from './tree.ts';

/**
 * A C file as the later stages see it: items in order, and what the preprocessor lines say.
 * Everything that is neither in an item nor in a directive is white space or a comment.
 */
export interface SourceFile {
  readonly text: string;
  readonly items: readonly Item[];
  /** Every preprocessor line, in order, also those inside braces or in branches that were not taken. */
  readonly directives: readonly Directive[];
  /** Every complete `#if` group, in the order of their `#if`. */
  readonly groups: readonly ConditionalGroup[];
}

/** A top-level declaration, function, macro use or directive. */
export interface Item {
  /** Offset of the item in the file; offsets in its tree count from here. */
  readonly start: number;
  readonly tree: SyntaxTree;
  /** The branches of `#if` groups around the item, outermost first. */
  readonly conditions: readonly Branch[];
  /** How many further readings the item has because `#if` groups inside it have an `#else`; see `Syntax.variants`. */
  readonly variantCount: number;
}

/** One preprocessor line, continuation lines included. */
export interface Directive {
  /** The word after `#`: `define`, `if`, `include`, …; empty for a lone `#`. */
  readonly name: string;
  /** Offset of the `#`. */
  readonly start: number;
  /** Offset of the newline that ends it, or the end of the file. */
  readonly end: number;
  /** Between items: outside braces and parentheses, after the end of a declaration. Elsewhere it is not parsed. */
  readonly betweenItems: boolean;
  /** Belongs to an `#if` group; these lines are never parsed. */
  readonly conditional: boolean;
}

/** An `#if` … `#endif` group. */
export interface ConditionalGroup {
  readonly branches: readonly Branch[];
  /** `items`: stands between items, all branches were parsed. `chosen`: cuts through an item, one branch was parsed. */
  readonly mode: 'items' | 'chosen';
  /** Index of the branch that is on in the default configuration; -1 when none is. Where `chosen`, the one parsed. */
  readonly taken: number;
  /** Offset of the first unit after the `#if` line. */
  readonly start: number;
  /** Offset of the newline that ends the `#endif` line. */
  readonly end: number;
}

/** One branch of an `#if` group. */
export interface Branch {
  /** Index of its group in `SourceFile.groups`. */
  readonly group: number;
  /** Index within the group. */
  readonly index: number;
  /** The condition as written, without comments and continuations: `CONFIG_X` for `#ifdef`, empty for `#else`. */
  readonly condition: string;
  readonly directive: 'if' | 'ifdef' | 'ifndef' | 'elif' | 'elifdef' | 'elifndef' | 'else';
  /** Offset of the newline that ends the branch's own line. */
  readonly start: number;
  /** Offset of the `#` of the line that ends the branch. */
  readonly end: number;
  /**
   * What the branch's own condition gives: `never` compiled as kernel C (`#if 0`, C++, assembly), else `off` or `on`
   * in the default configuration: 64-bit, little-endian, every CONFIG_ symbol on, names not known counted as on.
   */
  readonly verdict: 'never' | 'off' | 'on';
}
