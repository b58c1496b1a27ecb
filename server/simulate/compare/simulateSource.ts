import { spellingOf } from '../../cfront/lex/atoms.ts';
import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Unit } from '../../cfront/unit.ts';
import { INVARIANTS } from '../../model/check/violation.ts';
import type { Problem } from '../../text/problem.ts';
import type { ListedSource } from '../link/symbolFinder.ts';
import { TreeMemory } from '../link/treeMemory.ts';
import { situationsFor } from '../situations/library.ts';
import type { Situation } from '../situations/situation.ts';
import { INTERFACES } from '../watch/interfaces.ts';
import { changedStatements, functionsOf } from './change/changedFunctions.ts';
import { compareAllBelow, compareFunction, NOT_ALL } from './search/compareFunction.ts';
import { headerItems } from './change/headerItems.ts';
import { asItCompiles, notUnderstood } from './result/notCompiled.ts';
import { extentOf } from './change/side.ts';
import { SideLoader } from './change/sideLoader.ts';
import type { ChangedHeader } from './simulateHeader.ts';
import { simulateHeader, unchangedFile } from './simulateHeader.ts';
import type { SimulatedFunction, Simulation } from './result/simulation.ts';
import type { SimulationLimits } from './runChanged.ts';
import { compareDriver, compareStated, NOTHING_DRIVEN, NOTHING_STATED } from './statedEntries.ts';
import { Work } from './search/work.ts';

/** Functions of a file to run as they are, without a change to compare with. */
export interface SourceRequest {
  readonly source: ListedSource;
  readonly path: string;
  /** One function; absent: those that use the interfaces. */
  readonly function: string | undefined;
  readonly situations?: readonly Situation[];
  /** What earlier requests on the same tree left. */
  readonly memory?: TreeMemory;
  readonly limits: SimulationLimits;
  readonly now: () => number;
  readonly cancelled: () => boolean;
}

/** Runs functions of a file and says what is broken in them, or why they cannot be run. */
export function simulateSource(request: SourceRequest): Simulation | Problem {
  const { source, path, now } = request;
  const start = now();
  const text = source.read(path);
  if (text === undefined) return { file: path, reason: 'there is no such file in the tree' };
  const file = unchangedFile(path, text);
  const change = { patches: [], files: [file], notLookedAt: [], problems: [] };
  const memory = request.memory ?? new TreeMemory();
  if (path.endsWith('.h')) {
    return simulateHeaderSource(
      ...([request, file, () => new SideLoader(source, change, memory.withoutUnits())] as const),
    );
  }
  const loader = new SideLoader(source, change, memory);
  const sides = loader.sides(file);
  if (typeof sides === 'string') return { file: path, reason: sides };
  const { unit } = sides.after;
  const all = functionsOf(unit);
  const named = request.function;
  if (named !== undefined && !all.has(named)) {
    const reason = `no function ${named} is defined here under profile ${unit.report.profile.name}`;
    return { file: path, reason };
  }
  const names =
    named === undefined
      ? [...all].filter(([, symbol]) => usesInterfaces(unit, symbol)).map(([name]) => name)
      : [named];
  const work = new Work(request.limits.steps);
  const alike = { ...request, ...request.limits, ...sides };
  const isChanged = (): boolean => true;
  const ran = {
    ...{ ...alike, work, isChanged },
    touched: { changed: names, added: [], removed: [] },
  };
  const [stated, driven] =
    request.situations === undefined
      ? [
          compareStated(ran, names),
          compareDriver(ran, named === undefined ? [...all.keys()] : names),
        ]
      : [NOTHING_STATED, NOTHING_DRIVEN];
  // What only ran while the state was brought about that the entry finds was not looked at.
  const below = driven.functions.filter((result) =>
    driven
      .executedFor(result)
      .isWatched(changedStatements(sides.before.unit, unit, isChanged, [result.function])),
  );
  const others = names.filter((name) => !stated.covered.has(name) && !driven.covered.has(name));
  const invented = others.flatMap((name) => {
    const symbol = all.get(name)!;
    const extent = extentOf(unit, symbol)!;
    const built = situationsFor(symbol);
    const fitting = request.situations ?? (built.length > 0 ? built : [INTERFACES]);
    return fitting.flatMap((situation) => {
      const about = {
        ...{ ...alike, situation },
        work: new Work(request.limits.stepsOfFunction, work),
        touched: { changed: [name], added: [], removed: [] },
        isChanged: (_: string, line: number): boolean =>
          line >= extent.first && line <= extent.last,
      };
      return situation.entry === undefined
        ? [compareFunction(about, name)]
        : compareAllBelow(about, situation.entry, [name]);
    });
  });
  const functions = [...stated.functions, ...below, ...invented].map(alone);
  return {
    functions: functions.map((result) => asItCompiles(result, sides)),
    notSimulated: notUnderstood(unit, functions),
    elapsed: now() - start,
  };
}

/** Runs functions of a header as they are, in C files that call them. */
function simulateHeaderSource(
  request: SourceRequest,
  header: ChangedHeader,
  newLoader: () => SideLoader,
): Simulation | Problem {
  const { source, path, now, function: named, limits } = request;
  const start = now();
  const functions = headerItems(path, header.after.text).filter(({ kind }) => kind === 'function');
  const wanted = functions.filter(({ name, words }) =>
    named === undefined ? [...words].some((word) => INTERFACE_NAMES.test(word)) : name === named,
  );
  if (wanted.length === 0) {
    const reason =
      named === undefined
        ? 'no function of this header uses the DMA or IOMMU interfaces; name one'
        : `no function ${named} is defined here`;
    return { file: path, reason };
  }
  const ran = simulateHeader({
    ...{ ...request, header, newLoader, loader: newLoader(), tree: source, beside: [], tables: [] },
    ...{ work: new Work(limits.steps), asTheyAre: wanted.map(({ name }) => name) },
  });
  const { notSimulated } = ran;
  return { functions: ran.functions.map(alone), notSimulated, elapsed: now() - start };
}

/** Calls of these interfaces are what the ledger understands. */
const INTERFACE_NAMES = /^(?:dma|dmam|iommu)_(?:map|unmap|alloc|free|pool|attach|domain|sync)/;

function usesInterfaces({ tokens }: Unit, { body }: FunctionSymbol): boolean {
  if (body === undefined) return false;
  const atoms = tokens.atoms.subarray(body, tokens.partners[body]);
  return atoms.some((atom) => INTERFACE_NAMES.test(spellingOf(atom)));
}

/** The result in words that fit when there is nothing to compare with. */
function alone(result: SimulatedFunction): SimulatedFunction {
  const count = `${result.pairs} ${result.pairs === 1 ? 'environment' : 'environments'}`;
  // Somebody whom it calls may have broken it: with nothing to compare with, that is its run all the same.
  const broken = result.after?.violations.find(({ id }) => id in INVARIANTS);
  if (broken !== undefined && result.verdict === 'unchanged') {
    const reason = `${broken.id}: ${broken.message}`;
    return { ...result, verdict: 'still-broken', reason, violations: [broken] };
  }
  if (broken !== undefined && result.verdict === 'unknown') {
    const reason = `${broken.id}: ${broken.message}, in an environment that rests on assumptions`;
    return { ...result, reason };
  }
  switch (result.verdict) {
    case 'unknown': {
      const bounded = result.reason.endsWith(NOT_ALL) ? NOT_ALL : '';
      const reason = `nothing is broken in ${count}, which rest on assumptions${bounded}`;
      return { ...result, reason };
    }
    case 'unchanged':
      return { ...result, reason: 'nothing is broken, and nothing assumed decided anything' };
    default:
      return result;
  }
}
