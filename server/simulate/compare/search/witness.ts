import type { Violation } from '../../watch/violation.ts';
import type { KeyedChoice, Plan } from '../run/keyedChooser.ts';
import type { Pair } from '../run/pair.ts';
import { difference } from '../run/pair.ts';
import type { RunPair } from './search.ts';

/** A pair that shows a difference, with the choices it hangs on. */
export interface Witness {
  readonly kind: WitnessKind;
  readonly pair: Pair;
  readonly violation: Violation;
  /** What else differs in the same runs. */
  readonly others: readonly Violation[];
  /** Choices that differ from the usual and without which the difference goes away. */
  readonly deviations: readonly KeyedChoice[];
  /** Choices at their usual value of which another value would make the difference go away. */
  readonly usual: readonly KeyedChoice[];
}

/** Which difference a witness shows. */
export type WitnessKind = 'newly' | 'fixed' | 'both';

/** Reruns that a witness may cost when it is made minimal. */
const MOST_RERUNS = 40;

/**
 * Takes back every deviation from the usual that the difference does not need, then asks of each choice
 * that is left whether another option would change the answer.
 */
export function minimized(pair: Pair, kind: WitnessKind, run: RunPair): Witness | undefined {
  const [violation] = difference(pair)[kind];
  if (violation === undefined) return undefined;
  let left = MOST_RERUNS;
  const shown = (plan: Plan): Pair | undefined => {
    left--;
    const again = run(plan);
    return difference(again)[kind].some((other) => isAlike(other, violation)) ? again : undefined;
  };
  let best = pair;
  for (const key of pair.plan.keys()) {
    const smaller = new Map(best.plan);
    smaller.delete(key);
    best = shown(smaller) ?? best;
  }
  const decisions = decisionsOf(best);
  const usual: KeyedChoice[] = [];
  for (const choice of decisions) {
    if (left <= 0) break;
    if (choice.taken !== 0 || isOrdinary(choice)) continue;
    if (!isSameOtherwise(choice, best.plan, shown)) usual.push(choice);
  }
  const all = difference(best)[kind];
  const still = all.find((other) => isAlike(other, violation));
  const others = all.filter((other) => !isAlike(other, violation));
  const deviations = decisions.filter(({ taken }) => taken !== 0);
  return { kind, pair: best, violation: still ?? violation, others, deviations, usual };
}

/** An interface that works and a pointer that leads somewhere are what every caller counts on. */
function isOrdinary({ kind, value }: KeyedChoice): boolean {
  return kind === 'failure' || (typeof value === 'number' && value < -MAX_ERRNO);
}

/** Below the error codes lie the addresses of the kernel. */
const MAX_ERRNO = 4095;

/** Whether two violations say the same of the same interface. */
export function isAlike(a: Violation, b: Violation): boolean {
  return a.id === b.id && a.subject === b.subject && a.iova?.first === b.iova?.first;
}

function decisionsOf({ before, after }: Pair): KeyedChoice[] {
  const byKey = new Map<string, KeyedChoice>();
  for (const choice of [...after.decisions, ...before.decisions]) {
    if (!byKey.has(choice.key)) byKey.set(choice.key, choice);
  }
  return [...byKey.values()];
}

function isSameOtherwise(
  choice: KeyedChoice,
  plan: Plan,
  shown: (plan: Plan) => Pair | undefined,
): boolean {
  for (let option = 1; option < choice.options; option++) {
    if (shown(new Map([...plan, [choice.key, option]])) === undefined) return false;
  }
  return true;
}
