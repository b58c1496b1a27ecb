import type { Budget } from '../../machine/budget.ts';
import type { Situation } from '../../situations/situation.ts';
import type { Violation } from '../../watch/violation.ts';
import type { ChangedFunctions, ChangedStatements, IsChanged } from '../change/changedFunctions.ts';
import type { Sequence } from '../change/counterparts.ts';
import { givenBackMore } from '../change/counterparts.ts';
import { changedStatements } from '../change/changedFunctions.ts';
import { withEndless } from '../run/endless.ts';
import type { ExecutedChanges } from './executedChanges.ts';
import { HANG_ON_VALUES, isOverwritten } from './guesses.ts';
import type { KeyedChoice, Plan } from '../run/keyedChooser.ts';
import type { Pair } from '../run/pair.ts';
import type { RunEnding, Way } from '../run/runSide.ts';
import { runSide } from '../run/runSide.ts';
import { RunTree } from './runTree.ts';
import type { Explored, RunPair, SearchResult } from './search.ts';
import { search } from './search.ts';
import type { Side } from '../change/side.ts';
import type { Witness, WitnessKind } from './witness.ts';
import { isAlike, minimized } from './witness.ts';
import type { Work } from './work.ts';

/** What to compare. */
export interface ComparisonRequest {
  readonly before: Side;
  readonly after: Side;
  readonly isChanged: IsChanged;
  readonly touched: ChangedFunctions;
  /** The changed statements where they are in no function of the sides' units; absent: those of the functions. */
  readonly statements?: ChangedStatements;
  readonly situation: Situation;
  readonly budget: Budget;
  /** Hears of every search that a result rests on. */
  readonly executed?: Pick<ExecutedChanges, 'add'>;
  /** What may still be run of the function. */
  readonly work: Work;
  /** Pairs of runs for one entry function. */
  readonly pairs: number;
  readonly now: () => number;
  readonly cancelled: () => boolean;
}

/** What running one entry function on both sides showed. */
export interface EntryResult {
  readonly entry: string;
  /** Function that ran before it on the same objects. */
  readonly setup?: string;
  readonly found: SearchResult;
  readonly witness: Witness | undefined;
  /** Runs the pair of the witness once more, so that it tells of the changed statements. */
  readonly told: (pair: Pair) => Pair;
}

/** Runs one function on both sides in many environments, and keeps the difference that hangs on least. */
export function compareEntry(
  request: ComparisonRequest,
  entry: string,
  changed: readonly string[],
  run: RunPair = remembering(pairRunner(request, entry)),
): EntryResult {
  const found = searched(request, run, { changed, base: new Map(), pairs: request.pairs });
  const witness = bestWitness(request, found, run);
  return { entry, found, witness, told: telling(request, entry) };
}

/**
 * Looks at several changed functions below the entry that a situation states: what is run is the same for all of them,
 * and is run once. Gives a result for each by its name.
 */
export function compareBelow(
  request: ComparisonRequest,
  entry: string,
  changed: readonly string[],
): ReadonlyMap<string, EntryResult> {
  const [first] = changed;
  if (first === undefined) return new Map();
  const run = remembering(pairRunner(request, first));
  return new Map(
    changed.map((name) => [name, { ...compareEntry(request, first, [name], run), entry }]),
  );
}

/** Pairs that show whether a sequence has anything to do with each other, and that it may cost then. */
const TRIAL_PAIRS = 12;
const SEQUENCE_PAIRS = 60;

/**
 * Runs two functions one after the other on both sides. Undefined where nothing of what the first one
 * takes comes back in the second: they have nothing to do with each other.
 */
export function compareSequence(
  request: ComparisonRequest,
  { first, then }: Sequence,
  changed: readonly string[],
): EntryResult | undefined {
  const run = remembering(pairRunner(request, then, first));
  // What decides whether the first one takes anything counts as much as what the changed function asks.
  const about = { changed: [...changed, first], base: new Map<string, number>() };
  const trial = searched(request, run, { ...about, pairs: TRIAL_PAIRS });
  const isRelated = trial.explored.some(
    ({ pair, reached }) => reached && (pair.before.touchedOlder || pair.after.touchedOlder),
  );
  if (!isRelated) return undefined;
  const found = searched(request, run, { ...about, pairs: SEQUENCE_PAIRS });
  const witness = bestWitness(request, found, run);
  return { entry: then, setup: first, found, witness, told: telling(request, then, first) };
}

/**
 * Runs nothing twice: what makes a witness minimal begins with the pairs of the search, and a search that goes
 * on where a trial ended with those of the trial.
 */
function remembering(run: RunPair): RunPair {
  const known = new RunTree();
  return (plan) => {
    const same = known.find(plan);
    if (same !== undefined) return { ...same, plan };
    const pair = run(plan);
    known.add(pair);
    return pair;
  };
}

/** Where a search begins, and what it looks for. */
interface Aim {
  /** Changed functions of which runs have to get to one. */
  readonly changed: readonly string[];
  readonly base: Plan;
  readonly pairs: number;
}

function searched(
  request: ComparisonRequest,
  run: RunPair,
  { changed, base, pairs }: Aim,
): SearchResult {
  const { touched, work, cancelled } = request;
  const functions = [...changed, ...touched.added, ...touched.removed];
  const statements = statementsIn(request, functions);
  return search(run, statements, { base, pairs, work, cancelled });
}

/** The changed statements of some functions. */
export function statementsIn(
  { before, after, isChanged, statements }: ComparisonRequest,
  functions: readonly string[],
): ChangedStatements {
  return statements ?? changedStatements(before.unit, after.unit, isChanged, functions, after.file);
}

/** All statements that the change touches. */
export function allStatements(request: ComparisonRequest): ChangedStatements {
  const { changed, added, removed } = request.touched;
  return statementsIn(request, [...changed, ...added, ...removed]);
}

/** Gives pairs that are shown with the changed statements among their events. */
function telling(request: ComparisonRequest, entry: string, first?: string): (pair: Pair) => Pair {
  return (pair) => (isUsual(pair) ? pair : pairRunner(request, entry, first, 'shown')(pair.plan));
}

/** The first pair of an entry, often the only one, tells of the changed statements without being asked. */
function isUsual({ plan }: Pick<Pair, 'plan'>): boolean {
  return plan.size === 0;
}

function pairRunner(
  request: ComparisonRequest,
  entry: string,
  first?: string,
  what: 'searched' | 'shown' = 'searched',
): RunPair {
  const { situation, budget, now, cancelled, before, after, touched } = request;
  const changed = new Set([...touched.changed, ...touched.added, ...touched.removed]);
  const statements = allStatements(request);
  const on = (side: Side): ((plan: Plan, budget?: Budget) => Pair['before']) => {
    const symbol = side.unit.function(entry)!;
    const ways = new Map<string, Way>();
    const setup = first === undefined ? undefined : side.unit.function(first);
    const about = { side, situation, budget, now, cancelled, ways, changed };
    const whole = setup === undefined ? about : { ...about, setup };
    const telling = { ...whole, tells: statements[side.name] };
    return (plan, other = budget) => {
      const tells = what === 'shown' || isUsual({ plan });
      return runSide({ ...(tells ? telling : whole), budget: other }, symbol, plan);
    };
  };
  // What an entry finds taken may be given back by others; what no call in the file gives back any more is not.
  const given =
    first === undefined ? {} : { givenBackMore: givenBackMore(before.unit, after.unit) };
  const runBefore = on(before);
  const runAfter = on(after);
  return (plan) => {
    const ran = { plan, after: runAfter(plan), before: runBefore(plan), ...given };
    const pair = withEndless(ran, budget, (side, longer) =>
      (side === 'after' ? runAfter : runBefore)(plan, longer),
    );
    // What is run once more to be shown is no part of the search.
    if (what === 'searched') request.work.count(pair);
    return pair;
  };
}

const KINDS: readonly WitnessKind[] = ['newly', 'fixed', 'both'];
const MOST_WITNESSES = 3;

/** The difference that hangs on least, of the kind that matters most. */
function bestWitness(
  request: ComparisonRequest,
  { explored }: SearchResult,
  run: RunPair,
): Witness | undefined {
  for (const kind of KINDS) {
    const showing = explored
      .filter(({ difference, reached }) => reached && difference[kind].length > 0)
      .sort((a, b) => weight(a.pair) - weight(b.pair))
      .slice(0, MOST_WITNESSES);
    for (const { pair } of showing) {
      const witness = minimized(pair, kind, run);
      if (witness === undefined || !isPlausible(witness)) continue;
      if (!comesOfFailure(witness, run)) continue;
      if (isElsewhereToo(request, witness, explored)) continue;
      return witness;
    }
  }
  return undefined;
}

/** Failures of interfaces are what the contract promises; everything else is somebody's guess. */
function weight({ plan, after }: Pair): number {
  return plan.size + 3 * after.decisions.filter(isGuess).length;
}

/** What needs a difference to be seen: a leak may be the callers' business, a crash that of odd inputs. */
const HARD_TO_TELL: ReadonlySet<string> = new Set(['C-LEAK', 'C-CRASH']);

/**
 * A crash over something that was only assumed to be unusual says nothing: callers may never pass it. Nor do values
 * that do not fit because a function that nobody knows may have written over one of them.
 */
function isPlausible({ kind, pair, violation, deviations }: Witness): boolean {
  // What stays broken without a difference to show it must not hang on anything invented.
  if (kind === 'both') {
    return !HARD_TO_TELL.has(violation.id) && !deviations.some(isGuess);
  }
  if (HANG_ON_VALUES.has(violation.id) && deviations.some(isOverwritten)) return false;
  if (violation.id !== 'C-CRASH') return true;
  // A BUG() in an environment that is stated whole.
  if (violation.subject === 'bug' && isStatedWhole(pair)) return true;
  return deviations.some(({ kind }) => kind === 'failure') && !deviations.some(isGuess);
}

/** Whether no run asked for anything: every input, result and failure was there. */
function isStatedWhole({ before, after }: Pair): boolean {
  return before.decisions.length === 0 && after.decisions.length === 0;
}

/** Whether a crash comes of the failure that it is said to come of: without it, the run gets past that place. */
function comesOfFailure({ kind, pair, violation, deviations }: Witness, run: RunPair): boolean {
  if (violation.id !== 'C-CRASH') return true;
  const side = kind === 'fixed' ? 'before' : 'after';
  return deviations.every((choice) => {
    const plan = new Map(pair.plan);
    plan.delete(choice.key);
    const { ending } = run(plan)[side];
    const place = ending.kind === 'returned' ? undefined : ending.stack[0];
    const crash = pair[side].ending;
    const crashed = crash.kind === 'returned' ? undefined : crash.stack[0];
    return place === undefined || place.file !== crashed?.file || place.line !== crashed.line;
  });
}

/**
 * Whether code that did not change is what breaks, and on the other side breaks the same in another environment: then
 * the change made only other inputs lead there, which nobody may ever pass.
 */
function isElsewhereToo(
  { before, after, touched }: ComparisonRequest,
  { kind, violation, pair, deviations }: Witness,
  explored: readonly Explored[],
): boolean {
  if (kind === 'both' || !deviations.some(isGuess)) return false;
  const { changed, added, removed } = touched;
  const broke = violation.place?.function ?? '';
  if ([...changed, ...added, ...removed].includes(broke)) return false;
  const [side, other] = kind === 'newly' ? [after, before] : [before, after];
  const broken = breachText(side, violation, pair[side.name].ending);
  return explored.some(({ pair: another }) => {
    const { violations, ending } = another[other.name];
    return violations.some((one) => breachText(other, one, ending) === broken);
  });
}

/** What was broken, where, and where the function was left, in terms of the file before the change. */
function breachText(
  side: Side,
  { id, subject, place, since }: Violation,
  ending: RunEnding,
): string {
  const end = ending.kind === 'returned' ? ending.place : ending.stack[0];
  const places = [place, since, end].map((at) => {
    if (at === undefined) return '';
    const line = at.file === side.unit.path ? side.lineBefore(at.line) : at.line;
    return `${at.function}:${line ?? `${side.name} ${at.line}`}`;
  });
  return [id, subject, ...places].join(' ');
}

function isGuess({ kind, taken }: KeyedChoice): boolean {
  return kind !== 'failure' && taken !== 0;
}

/** What a caller does about a difference in what its callee keeps: the same difference, none, or not seen. */
export type CallerAnswer = 'same' | 'gone' | 'unseen';

/** Pairs that asking one caller may cost. */
const CALLER_PAIRS = 40;

/** Runs a caller so that its callee meets what the witness hangs on, and looks whether it makes up for it. */
export function askCaller(
  request: ComparisonRequest,
  caller: string,
  changed: readonly string[],
  { kind, violation, deviations }: Witness,
): CallerAnswer {
  // Inputs have other names from here; what fails, and where, has the same.
  const wanted = deviations.filter((choice) => choice.kind !== 'input');
  if (wanted.length === 0) return 'unseen';
  const base = new Map(wanted.map(({ key, taken }) => [key, taken]));
  const run = pairRunner(request, caller);
  const { explored } = searched(request, run, { changed, base, pairs: CALLER_PAIRS });
  let answer: CallerAnswer = 'unseen';
  for (const { pair, difference } of explored) {
    const { before, after } = pair;
    if (before.ending.kind !== 'returned' || after.ending.kind !== 'returned') continue;
    const side = kind === 'fixed' ? before : after;
    const met = new Set(side.decisions.filter(({ taken }) => taken !== 0).map(({ key }) => key));
    if (!wanted.every(({ key }) => met.has(key))) continue;
    if (difference[kind].some((other) => isAlike(other, violation))) return 'same';
    // Still held, but nothing that says so: whether anybody gives it back later cannot be seen from here.
    if (violation.id !== 'C-LEAK' || !side.held.has(violation.subject)) answer = 'gone';
  }
  return answer;
}
