import type { Verdict } from '../simulate/compare/result/simulation.ts';

/** `1 file`, `2 files`. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Verdicts of simulations as they are spoken of. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  'newly-broken': 'newly broken',
  'still-broken': 'still broken',
  fixed: 'fixed',
  unchanged: 'unchanged',
  unknown: 'unknown',
  'not-simulated': 'not simulated',
};

/**
 * The function that a run was entered by, as one calls it: by its name, or through the pointer that a situation names
 * as `struct.member.member`. Undefined where operations of page-table code were run, and no function.
 */
export function calledEntry(entry: string): string | undefined {
  if (/^\w+$/.test(entry)) return `${entry}()`;
  const members = /^\w+\.([\w.]+)$/.exec(entry)?.[1];
  return members === undefined ? undefined : `${members.replace(/\.(?=\w+$)/, '->')}()`;
}
