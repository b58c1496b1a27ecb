import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import { InputInventor } from '../inputs.ts';
import { kernelFloor } from '../kernel/floor.ts';
import { prepareMemoryMap } from '../kernel/pages.ts';
import type { LinkedFile } from '../link/linkedTree.ts';
import type { Budget } from '../machine/budget.ts';
import type { ChoiceString } from '../machine/choices.ts';
import type { Frame, TraceEvent } from '../machine/executor.ts';
import { Machine } from '../machine/machine.ts';
import { Stop } from '../machine/stop.ts';
import type { Value } from '../machine/values.ts';
import type { Environment, Situation } from './situation.ts';
import { problemText } from './situation.ts';

/** How to run. */
export interface SituationRunOptions {
  readonly budget: Budget;
  readonly now: () => number;
  readonly choices?: ChoiceString;
  readonly cancelled?: () => boolean;
  readonly traceCalls?: 'all' | 'none';
  /** Told when everything is in place, right before the entry is called. */
  readonly entering?: (machine: Machine, environment: Environment) => void;
  /** Told every event of the entry, not those of the set-up. */
  readonly trace?: (event: TraceEvent, frame: Frame | undefined) => void;
}

/** A run that is over; its machine can still be looked at. */
export interface SituationRun {
  readonly machine: Machine;
  /** Undefined where the set-up itself stopped. */
  readonly environment: Environment | undefined;
  /** What the entry returned. */
  readonly result: Value;
  /** Why the path ended before that. */
  readonly stop: Stop | undefined;
  /** Whether the entry was reached: a stop before it is one of the set-up. */
  readonly entered: boolean;
}

/** A machine over a file and what a situation links to it; the situation is yet to be built. */
export function machineFor(
  { program }: LinkedFile,
  situation: Situation,
  options: SituationRunOptions,
): Machine {
  const { budget, now, choices, cancelled, traceCalls, trace } = options;
  const machine = new Machine({
    ...{ program: program(situation.units), floor: kernelFloor(situation.models), budget, now },
    ...(choices === undefined ? {} : { choices }),
    ...(cancelled === undefined ? {} : { cancelled }),
    ...(traceCalls === undefined ? {} : { traceCalls }),
    ...(trace === undefined ? {} : { trace }),
  });
  prepareMemoryMap(machine);
  return machine;
}

/** Runs one function of a file in a situation, once. */
export function runInSituation(
  file: LinkedFile,
  entry: FunctionSymbol,
  situation: Situation,
  options: SituationRunOptions,
): SituationRun {
  let entered = false;
  const machine = machineFor(file, situation, {
    ...options,
    trace: (event, frame) => {
      if (entered) options.trace?.(event, frame);
    },
  });
  const { unit } = file;
  let environment: Environment | undefined;
  try {
    environment = situation.build(machine);
    const inputs = new InputInventor(machine, environment.supply);
    environment.prepare({ unit, symbol: entry });
    const [problem] = environment.problems;
    if (problem !== undefined) throw new Stop('situation', problemText(problem));
    const given = environment.argumentsFor(entry);
    entered = true;
    const args = entry.type.parameters.map(
      ({ name, type }, i) => given[i] ?? inputs.argument(type, name ?? `argument ${i + 1}`, unit),
    );
    environment.arm();
    options.entering?.(machine, environment);
    const result = machine.outermost(() =>
      machine.invoke(machine.callableFor(unit, entry), args, undefined),
    );
    return { machine, environment, result, stop: undefined, entered };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { machine, environment, result: undefined, stop: error, entered };
  }
}
