import type { FunctionSymbol } from '../../../cfront/parse/ast.ts';
import type { Parameter } from '../../../cfront/types/type.ts';
import type { Unit } from '../../../cfront/unit.ts';
import type { InputInventor } from '../../inputs.ts';
import type { Machine } from '../../machine/machine.ts';
import { formOf } from '../../machine/resultForm.ts';
import { Stop } from '../../machine/stop.ts';
import type { Value } from '../../machine/values.ts';
import { reportOf } from '../../watch/ending.ts';
import { ledgerOf } from '../../watch/ledger.ts';

/** What a function that ran before leaves for a parameter of the next one; undefined: nothing that fits. */
export type Left = (parameter: Parameter) => Value;

/** Nothing ran before. */
export const NOTHING_LEFT: Left = () => undefined;

/** What preparing a run needs. */
export interface SetupRequest {
  readonly unit: Unit;
  readonly setup: FunctionSymbol;
  readonly inputs: InputInventor;
}

/** An argument that nothing states, for a parameter by its position. */
export function argumentOf(
  inputs: InputInventor,
  { name, type }: Parameter,
  index: number,
  unit: Unit,
): Value {
  return inputs.argument(type, name ?? `argument ${index + 1}`, unit);
}

/**
 * Runs a function that takes something, before the one that is judged. It has to succeed and to keep
 * something. The next function gets its objects, by type, and its numbers, by name.
 */
export function prepared(machine: Machine, { unit, setup, inputs }: SetupRequest): Left {
  const { parameters, result } = setup.type;
  const args = parameters.map((parameter, i) => argumentOf(inputs, parameter, i, unit));
  const value = machine.outermost(() =>
    machine.invoke(machine.callableFor(unit, setup), [...args], undefined),
  );
  if (reportOf(result, value) === 'error') {
    throw new Stop('situation', `${setup.name}(), which has to run before, fails`);
  }
  if (ledgerOf(machine).endSetup() === 0) {
    throw new Stop('situation', `${setup.name}(), which has to run before, takes nothing`);
  }
  return ({ name, type }) => {
    if (type.kind !== 'pointer') {
      const same = parameters.findIndex((other) => name !== undefined && other.name === name);
      const given = same < 0 || parameters[same]!.type.kind !== 'integer' ? undefined : args[same];
      // Of the same name, and perhaps of another width.
      return given === undefined || type.kind !== 'integer' ? undefined : formOf(given, type);
    }
    const tag = type.to.kind === 'aggregate' ? type.to.tag : undefined;
    if (tag === undefined) return undefined;
    const isResult = result.kind === 'pointer' && result.to === type.to;
    return isResult ? value : inputs.ofStruct(tag)[0];
  };
}
