import { callersOf } from '../change/changedFunctions.ts';
import type { CallerAnswer, ComparisonRequest, EntryResult } from './compareEntry.ts';
import {
  allStatements,
  askCaller,
  compareBelow,
  compareEntry,
  compareSequence,
} from './compareEntry.ts';
import type { Sequence } from '../change/counterparts.ts';
import { MOST_COUNTERPARTS, sequencesAround } from '../change/counterparts.ts';
import { HANG_ON_VALUES, isInvented } from './guesses.ts';
import type { Pair } from '../run/pair.ts';
import { hasSameEvents, otherStore, sameBehaviour } from '../run/pair.ts';
import { choiceOf, modelsOf, runOf, violationOf } from '../result/resultForm.ts';
import type { Explored, SearchResult } from './search.ts';
import type { SideRun } from '../run/runSide.ts';
import { extentOf } from '../change/side.ts';
import type { Side } from '../change/side.ts';
import type { ErrorNames } from '../../toldResult.ts';
import type { SimulatedFunction, SimulatedRun, Verdict } from '../result/simulation.ts';
import type { Witness, WitnessKind } from './witness.ts';

/** Functions that call the changed one, directly or not, that are run as entries too. */
const MOST_CALLERS = 3;

/**
 * Runs a changed function on both sides and says how they differ. What a function keeps when it fails may
 * be its callers' business, so those are asked before anything is said about it.
 */
export function compareFunction(request: ComparisonRequest, name: string): SimulatedFunction {
  const own = compareEntry(request, name, [name]);
  const callers = callersWithin(request, name);
  const witness = isOwn(own.witness, name) ? own.witness : undefined;
  if (witness !== undefined && !isCallersBusiness(witness)) return resultOf(request, name, own, '');
  if (witness !== undefined) {
    const answers = callers.direct.map((caller) => ({
      caller,
      answer: askCaller(request, caller, [name], witness),
    }));
    const kept = answers.find(({ answer }) => answer === 'same')?.caller;
    const isGone = answers.some(({ answer }) => answer === 'gone');
    if (kept !== undefined || !(isGone || isOthersBusiness(request, name, witness))) {
      return resultOf(request, name, own, aboutCallers(kept, answers));
    }
  }
  for (const caller of callers.all.slice(0, MOST_CALLERS)) {
    const above = compareEntry(request, caller, [name]);
    if (above.witness !== undefined && above.witness.kind !== 'both')
      return resultOf(request, name, above, ` in ${caller}()`);
  }
  const isOnBoth = ({ first, then }: Sequence): boolean =>
    [first, then].every((one) => request.before.unit.function(one)?.body !== undefined);
  for (const sequence of sequencesOf(request, name).filter(isOnBoth)) {
    const result = compareSequence(request, sequence, [name]);
    if (result?.witness === undefined || result.witness.kind === 'both') continue;
    return resultOf(request, name, result, ` in ${sequence.then}() after ${sequence.first}()`);
  }
  return resultOf(request, name, { ...own, witness: undefined }, '');
}

/** The sequences of either version: what gives nothing back any more did so before. */
function sequencesOf({ before, after }: ComparisonRequest, name: string): readonly Sequence[] {
  const found = new Map<string, Sequence>();
  for (const unit of [after.unit, before.unit]) {
    for (const sequence of sequencesAround(unit, name)) {
      found.set(`${sequence.first} ${sequence.then}`, sequence);
    }
  }
  return [...found.values()].slice(0, MOST_COUNTERPARTS);
}

/** Runs a changed function through an entry that calls it, in a situation that states every input. */
export function compareThrough(
  request: ComparisonRequest,
  entry: string,
  name: string,
): SimulatedFunction {
  return resultOf(request, name, compareEntry(request, entry, [name]), '');
}

/** Runs changed functions below the entry that a situation states; those that it does not get to have no result. */
export function compareAllBelow(
  request: ComparisonRequest,
  entry: string,
  changed: readonly string[],
): readonly SimulatedFunction[] {
  return [...compareBelow(request, entry, changed)].map(([name, found]) =>
    resultOf(request, name, found, ''),
  );
}

/** What a function keeps when it fails, and a failure that it has no result to tell of. */
function isCallersBusiness({ violation, pair }: Witness): boolean {
  return violation.id === 'C-LEAK' || isSilent(violation.id, pair);
}

function isSilent(id: string, { after }: Pair): boolean {
  return id === 'C-UNCHECKED' && after.ending.kind === 'returned' && after.ending.report === 'void';
}

/** A failure that a function leaves in memory without a word: in another file somebody may look there. */
function isOthersBusiness(
  { after }: ComparisonRequest,
  name: string,
  { violation, pair }: Witness,
): boolean {
  return isSilent(violation.id, pair) && after.unit.function(name)!.external;
}

/** What is broken on both sides is the change's business only where it is in the changed function. */
function isOwn(witness: Witness | undefined, name: string): boolean {
  return witness?.kind !== 'both' || witness.violation.place?.function === name;
}

function aboutCallers(
  kept: string | undefined,
  answers: readonly { readonly answer: CallerAnswer }[],
): string {
  if (kept !== undefined) return `, and ${kept}() does not make up for it`;
  return answers.length === 0 ? '' : '; no run of a caller in this file got there';
}

/** The functions of the file from which a function is called: its own callers, then theirs. */
function callersWithin(
  { before, after }: ComparisonRequest,
  name: string,
): { readonly direct: readonly string[]; readonly all: readonly string[] } {
  const isOnBoth = (caller: string): boolean => before.unit.function(caller)?.body !== undefined;
  const direct = callersOf(after.unit, name, after.file).filter(isOnBoth);
  const all = new Set(direct);
  for (const caller of all) {
    if (all.size >= MOST_CALLERS) break;
    for (const above of callersOf(after.unit, caller, after.file))
      if (isOnBoth(above)) all.add(above);
  }
  all.delete(name);
  return { direct: direct.slice(0, MOST_CALLERS), all: [...all] };
}

function resultOf(
  request: ComparisonRequest,
  name: string,
  { entry, setup, found, witness, told }: EntryResult,
  suffix: string,
): SimulatedFunction {
  const { after, situation } = request;
  request.executed?.add(found);
  const symbol = after.unit.function(name);
  const about = {
    ...{ function: name, file: after.file },
    line: (symbol && extentOf(after.unit, symbol, after.file))?.first ?? 1,
    ...(after.file === after.unit.path ? {} : { ranIn: after.unit.path }),
    ...{ entry, situation: situation.name, summary: situation.summary },
    pairs: found.explored.length,
    ...(setup === undefined ? {} : { setup }),
  };
  const shows = shownRuns(request, entry);
  if (witness !== undefined)
    return {
      ...about,
      ...shownBy(witness, { shows: (pair) => shows(told(pair)), suffix, unit: after.unit }),
    };
  const shown = found.explored.find(({ reached }) => reached) ?? found.explored[0];
  const { verdict, reason } = withoutWitness(found);
  return {
    ...{ ...about, verdict, reason, violations: [], assumptions: [] },
    ...(shown === undefined ? { before: undefined, after: undefined } : shows(shown.pair)),
    models: shown === undefined ? [] : modelsOf(shown.pair),
  };
}

/** Both sides of a pair in the form of a result. */
type ShowRuns = (pair: Pair) => Pick<SimulatedFunction, 'before' | 'after'>;

function shownRuns(request: ComparisonRequest, entry: string): ShowRuns {
  const { before, after } = request;
  const statements = allStatements(request);
  const on = (run: SideRun, { unit }: Side, lines: ReadonlySet<number>): SimulatedRun => ({
    ...runOf(run, entry, unit),
    changed: [...lines].filter((line) => run.lines.has(line)).sort((a, b) => a - b),
  });
  return (pair) => ({
    before: on(pair.before, before, statements.before),
    after: on(pair.after, after, statements.after),
  });
}

type Shown = Pick<
  SimulatedFunction,
  'verdict' | 'reason' | 'violations' | 'before' | 'after' | 'assumptions' | 'models'
>;

function shownBy(
  { kind, pair, violation, others, deviations, usual }: Witness,
  { shows, suffix, unit }: { shows: ShowRuns; suffix: string; unit: ErrorNames },
): Shown {
  // A crash after something else is broken is what came of it.
  const also = others.filter(({ id }) => id !== 'C-CRASH');
  const more = also.map(({ id, message }) => `; ${id}: ${message}`);
  const said = `${violation.id}: ${violation.message}${suffix}${[...new Set(more)].join('')}`;
  const invented = [...deviations, ...usual].filter(isInvented);
  const isGuess = HANG_ON_VALUES.has(violation.id) && invented.length > MOST_INVENTED;
  const values = invented.map(({ question, value }) => `${question} = ${String(value)}`);
  return {
    verdict: isGuess ? 'unknown' : VERDICTS[kind],
    reason: isGuess ? `${said}, but only with ${values.join(', ')}` : said,
    violations: [violation, ...also].map(violationOf),
    ...shows(pair),
    assumptions: [...deviations, ...usual].map((choice) => choiceOf(choice, unit)),
    models: modelsOf(pair),
  };
}

/** Inputs that have to be as invented, all together: beyond this, no caller may ever pass them. */
const MOST_INVENTED = 3;
const VERDICTS: Readonly<Record<WitnessKind, Verdict>> = {
  ...{ newly: 'newly-broken', fixed: 'fixed', both: 'still-broken' },
};

function withoutWitness({ explored, complete }: SearchResult): {
  readonly verdict: Verdict;
  readonly reason: string;
} {
  const reached = explored.filter((found) => found.reached);
  if (reached.length === 0) return { verdict: 'not-simulated', reason: notReached(explored) };
  const whole = reached.filter(({ pair }) => isWhole(pair));
  if (whole.length === 0) return { verdict: 'not-simulated', reason: notReached(reached) };
  const other = whole.find(({ pair }) => !sameBehaviour(pair));
  if (other !== undefined) {
    const place = hasSameEvents(other.pair) ? otherStore(other.pair) : undefined;
    const what =
      place === undefined ? 'behave differently' : `leave different contents in ${place}`;
    return { verdict: 'unknown', reason: `the sides ${what}; nothing known is broken` };
  }
  const assumed = explored.some(
    ({ pair }) => pair.after.assumptions.length > 0 || pair.before.assumptions.length > 0,
  );
  if (complete && !assumed && whole.length === explored.length) {
    const { events: all, hardware } = whole[0]!.pair.after;
    const events = all.filter(({ event }) => event.kind !== 'changed');
    return {
      verdict: 'unchanged',
      reason: `the changed lines ran, ${eventsText(events.length, hardware?.commands ?? 0)} equal`,
    };
  }
  const count = `${whole.length} ${whole.length === 1 ? 'environment' : 'environments'}`;
  const bounded = complete ? '' : NOT_ALL;
  return {
    verdict: 'unknown',
    reason: `no difference in ${count}, which rest on assumptions${bounded}`,
  };
}

function eventsText(events: number, commands: number): string {
  if (commands > 0)
    return `${plural(events, 'event')} and ${plural(commands, 'queued command')} are`;
  if (events === 0) return 'what is left in memory is';
  if (events === 1) return 'the only event is';
  return events === 2 ? 'both events are' : `all ${events} events are`;
}

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** Said of a search that came to one of its bounds. */
export const NOT_ALL = '; others were not run';

function isWhole({ before, after }: Pair): boolean {
  return before.ending.kind === 'returned' && after.ending.kind === 'returned';
}

/** Said where runs came to their end, and none of them by what changed. */
export const NOT_REACHED = 'no run reached the changed lines';

/** The stop that ended most runs. */
function notReached(explored: readonly Explored[]): string {
  const counts = new Map<string, number>();
  for (const { pair } of explored) {
    for (const { ending } of [pair.after, pair.before]) {
      if (ending.kind !== 'stopped') continue;
      const place = ending.stack[0];
      const where = place === undefined ? '' : ` at ${place.file}:${place.line}`;
      const text = `${ending.message}${where}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most === undefined ? NOT_REACHED : most[0];
}
