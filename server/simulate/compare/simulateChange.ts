import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { Change, ChangedFile } from '../../patch/change.ts';
import type { ListedSource } from '../link/symbolFinder.ts';
import { TreeMemory } from '../link/treeMemory.ts';
import { DEFAULT_BUDGET } from '../machine/budget.ts';
import type { Situation } from '../situations/situation.ts';
import type { IsChanged } from './change/changedFunctions.ts';
import { changedFunctions, functionsOf } from './change/changedFunctions.ts';
import { changedNames, headerItems } from './change/headerItems.ts';
import { linesChangedIn, optionsAround } from './change/optionsAround.ts';
import type { Ran, SimulationLimits } from './runChanged.ts';
import { runChanged } from './runChanged.ts';
import { extentOf } from './change/side.ts';
import type { Runnable } from './change/sideLoader.ts';
import { SideLoader, stateOf } from './change/sideLoader.ts';
import type { ChangedHeader, HeaderRequest } from './simulateHeader.ts';
import { simulateHeader } from './simulateHeader.ts';
import type { SimulatedFunction, Simulation } from './result/simulation.ts';
import { simulateTables } from './tables.ts';
import { Work } from './search/work.ts';

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
  const tree = stateOf(source, change, 'after');
  const states = {
    ...{ before: stateOf(source, change, 'before'), after: tree },
    ...{ cache: memory.tokens, now, cancelled },
  };
  const constants = changedConstants(change);
  const headers: Pick<HeaderRequest, 'header' | 'tables'>[] = [];
  const add = (ran: Ran): void => {
    functions.push(...ran.functions);
    notSimulated.push(...ran.notSimulated);
  };
  for (const file of change.files) {
    const path = file.after?.path ?? file.before?.path ?? '';
    if (only !== undefined && only.path !== path) continue;
    const line = file.map.lines.find(({ kind }) => kind !== 'context')?.after ?? 1;
    if (!isOnBoth(file)) {
      const reason =
        file.before === undefined ? 'a new file: nothing to compare it with' : 'deleted';
      notSimulated.push({ file: path, line: 1, reason });
      continue;
    }
    const tables = request.situations === undefined ? simulateTables(states, file, constants) : [];
    functions.push(...tables);
    if (!path.endsWith('.c')) {
      const isBroken = tables.some(({ verdict }) => verdict === 'newly-broken');
      if (!isBroken) headers.push({ header: file, tables });
      continue;
    }
    const isTable = tables.length > 0;
    const isCompared = tables.some(({ verdict }) => verdict !== 'not-simulated');
    const through = isCompared ? ('driver, beside tables' as const) : ('driver' as const);
    const runnable = compiled(loader, file);
    if (typeof runnable !== 'string') {
      const ran = isTable ? { ...request, through } : request;
      add(simulateFile(ran, { runnable, constants, work }));
    } else if (!isTable) notSimulated.push({ file: path, line, reason: runnable });
  }
  // What C files of the change run of a header need not be looked for elsewhere.
  const beside = change.files.filter(isOnBoth).filter(({ after }) => after.path.endsWith('.c'));
  for (const about of headers) {
    const newLoader = (): SideLoader => new SideLoader(source, change, memory.withoutUnits());
    add(simulateHeader({ ...request, ...about, beside, tree, loader, newLoader, work }));
  }
  return { functions, notSimulated, elapsed: now() - start };
}

function isOnBoth(file: ChangedFile): file is ChangedHeader {
  return file.before !== undefined && file.after !== undefined;
}

/** Enumeration constants that the files of a change may give other values. */
function changedConstants(change: Change): readonly string[] {
  return change.files.filter(isOnBoth).flatMap(({ before, after }) => {
    const [old, made] = [enumerationsOf(before.text), enumerationsOf(after.text)];
    if (old === made) return [];
    const changed = changedNames(headerItems(before.path, old), headerItems(after.path, made));
    return changed.map(({ name }) => name);
  });
}

function enumerationsOf(text: string): string {
  return Array.from(text.matchAll(/\benum\b[^;{}()]*\{[^{}]*\}/g), ([one]) => `${one};`).join('\n');
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
  const options = new Map([
    ...optionsAround(file.before.text, linesChangedIn(file, 'before')),
    ...optionsAround(file.after.text, linesChangedIn(file, 'after')),
  ]);
  const other = options.size === 0 ? usual : loader.sides(file, options);
  return typeof other !== 'string' && touches(other) ? other : usual;
}

function touches({ before, after }: Runnable): boolean {
  const { changed, added, removed } = changedFunctions(before.unit, after.unit);
  return changed.length + added.length + removed.length > 0;
}

/** A changed C file, ready to run, and what of it is asked for. */
interface FileRun {
  readonly runnable: Runnable;
  /** Constants that the change may give other values. */
  readonly constants: readonly string[];
  readonly work: Work;
}

function simulateFile(request: SimulationRequest, { runnable, constants, work }: FileRun): Ran {
  const { before, after, file } = runnable;
  const touched = changedFunctions(before.unit, after.unit, after.unit.path, constants);
  const { path } = after.unit;
  const all = functionsOf(after.unit);
  const { only } = request;
  const names = touched.changed.filter(
    (name) =>
      before.unit.function(name) !== undefined &&
      (only === undefined || hasLines(after.unit, all.get(name)!, only)),
  );
  if (names.length === 0) {
    const reason =
      only === undefined || touched.changed.length === 0
        ? whyNothing(after.unit, file)
        : 'no function changed in these lines';
    return { functions: [], notSimulated: [{ file: path, line: only?.first ?? 1, reason }] };
  }
  const isChanged: IsChanged = (side, line) =>
    (side === 'before' ? file.map.toAfter(line) : file.map.toBefore(line)) === undefined;
  return runChanged(request, { runnable, touched, names, isChanged }, work);
}

function hasLines(unit: Unit, symbol: FunctionSymbol, { first, last }: LinesAfter): boolean {
  const extent = extentOf(unit, symbol);
  return extent !== undefined && extent.first <= last && extent.last >= first;
}

function whyNothing({ report }: Unit, { map }: ChangedFile): string {
  const changed = map.lines.find(({ kind }) => kind === 'added')?.after;
  const left = report.inactive.length > 0 && changed !== undefined;
  return left
    ? `no function changed under profile ${report.profile.name}; text behind options that are off is not run`
    : 'no function body changed: comments, layout, data or declarations only';
}
