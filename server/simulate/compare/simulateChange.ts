import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { Change, ChangedFile } from '../../patch/change.ts';
import type { ListedSource } from '../link/symbolFinder.ts';
import { TreeMemory } from '../link/treeMemory.ts';
import type { Budget } from '../machine/budget.ts';
import { DEFAULT_BUDGET } from '../machine/budget.ts';
import type { Situation } from '../situations/situation.ts';
import { situationsFor } from '../situations/library.ts';
import { INTERFACES } from '../watch/interfaces.ts';
import type { IsChanged } from './changedFunctions.ts';
import { changedFunctions, changedStatements, functionsOf } from './changedFunctions.ts';
import { asFarAsExecuted, ExecutedChanges } from './executedChanges.ts';
import { asItCompiles, notUnderstood } from './notCompiled.ts';
import { optionsAround } from './optionsAround.ts';
import { extentOf } from './side.ts';
import { compareAllBelow, compareFunction } from './compareFunction.ts';
import { asQuoted, notQuoted } from './quotedResults.ts';
import { compareDriver, compareStated, NOTHING_STATED } from './statedEntries.ts';
import type { Runnable } from './sideLoader.ts';
import { SideLoader, stateOf } from './sideLoader.ts';
import type { SimulatedFunction, Simulation } from './simulation.ts';
import { simulateTables } from './tables.ts';
import { Work } from './work.ts';

/** What to simulate, and what it may cost. */
export interface SimulationRequest {
  readonly source: ListedSource;
  readonly change: Change;
  /** Situations to run instead of those that the C asks for. */
  readonly situations?: readonly Situation[];
  /** Runs only the changed functions that have some of these lines; absent: all. */
  readonly only?: LinesAfter;
  /** What earlier requests on the same tree left. */
  readonly memory?: TreeMemory;
  readonly limits: SimulationLimits;
  readonly now: () => number;
  readonly cancelled: () => boolean;
  /** Hears of each function before it is run. */
  readonly starting?: (name: string) => void;
}

/** Lines of a file after the change, both ends included, 1-based. */
export interface LinesAfter {
  readonly path: string;
  readonly first: number;
  readonly last: number;
}

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

/** Limits for a patch at the command line or in an editor. */
export const SIMULATION_LIMITS: SimulationLimits = {
  budget: { ...DEFAULT_BUDGET, steps: 100_000, choices: 600, milliseconds: 30_000 },
  pairs: 120,
  stepsOfFunction: 2_000_000,
  steps: 8_000_000,
};

/** Runs every function that a change touches, before and after, and says how they differ. */
export function simulateChange(request: SimulationRequest): Simulation {
  const start = request.now();
  const functions: SimulatedFunction[] = [];
  const notSimulated: { file: string; line: number; reason: string }[] = [];
  const { source, change, now, cancelled, only } = request;
  const memory = request.memory ?? new TreeMemory();
  const work = new Work(request.limits.steps);
  const loader = new SideLoader(source, change, memory);
  const states = {
    ...{ before: stateOf(source, change, 'before'), after: stateOf(source, change, 'after') },
    ...{ cache: memory.tokens, now, cancelled },
  };
  for (const file of request.change.files) {
    const path = file.after?.path ?? file.before?.path ?? '';
    if (only !== undefined && only.path !== path) continue;
    const line = file.map.lines.find(({ kind }) => kind !== 'context')?.after ?? 1;
    if (file.before === undefined || file.after === undefined) {
      const reason =
        file.before === undefined ? 'a new file: nothing to compare it with' : 'deleted';
      notSimulated.push({ file: path, line: 1, reason });
      continue;
    }
    const tables = request.situations === undefined ? simulateTables(states, file) : [];
    functions.push(...tables);
    if (tables.length > 0) continue;
    if (!path.endsWith('.c')) {
      const reason = 'a header: run with the C files of the patch that include it';
      notSimulated.push({ file: path, line, reason });
      continue;
    }
    const runnable = compiled(loader, { ...file, before: file.before, after: file.after });
    if (typeof runnable === 'string') notSimulated.push({ file: path, line, reason: runnable });
    else functions.push(...simulateFile(request, runnable, work, notSimulated));
  }
  return { functions, notSimulated, elapsed: request.now() - start };
}

/**
 * Reads what the first C file of a change includes, on both sides, so that a simulation on the same memory finds it
 * read.
 */
export function prepareChange(source: ListedSource, change: Change, memory: TreeMemory): void {
  for (const { before, after, ...file } of change.files) {
    if (before === undefined || after?.path.endsWith('.c') !== true) continue;
    compiled(new SideLoader(source, change, memory), { ...file, before, after });
    return;
  }
}

/** Both sides of a file, with options set where the profile leaves all that changed out. */
function compiled(loader: SideLoader, file: Runnable['file']): Runnable | string {
  const usual = loader.sides(file);
  if (
    typeof usual === 'string' ||
    touches(usual) ||
    usual.after.unit.report.inactive.length === 0
  ) {
    return usual;
  }
  const linesOf = (side: 'before' | 'after'): ReadonlySet<number> =>
    new Set(file.map.lines.flatMap((line) => (line.kind === 'context' ? [] : (line[side] ?? []))));
  const options = new Map([
    ...optionsAround(file.before.text, linesOf('before')),
    ...optionsAround(file.after.text, linesOf('after')),
  ]);
  const other = options.size === 0 ? usual : loader.sides(file, options);
  return typeof other !== 'string' && touches(other) ? other : usual;
}

function touches({ before, after }: Runnable): boolean {
  const { changed, added, removed } = changedFunctions(before.unit, after.unit);
  return changed.length + added.length + removed.length > 0;
}

function simulateFile(
  request: SimulationRequest,
  runnable: Runnable,
  work: Work,
  notSimulated: { file: string; line: number; reason: string }[],
): SimulatedFunction[] {
  const { before, after, file } = runnable;
  const touched = changedFunctions(before.unit, after.unit);
  const { path } = after.unit;
  const all = functionsOf(after.unit);
  const { only } = request;
  const entries = touched.changed.filter(
    (name) =>
      before.unit.function(name) !== undefined &&
      (only === undefined || hasLines(after.unit, all.get(name)!, only)),
  );
  if (entries.length === 0) {
    const reason =
      only === undefined || touched.changed.length === 0
        ? whyNothing(after.unit, file)
        : 'no function changed in these lines';
    notSimulated.push({ file: path, line: only?.first ?? 1, reason });
    return [];
  }
  const isChanged: IsChanged = (side, line) =>
    (side === 'before' ? file.map.toAfter(line) : file.map.toBefore(line)) === undefined;
  const { stepsOfFunction } = request.limits;
  const executed = new ExecutedChanges();
  const shared = { ...request, ...request.limits, before, after, isChanged, touched, executed };
  const [stated, driven] =
    request.situations === undefined
      ? [compareStated({ ...shared, work }, entries), compareDriver({ ...shared, work }, entries)]
      : [NOTHING_STATED, NOTHING_STATED];
  const isCovered = (name: string): boolean => stated.covered.has(name) || driven.covered.has(name);
  const open = entries.filter((name) => !isCovered(name));
  const invented = open.flatMap((name) => {
    if (request.cancelled()) return [];
    const symbol = all.get(name)!;
    const situations = request.situations ?? situationsOf(symbol);
    if (work.isUsedUp) {
      const reason = `${name}(): not run, the ${work.limit} steps for one change are used up`;
      notSimulated.push({ file: path, line: extentOf(after.unit, symbol)?.first ?? 1, reason });
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
  const results = [...stated.functions, ...driven.functions, ...invented].map((result) => {
    const own = changedStatements(before.unit, after.unit, isChanged, [result.function]);
    return asFarAsExecuted(result, executed.missing(own));
  });
  notSimulated.push(...notUnderstood(after.unit, results), ...notQuoted(runnable));
  return results.map((result) => asQuoted(asItCompiles(result, runnable), runnable));
}

function hasLines(unit: Unit, symbol: FunctionSymbol, { first, last }: LinesAfter): boolean {
  const extent = extentOf(unit, symbol);
  return extent !== undefined && extent.first <= last && extent.last >= first;
}

function situationsOf(symbol: FunctionSymbol): readonly Situation[] {
  const built = situationsFor(symbol);
  return built.length > 0 ? built : [INTERFACES];
}

function whyNothing({ report }: Unit, { map }: ChangedFile): string {
  const changed = map.lines.find(({ kind }) => kind === 'added')?.after;
  const left = report.inactive.length > 0 && changed !== undefined;
  return left
    ? `no function changed under profile ${report.profile.name}; text behind options that are off is not run`
    : 'no function body changed: comments, layout, data or declarations only';
}
