import type { Verdict } from '../simulate/compare/simulation.ts';

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
