import { situationsOfDriver, statedEntries } from '../situations/library.ts';
import type { ChangedStatements } from './change/changedFunctions.ts';
import { callersOf } from './change/changedFunctions.ts';
import type { ComparisonRequest } from './search/compareEntry.ts';
import { asFarAsExecuted, ExecutedChanges } from './search/executedChanges.ts';
import { compareAllBelow, compareThrough, NOT_REACHED } from './search/compareFunction.ts';
import type { SearchResult } from './search/search.ts';
import type { SimulatedFunction } from './result/simulation.ts';

/** What running through stated entries showed, and which changed functions were reached by them. */
export interface StatedResults {
  readonly functions: readonly SimulatedFunction[];
  /** Changed functions that need no invented environment any more. */
  readonly covered: ReadonlySet<string>;
}

/** What is said where situations are given, and none is chosen. */
export const NOTHING_STATED: StatedResults = { functions: [], covered: new Set() };

/**
 * Runs changed functions through the entries for which built-in situations state every input. Each entry
 * runs once per situation, for all the functions that it reaches.
 */
export function compareStated(
  request: Omit<ComparisonRequest, 'situation'> & {
    readonly starting?: (name: string) => void;
  },
  changed: readonly string[],
): StatedResults {
  const { before, after, touched } = request;
  const reachedBy = new Map<string, string[]>();
  const situationsOf = new Map<string, ReturnType<typeof statedEntries>[number]['situations']>();
  for (const name of changed) {
    for (const { entry, situations } of statedEntries(after.unit, name, (one) =>
      callersOf(after.unit, one, after.file),
    )) {
      if (before.unit.function(entry.name)?.body === undefined) continue;
      situationsOf.set(entry.name, situations);
      reachedBy.set(entry.name, [...(reachedBy.get(entry.name) ?? []), name]);
    }
  }
  const functions: SimulatedFunction[] = [];
  const covered = new Set<string>();
  const vain: { readonly names: readonly string[]; readonly results: SimulatedFunction[] }[] = [];
  for (const [entry, names] of reachedBy) {
    if (request.cancelled()) break;
    const [first, ...others] = names as [string, ...string[]];
    request.starting?.(first);
    const all = { ...touched, added: [...touched.added, ...others] };
    const results = (situationsOf.get(entry) ?? []).map((situation) =>
      compareThrough({ ...request, touched: all, situation }, entry, first),
    );
    const simulated = results.filter(({ verdict }) => verdict !== 'not-simulated');
    functions.push(...simulated);
    if (simulated.length > 0) for (const name of names) covered.add(name);
    else vain.push({ names, results });
  }
  // A situation that does not fit, or does not lead there, is no news where another one does; where none does,
  // invented inputs may still say something.
  for (const { names, results } of vain) {
    if (!names.every((name) => covered.has(name))) functions.push(...results);
  }
  return { functions, covered };
}

/** What the situations of a driver showed, with the lines that they executed. */
export interface DriverResults extends StatedResults {
  /** Executed in the situation of a result. */
  readonly executedFor: (result: SimulatedFunction) => ExecutedChanges;
  /** Executed in any of them. */
  readonly executed: ExecutedChanges;
}

/**
 * Runs the driver that the file belongs to as a whole, where built-in situations state one: what is called is above all
 * that changed, in this file or another one of the driver.
 */
export function compareDriver(
  request: Omit<ComparisonRequest, 'situation' | 'executed'>,
  changed: readonly string[],
): DriverResults {
  const executed = new ExecutedChanges();
  const bySituation = new Map<string, ExecutedChanges>();
  const functions = situationsOfDriver(request.after.unit).flatMap((situation) => {
    if (request.cancelled() || situation.entry === undefined) return [];
    const own = new ExecutedChanges();
    bySituation.set(situation.name, own);
    const noting = {
      add: (found: SearchResult): void => {
        own.add(found);
        executed.add(found);
      },
    };
    return compareAllBelow({ ...request, situation, executed: noting }, situation.entry, changed);
  });
  // What a situation does not lead to is no news; that it does not get through on this tree is.
  const told = functions.filter(
    ({ verdict, reason }) => verdict !== 'not-simulated' || reason !== NOT_REACHED,
  );
  // What shows nothing here may show something where its inputs are invented.
  const shown = told.filter(({ violations }) => violations.length > 0);
  const covered = new Set(shown.map((one) => one.function));
  return {
    ...{ functions: told, covered, executed },
    executedFor: ({ situation }) => bySituation.get(situation) ?? executed,
  };
}

/** A result of a driver's situation, no further than it went: what it did not watch it does not call unchanged. */
export function asFarAsDriven(
  result: SimulatedFunction,
  { executed, executedFor }: DriverResults,
  statements: ChangedStatements,
): SimulatedFunction {
  if (result.verdict !== 'unchanged') return result;
  if (executedFor(result).isWatched(statements)) {
    return asFarAsExecuted(result, executed.missing(statements));
  }
  const reason = `no difference, but what changed ran only before ${result.entry}() was called`;
  return { ...result, verdict: 'unknown', reason };
}

/** What is said of drivers where situations are given, and none is chosen. */
export const NOTHING_DRIVEN: DriverResults = {
  ...{ functions: [], covered: new Set<string>(), executed: new ExecutedChanges() },
  executedFor: () => new ExecutedChanges(),
};
