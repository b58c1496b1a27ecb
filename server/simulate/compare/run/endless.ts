import type { Budget } from '../../machine/budget.ts';
import type { Pair } from './pair.ts';
import type { SideRun } from './runSide.ts';

/** Steps after which a run is taken for one that does not end. */
const LONG = 1_000_000;
/** The other side has to have ended within this part of them: code that is only slower is no such code. */
const PART = 20;

/** Runs one side again with another budget. */
export type RunAgain = (side: 'before' | 'after', budget: Budget) => SideRun;

/**
 * Looks longer at a side that used up its steps where the other one ended, with nothing assumed on either: it ends
 * after all, or waits for what never comes.
 */
export function withEndless<P extends Pair>(pair: P, budget: Budget, again: RunAgain): P {
  const { before, after } = pair;
  if (before.decisions.length + after.decisions.length > 0) return pair;
  const ended = ({ ending, steps }: SideRun): boolean =>
    ending.kind === 'returned' && steps * PART <= LONG;
  const side = isOutOf(after, budget) && ended(before) ? 'after' : isOutOf(before, budget) && ended(after) ? 'before' : undefined; // prettier-ignore
  if (side === undefined) return pair;
  const longer = { ...budget, steps: LONG };
  const run = again(side, longer);
  return { ...pair, [side]: isOutOf(run, longer) ? { ...run, isEndless: true } : run };
}

function isOutOf({ ending, steps }: SideRun, budget: Budget): boolean {
  return ending.kind === 'stopped' && ending.stop === 'budget' && steps >= budget.steps;
}
