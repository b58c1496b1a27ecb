import type { Atom } from '../lex/atoms.ts';

/**
 * The macros that must not be expanded again in a token, after Prosser's algorithm.
 * An immutable list without duplicates; `null` is the empty set, which nearly every token has.
 */
export interface HideSet {
  readonly name: Atom;
  readonly rest: HideSet | null;
}

/** Whether a set has a macro name. */
export function hides(set: HideSet | null, name: Atom): boolean {
  for (let node = set; node !== null; node = node.rest) if (node.name === name) return true;
  return false;
}

/** The set with one more name. */
export function withName(set: HideSet | null, name: Atom): HideSet {
  return set !== null && hides(set, name) ? set : { name, rest: set };
}

/** Union of two sets; shares the nodes of the second. */
export function union(a: HideSet | null, b: HideSet | null): HideSet | null {
  if (a === b) return b;
  let result = b;
  for (let node = a; node !== null; node = node.rest) result = withName(result, node.name);
  return result;
}

/** Intersection of two sets. */
export function intersection(a: HideSet | null, b: HideSet | null): HideSet | null {
  if (a === b) return a;
  let result: HideSet | null = null;
  for (let node = a; node !== null; node = node.rest) {
    if (hides(b, node.name)) result = { name: node.name, rest: result };
  }
  return result;
}
