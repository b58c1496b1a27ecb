import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Budget } from '../machine/budget.ts';
import { situationsFor } from '../situations/library.ts';
import type { Situation } from '../situations/situation.ts';
import { INTERFACES } from '../watch/interfaces.ts';
import type { ChangedFunctions, ChangedStatements, IsChanged } from './change/changedFunctions.ts';
import { changedStatements, functionsOf } from './change/changedFunctions.ts';
import { compareAllBelow, compareFunction } from './search/compareFunction.ts';
import { asFarAsExecuted, ExecutedChanges } from './search/executedChanges.ts';
import { asItCompiles, notUnderstood } from './result/notCompiled.ts';
import { inOneState } from './search/oneState.ts';
import { asQuoted, notQuoted } from './result/quotedResults.ts';
import { extentOf } from './change/side.ts';
import type { Runnable } from './change/sideLoader.ts';
import type { SimulatedFunction, Simulation } from './result/simulation.ts';
import {
  asFarAsDriven,
  compareDriver,
  compareStated,
  NOTHING_DRIVEN,
  NOTHING_STATED,
} from './statedEntries.ts';
import { Work } from './search/work.ts';

/** What simulating may cost. None of it is time, so that verdicts do not depend on the machine. */
export interface SimulationLimits {
  /** Of one run; its milliseconds are a guard against what the other bounds miss. */
  readonly budget: Budget;
  /** Pairs of runs of one entry function in one situation. */
  readonly pairs: number;
  /** Steps of all runs for one changed function in one situation, its callers' included. */
  readonly stepsOfFunction: number;
  /** Steps of all runs for one change. */
  readonly steps: number;
}

/** How functions are run, whichever they are. */
export interface RunningRequest {
  /** Situations to run instead of those that the C asks for. */
  readonly situations?: readonly Situation[];
  /**
   * Only the driver to which the file belongs is run as a whole; of `driver, beside tables` only what differs is told,
   * as the tables by themselves say more of what is equal.
   */
  readonly through?: 'driver' | 'driver, beside tables';
  readonly limits: SimulationLimits;
  readonly now: () => number;
  readonly cancelled: () => boolean;
  /** Hears of each function before it is run. */
  readonly starting?: (name: string) => void;
}

/** Functions to run on both sides of a file. */
export interface ChangedRun {
  readonly runnable: Runnable;
  readonly touched: ChangedFunctions;
  /** The changed functions to run. */
  readonly names: readonly string[];
  readonly isChanged: IsChanged;
}

/** What running functions said, and what was not run. */
export type Ran = Pick<Simulation, 'functions' | 'notSimulated'>;

/** Runs changed functions in the situations that state what they take; where none does, on the interfaces alone. */
export function runChanged(request: RunningRequest, run: ChangedRun, work: Work): Ran {
  const { runnable, touched, names, isChanged } = run;
  const { before, after } = runnable;
  const { stepsOfFunction } = request.limits;
  const all = functionsOf(after.unit, after.file);
  const executed = new ExecutedChanges();
  const shared = { ...request, ...request.limits, before, after, isChanged, touched, executed };
  const { situations: given, through } = request;
  const stated =
    given === undefined && through === undefined
      ? compareStated({ ...shared, work }, names)
      : NOTHING_STATED;
  const driven = given === undefined ? compareDriver({ ...shared, work }, names) : NOTHING_DRIVEN;
  const isCovered = (name: string): boolean => stated.covered.has(name) || driven.covered.has(name);
  const notRun: { file: string; line: number; reason: string }[] = [];
  const invented = (through === undefined ? names : []).flatMap((name) => {
    if (isCovered(name) || request.cancelled()) return [];
    const symbol = all.get(name)!;
    const situations = request.situations ?? situationsOf(symbol);
    if (work.isUsedUp) {
      const reason = `${name}(): not run, the ${work.limit} steps for one change are used up`;
      const line = extentOf(after.unit, symbol, after.file)?.first ?? 1;
      notRun.push({ file: after.file, line, reason });
      return [];
    }
    request.starting?.(name);
    return situations.flatMap((situation) => {
      const about = { ...shared, situation, work: new Work(stepsOfFunction, work) };
      return situation.entry === undefined
        ? [compareFunction(about, name)]
        : compareAllBelow(about, situation.entry, [name]);
    });
  });
  // Other ways that do not lead there are no news where the driver itself leads there.
  const led = new Set(driven.functions.filter(isSimulated).map((result) => result.function));
  const others = [...stated.functions, ...invented].filter(
    (result) => isSimulated(result) || !led.has(result.function),
  );
  const statementsOf = ({ function: name }: SimulatedFunction): ChangedStatements =>
    changedStatements(...([before.unit, after.unit, isChanged, [name], after.file] as const));
  const told = driven.functions.filter(
    ({ verdict }) => verdict !== 'unchanged' || through !== 'driver, beside tables',
  );
  const results = [
    ...told.map((result) => {
      const statements = statementsOf(result);
      return asFarAsDriven(inOneState(result, { before, after, statements }), driven, statements);
    }),
    ...others.map((result) => asFarAsExecuted(result, executed.missing(statementsOf(result)))),
  ];
  return {
    functions: results.map((result) => asQuoted(asItCompiles(result, runnable), runnable)),
    notSimulated: [...notRun, ...notUnderstood(after.unit, results), ...notQuoted(runnable)],
  };
}

function isSimulated({ verdict }: SimulatedFunction): boolean {
  return verdict !== 'not-simulated';
}

function situationsOf(symbol: FunctionSymbol): readonly Situation[] {
  const built = situationsFor(symbol);
  return built.length > 0 ? built : [INTERFACES];
}
