import type { FunctionSymbol } from '../../../cfront/parse/ast.ts';
import type { Type } from '../../../cfront/types/type.ts';
import { comparedInBoth, comparedValues } from '../../comparedValues.ts';
import { InputInventor } from '../../inputs.ts';
import { kernelFloor } from '../../kernel/floor.ts';
import { pagePool, prepareMemoryMap } from '../../kernel/pages.ts';
import type { Budget } from '../../machine/budget.ts';
import type { Frame, TraceEvent } from '../../machine/executor.ts';
import type { Floor } from '../../machine/machine.ts';
import { Machine } from '../../machine/machine.ts';
import type { StopKind } from '../../machine/stop.ts';
import { Stop } from '../../machine/stop.ts';
import type { Value } from '../../machine/values.ts';
import type { CallSite, StackEntry } from '../../machine/whereabouts.ts';
import { callSites, placeOf, stackOf } from '../../machine/whereabouts.ts';
import type { Environment, Situation } from '../../situations/situation.ts';
import { problemText } from '../../situations/situation.ts';
import { valueText } from '../../toldResult.ts';
import { judgeEnding, reportOf } from '../../watch/ending.ts';
import type { Report } from '../../watch/ending.ts';
import { letGo } from '../../watch/devres.ts';
import type { Holding } from '../../watch/ledger.ts';
import { ledgerOf } from '../../watch/ledger.ts';
import { judgeMappings } from '../../watch/mappings.ts';
import type { ReturnedCall } from '../../watch/returnedAddress.ts';
import type { HardwareView } from '../../watch/hardware.ts';
import { HardwareWatch } from '../../watch/hardware.ts';
import { ownsMapping } from '../../watch/takenBack.ts';
import { underneath } from '../../watch/underneath.ts';
import type { Violation } from '../../watch/violation.ts';
import { changedSteps } from './changedSteps.ts';
import { isWholeLife } from '../change/driverLife.ts';
import type { ExecutedLines } from './executedLines.ts';
import { executedLines } from './executedLines.ts';
import type { KeyedChoice, Plan } from './keyedChooser.ts';
import { KeyedChooser, planText } from './keyedChooser.ts';
import { onlySkipsLoops } from './skippedLoops.ts';
import type { Side } from '../change/side.ts';
import { argumentOf, NOTHING_LEFT, prepared } from './setup.ts';
import { sitesOf } from '../change/side.ts';

/** Something that happened in a run, with its place in the C. */
export interface RunEvent {
  readonly event: TraceEvent;
  readonly site: CallSite | undefined;
}

/** How a run ended. */
export type RunEnding =
  | {
      readonly kind: 'returned';
      readonly report: Report;
      readonly value: string;
      /** The value as the machine has it, and what it is of: addresses are invented, and say nothing to anybody. */
      readonly result: { readonly type: Type; readonly value: Value };
      /** The statement that returned, or the end of the function. */
      readonly place: StackEntry | undefined;
    }
  | {
      readonly kind: 'stopped';
      readonly stop: StopKind;
      readonly message: string;
      readonly stack: readonly StackEntry[];
    };

/** One run of an entry function on one side. */
export interface SideRun {
  readonly ending: RunEnding;
  readonly events: readonly RunEvent[];
  readonly violations: readonly Violation[];
  /** What the hardware sees of the situation's tables at the end; undefined where it did not get there. */
  readonly hardware: HardwareView | undefined;
  readonly decisions: readonly KeyedChoice[];
  readonly assumptions: readonly string[];
  /** What it left other than it was, in memory that outlives the call, by place; empty where it did not return. */
  readonly stores: ReadonlyMap<string, string>;
  /** What was taken and is still held, by the interface that gave it. */
  readonly held: ReadonlySet<string>;
  /** What was taken before the entry ran, in order, as it is at the end. */
  readonly older: readonly Holding[];
  /** Lines of the file, on this side, at which executed statements begin. */
  readonly lines: ReadonlySet<number>;
  /** Those of them that were executed from the entry on; the others only brought about what it finds. */
  readonly watchedLines: ReadonlySet<number>;
  readonly steps: number;
  /** It went on far longer than the other side takes in all, with nothing assumed. */
  readonly isEndless?: true;
  /** Nobody but the entry gives back what was taken before it. */
  readonly ownsOlder: boolean;
  /** The entry gave back something that was taken before it, or tried to. */
  readonly touchedOlder: boolean;
}

/** What a run needs. */
export interface SideRequest {
  readonly side: Side;
  readonly situation: Situation;
  readonly budget: Budget;
  readonly now: () => number;
  readonly cancelled: () => boolean;
  /** The ways of runs of the same entry, by plan: what a failure is compared with. Filled as runs are made. */
  readonly ways: Map<string, Way>;
  /** A function that runs first, successfully, on the same objects. */
  readonly setup?: FunctionSymbol;
  /** The changed functions of the file: they run as they are written, whatever interface they implement. */
  readonly changed: ReadonlySet<string>;
  /** Changed statements whose execution the run tells of, by the lines at which they begin; for runs that are shown. */
  readonly tells?: ReadonlySet<number>;
}

/** Which way a run took, and what came of it: nothing else can tell whether it looked at something. */
export interface Way {
  readonly trail: number;
  readonly outcome: string;
}

const FLOORS = new WeakMap<Situation, Floor>();

/** The floor that a situation stands on: the same for all of its runs. */
function floorOf(situation: Situation): Floor {
  let floor = FLOORS.get(situation);
  if (floor === undefined) {
    floor = kernelFloor(situation.models);
    FLOORS.set(situation, floor);
  }
  return floor;
}

/** Runs a function of a side in a situation, with the decisions of a plan. */
export function runSide(request: SideRequest, entry: FunctionSymbol, plan: Plan): SideRun {
  const { side } = request;
  const ran = runPlan(request, entry, plan);
  const { machine, chooser, events, ending, environment, watch, gather, call } = ran;
  const ledger = ledgerOf(machine);
  const report = ending.kind === 'returned' ? ending.report : undefined;
  const own = wayOf(request, machine, ending, plan);
  const { steps } = machine;
  // A probe that fails, or a device that is let go: what was left with it happens now, before anybody says that
  // it leaks.
  const { setup } = request;
  const isOver = setup !== undefined && isWholeLife(side.unit, setup, entry);
  if (report === 'error' || (report !== undefined && isOver)) letGo(machine);
  const violations = judgeEnding(ledger, report ?? 'stopped', ({ question, kind, taken }) => {
    const usual = new Map(plan);
    usual.delete(chooser.made[question!]!.key);
    const other = wayOfPlan(request, entry, usual);
    if (other.outcome !== own.outcome) return true;
    if (other.trail === own.trail) return false;
    // A list that could not be mapped has no entries.
    return (
      kind !== 'list' || !onlySkipsLoops(machine, runPlan(request, entry, usual).machine, taken)
    );
  });
  if (report !== undefined && environment !== undefined && call !== undefined) {
    violations.push(...judgeMappings(machine, environment, report, call));
  }
  const executed = changedFileLines(machine, side);
  const run = {
    ...{ ending, decisions: [...chooser.made], events: [...events] },
    ...{
      assumptions: [...machine.assumptions],
      lines: executed.ever,
      watchedLines: executed.watched,
    },
    stores:
      report === undefined
        ? new Map<string, string>()
        : machine.changedMemory(environment?.probes.length === 0 ? 'data' : 'tables'),
    held: new Set(ledger.holdings.flatMap(({ state, api }) => (state === 'held' ? [api] : []))),
    steps,
    older: ledger.holdings.filter(({ isOlder }) => isOlder),
    ownsOlder: environment !== undefined && ownsMapping(environment, entry),
    touchedOlder: ledger.touchedOlder,
  };
  // The watch asks the C itself in the end: by now everything is known that belongs to the run.
  const hardware =
    report === undefined
      ? undefined
      : watch?.finish({
          succeeded: report !== 'error',
          // A function that is handed a gather leaves the flush to who made it.
          ...{ syncs: gather === undefined ? 'itself' : 'caller', gather },
        });
  return { ...run, hardware, violations: [...violations, ...(hardware?.violations ?? [])] };
}

/** A machine that ran an entry, with what it was asked and what it said. */
interface RanPlan extends RanEntry {
  readonly machine: Machine;
  readonly chooser: KeyedChooser;
  readonly events: readonly RunEvent[];
}

function runPlan(request: SideRequest, entry: FunctionSymbol, plan: Plan): RanPlan {
  const { side, situation, budget, now, cancelled, changed, tells } = request;
  const tell = (text: string): void => {
    machine.record({ kind: 'changed', text });
  };
  const events: RunEvent[] = [];
  const siteOf = callSites();
  const chooser = new KeyedChooser(plan, sitesOf(side));
  const machine: Machine = new Machine({
    ...{
      program: side.program(situation.units),
      floor: floorOf(situation),
      budget,
      now,
      cancelled,
    },
    choices: chooser,
    underReview: changed,
    ...(tells === undefined ? {} : { steps: changedSteps(side, tells, tell) }),
    trace: (event, frame) => {
      events.push({ event, site: frame === undefined ? undefined : siteOf(frame) });
    },
  });
  return { machine, chooser, events, ...runEntry(machine, request, entry, events) };
}

function wayOf({ ways }: SideRequest, machine: Machine, ending: RunEnding, plan: Plan): Way {
  const outcome = ending.kind === 'returned' ? ending.value : ending.message;
  const way = { trail: machine.trail, outcome };
  ways.set(planText(plan), way);
  return way;
}

/** The way of a plan: from an earlier run where there was one. */
function wayOfPlan(request: SideRequest, entry: FunctionSymbol, plan: Plan): Way {
  const known = request.ways.get(planText(plan));
  if (known !== undefined) return known;
  const { machine, ending } = runPlan(request, entry, plan);
  return wayOf(request, machine, ending, plan);
}

/** Which parameter is a gather; -1 where none is. */
function gatherParameter({ type }: FunctionSymbol): number {
  return type.parameters.findIndex(
    ({ type: parameter }) =>
      parameter.kind === 'pointer' &&
      parameter.to.kind === 'aggregate' &&
      parameter.to.tag === 'iommu_iotlb_gather',
  );
}

/** How an entry ended, in what, and who watched. */
interface RanEntry {
  readonly ending: RunEnding;
  readonly environment: Environment | undefined;
  readonly watch: HardwareWatch | undefined;
  /** Address of the gather that the entry was handed. */
  readonly gather: number | undefined;
  /** The entry with what it was handed and what it returned; undefined where it did not return. */
  readonly call: ReturnedCall | undefined;
}

function runEntry(
  machine: Machine,
  { side, situation, setup }: SideRequest,
  entry: FunctionSymbol,
  events: RunEvent[],
): RanEntry {
  const { unit } = side;
  let environment: Environment | undefined;
  let watch: HardwareWatch | undefined;
  let gather: number | undefined;
  try {
    prepareMemoryMap(machine);
    environment = situation.build(machine);
    const [problem] = environment.problems;
    if (problem !== undefined) throw new Stop('situation', problemText(problem));
    const own = comparedValues(unit, entry);
    const compared = setup === undefined ? own : comparedInBoth(comparedValues(unit, setup), own);
    const inputs = new InputInventor(machine, environment.supply, compared);
    machine.areGlobalsSet = situation.globals === 'set';
    if (environment.dma !== undefined) machine.observeCalls(underneath(machine));
    const target = { unit, symbol: entry };
    environment.prepare(target);
    const statedEntry = environment.entry?.(target);
    const [late] = environment.problems;
    if (late !== undefined) throw new Stop('situation', problemText(late));
    ledgerOf(machine).endSetup();
    const found = {
      mappedBefore: environment.mapped().length,
      pagesBefore: new Set(pagePool(machine).sizes.keys()),
    };
    events.length = 0;
    environment.arm();
    machine.enterEntry();
    const left = setup === undefined ? NOTHING_LEFT : prepared(machine, { unit, setup, inputs });
    const given = statedEntry === undefined ? environment.argumentsFor(entry) : [];
    const { callable, args } = statedEntry ?? {
      callable: machine.callableFor(unit, entry),
      args: entry.type.parameters.map(
        (parameter, i) => given[i] ?? left(parameter) ?? argumentOf(inputs, parameter, i, unit),
      ),
    };
    const called = callable.symbol ?? entry;
    const pointer = args[gatherParameter(called)];
    gather = pointer === undefined ? undefined : Number(pointer);
    watch = new HardwareWatch(machine, environment, () => events.length, gather);
    const value = machine.outermost(() => machine.invoke(callable, args, undefined));
    const { result } = called.type;
    const report = reportOf(result, value);
    const place = returnOf(machine.lastReturned);
    const ending = {
      ...{ kind: 'returned' as const, report, value: valueText(value), place },
      result: { type: result, value },
    };
    const call = { entry: called, args, value, ...found };
    return { ending, environment, watch, gather, call };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const { kind, message } = error;
    const ending = { kind: 'stopped' as const, stop: kind, message, stack: stackOf(machine) };
    return { ending, environment, watch, gather, call: undefined };
  }
}

/** The lines that ran of the file whose changes are looked at: a header is part of every unit that includes it. */
function changedFileLines(machine: Machine, { unit, file }: Side): ExecutedLines {
  return executedLines(machine, file === unit.path ? [unit] : machine.program.all, file);
}

/** The return statement; a function that runs to its end has none. */
function returnOf(frame: Frame | undefined): StackEntry | undefined {
  const { symbol, unit } = frame?.callable ?? {};
  if (frame === undefined || symbol === undefined || unit === undefined) return undefined;
  const body = unit.bodyOf(symbol);
  const isAtEnd = !('body' in body) || frame.at === body.body.at;
  return isAtEnd ? undefined : placeOf(frame);
}
