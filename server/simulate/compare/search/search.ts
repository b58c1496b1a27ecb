import type { ChangedStatements } from '../change/changedFunctions.ts';
import type { KeyedChoice, Plan } from '../run/keyedChooser.ts';
import { turnOf } from '../run/keyedChooser.ts';
import type { Pair, PairDifference } from '../run/pair.ts';
import { difference } from '../run/pair.ts';
import { RunTree } from './runTree.ts';
import type { Work } from './work.ts';

/** Runs both sides with a plan. */
export type RunPair = (plan: Plan) => Pair;

/** What the search may cost. */
export interface SearchLimits {
  /** Choices that every run has. */
  readonly base: Plan;
  readonly pairs: number;
  readonly work: Work;
  readonly cancelled: () => boolean;
}

/** A pair that was run, with how its sides differ. */
export interface Explored {
  readonly pair: Pair;
  readonly difference: PairDifference;
  readonly reached: boolean;
}

/** What a search found. */
export interface SearchResult {
  readonly explored: readonly Explored[];
  /** Every combination of choices was run. */
  readonly complete: boolean;
}

interface Candidate {
  readonly plan: Plan;
  readonly score: number;
}

/**
 * Runs pairs over the choices, best first: around runs that reached the change, failures of interfaces
 * before results of unknown functions before inputs, few deviations from the usual before many.
 */
export function search(
  run: RunPair,
  statements: ChangedStatements,
  limits: SearchLimits,
): SearchResult {
  const explored: Explored[] = [];
  const numbers = new DecisionNumbers();
  const seen = new Set<string>([numbers.text(limits.base)]);
  const asked = new Set<string>();
  const lines = new Set<string>();
  const waiting: Candidate[] = [{ plan: limits.base, score: 0 }];
  const ran = new RunTree();
  while (waiting.length > 0) {
    const next = takeBest(waiting);
    // What it decides otherwise, nothing asks any more.
    if (ran.find(next.plan) !== undefined) continue;
    const isOver = explored.length >= limits.pairs || limits.work.isUsedUp;
    if (isOver || limits.cancelled()) return { explored, complete: false };
    const pair = run(next.plan);
    ran.add(pair);
    const found = { pair, difference: difference(pair), reached: reaches(pair, statements) };
    explored.push(found);
    if (isDecisive(found)) return { explored, complete: false };
    const isNew = learn(pair, asked, lines);
    for (const { choice, option } of alternatives(pair)) {
      if (limits.base.has(choice.key)) continue;
      const text = numbers.text(pair.plan, { key: choice.key, option });
      if (seen.has(text)) continue;
      seen.add(text);
      const plan = changedPlan(pair.plan, choice.key, option);
      waiting.push({ plan, score: scoreOf(choice, plan, { found, isNew, statements }) });
    }
  }
  return { explored, complete: true };
}

/** A break that hangs on failures of interfaces alone needs no better witness. */
function isDecisive({ pair, difference: { newly } }: Explored): boolean {
  if (newly.length === 0) return false;
  const deviations = pair.after.decisions.filter(({ taken }) => taken !== 0);
  return deviations.length <= 1 && deviations.every(({ kind }) => kind === 'failure');
}

function reaches({ before, after }: Pair, statements: ChangedStatements): boolean {
  return (
    [...statements.after].some((line) => after.lines.has(line)) ||
    [...statements.before].some((line) => before.lines.has(line))
  );
}

/** Whether a pair asked or executed something that none before it did. */
function learn({ before, after }: Pair, asked: Set<string>, lines: Set<string>): boolean {
  const size = asked.size + lines.size;
  for (const { key } of [...before.decisions, ...after.decisions]) asked.add(key);
  for (const line of before.lines) lines.add(`-${line}`);
  for (const line of after.lines) lines.add(`+${line}`);
  return asked.size + lines.size > size;
}

/** More options than any question has. */
const MOST_OPTIONS = 1 << 16;

/** Plans as short texts, the same for equal plans: a pair has hundreds of neighbours, and most were seen. */
class DecisionNumbers {
  private readonly numbers = new Map<string, number>();

  /** The text of a plan in which one choice is another. */
  text(plan: Plan, other?: { readonly key: string; readonly option: number }): string {
    const numbers: number[] = [];
    for (const [key, option] of plan) {
      if (key !== other?.key && option !== 0) numbers.push(this.number(key, option));
    }
    if (other !== undefined && other.option !== 0) {
      numbers.push(this.number(other.key, other.option));
    }
    return numbers.sort((a, b) => a - b).join(' ');
  }

  private number(key: string, option: number): number {
    let known = this.numbers.get(key);
    if (known === undefined) {
      known = this.numbers.size * MOST_OPTIONS;
      this.numbers.set(key, known);
    }
    return known + option;
  }
}

function changedPlan(plan: Plan, key: string, option: number): Plan {
  const changed = new Map(plan);
  if (option === 0) changed.delete(key);
  else changed.set(key, option);
  return changed;
}

/** Every option that a run did not take of what it was asked. */
function* alternatives({
  before,
  after,
}: Pair): Iterable<{ readonly choice: KeyedChoice; readonly option: number }> {
  const seen = new Set<string>();
  for (const choice of [...after.decisions, ...before.decisions]) {
    if (seen.has(choice.key)) continue;
    seen.add(choice.key);
    for (let option = 0; option < choice.options; option++) {
      if (option !== choice.taken) yield { choice, option };
    }
  }
}

const KIND_SCORES = { failure: 3, result: 1, input: 0 } as const;

function scoreOf(
  choice: KeyedChoice,
  plan: Plan,
  { found, isNew, statements }: { found: Explored; isNew: boolean; statements: ChangedStatements },
): number {
  const inChanged = statements.functions.has(choice.asker) ? 2 : 0;
  const near = found.reached ? 4 : 0;
  // The third turn of a loop rarely shows what the first two did not.
  const again = Math.max(0, turnOf(choice) - 2);
  const worth = KIND_SCORES[choice.kind] + inChanged + near + (isNew ? 2 : 0);
  return worth - 2 * plan.size - Math.min(3, again);
}

function takeBest(waiting: Candidate[]): Candidate {
  let best = 0;
  for (let i = 1; i < waiting.length; i++) if (waiting[i]!.score > waiting[best]!.score) best = i;
  const [taken] = waiting.splice(best, 1);
  return taken!;
}
