import type { Plan } from '../run/keyedChooser.ts';
import type { Pair } from '../run/pair.ts';

/** A question that every run asks which came here, and where its answers lead. */
interface Fork {
  readonly key: string;
  readonly options: number;
  /** By option. A leaf where nothing more was asked. */
  readonly next: (Fork | Leaf | undefined)[];
}

interface Leaf {
  readonly pair: Pair;
}

/**
 * The pairs that were run, as a tree of the questions that they asked, those of the side after first. Runs are
 * deterministic: a plan that answers the same leads to the same pair, whatever else it says.
 */
export class RunTree {
  private root: Fork | Leaf | undefined;

  /** The pair that running a plan would give, where one with the same answers was run. */
  find(plan: Plan): Pair | undefined {
    let at = this.root;
    while (at !== undefined && 'key' in at) at = at.next[optionOf(plan, at)];
    return at?.pair;
  }

  /** Adds a pair that was run. */
  add(pair: Pair): void {
    const asked = [...pair.after.decisions, ...pair.before.decisions];
    let from: Fork | undefined;
    let option = 0;
    const put = (made: Fork | Leaf): Fork | Leaf => {
      if (from === undefined) return (this.root ??= made);
      return (from.next[option] ??= made);
    };
    for (const { key, options, taken } of asked) {
      const fork = put({ key, options, next: [] });
      if (!('key' in fork)) return;
      from = fork;
      option = taken;
    }
    put({ pair });
  }
}

/** What a plan answers at a fork. */
function optionOf(plan: Plan, { key, options }: Fork): number {
  return Math.min(plan.get(key) ?? 0, options - 1);
}
