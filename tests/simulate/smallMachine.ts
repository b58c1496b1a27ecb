import { FrontEnd } from '../../server/cfront/frontEnd.ts';
import type { Unit } from '../../server/cfront/unit.ts';
import { kernelFloor } from '../../server/simulate/kernel/floor.ts';
import type { Budget } from '../../server/simulate/machine/budget.ts';
import { WIDE_BUDGET } from '../../server/simulate/machine/budget.ts';
import type { ChoiceString } from '../../server/simulate/machine/choices.ts';
import { Machine } from '../../server/simulate/machine/machine.ts';
import { Program } from '../../server/simulate/machine/program.ts';
import { Stop } from '../../server/simulate/machine/stop.ts';
import { stackOf } from '../../server/simulate/machine/whereabouts.ts';

/** The unit of a C text, with other files beside it. Throws when a declaration does not parse. */
export function unitOf(text: string, files: Readonly<Record<string, string>> = {}): Unit {
  const all: Readonly<Record<string, string>> = { ...files, 'test.c': text };
  const loaded = new FrontEnd({ read: (file) => all[file] }).load('test.c');
  if (!loaded.ok) throw new Error(loaded.problem.reason);
  const [problem] = loaded.unit.problems();
  if (problem !== undefined) throw new Error(`line ${problem.line}: ${problem.message}`);
  return loaded.unit;
}

/** What may differ from a machine without limits. */
export interface SmallMachineOptions {
  readonly budget?: Partial<Budget>;
  readonly now?: () => number;
  readonly cancelled?: () => boolean;
  readonly choices?: ChoiceString;
}

/** A machine for one C text without any kernel header. */
export function machineFor(text: string, options: SmallMachineOptions = {}): Machine {
  const { budget, now, cancelled, choices } = options;
  return new Machine({
    program: new Program([unitOf(text)]),
    floor: kernelFloor(),
    budget: { ...WIDE_BUDGET, ...budget },
    now: now ?? ((): number => 0),
    ...(cancelled === undefined ? {} : { cancelled }),
    ...(choices === undefined ? {} : { choices }),
  });
}

/** Calls a function that has to end in a Stop: its kind, message, and the line it stopped at. */
export function stopOf(
  machine: Machine,
  name: string,
  args: readonly (number | bigint)[] = [],
): { readonly kind: string; readonly message: string; readonly line: number } {
  try {
    machine.call(name, args);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const line = stackOf(machine)[0]?.line ?? 0;
    machine.unwind();
    return { kind: error.kind, message: error.message, line };
  }
  throw new Error(`${name}() returned`);
}
