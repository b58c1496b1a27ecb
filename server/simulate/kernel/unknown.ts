import { sizeOf } from '../../cfront/types/layout.ts';
import type { Type } from '../../cfront/types/type.ts';
import { VOID } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import type { Callable, Executor } from '../machine/executor.ts';
import type { UnknownFunction } from '../machine/machine.ts';
import { Stop } from '../machine/stop.ts';
import type { Value } from '../machine/values.ts';

const ENOMEM = -12;
/** The C does not compile here: it was written for another release. */
const UNDECLARED = 'declared nowhere in this tree, so unknown';
const NO_BODY = 'unknown function';
/** What the trace says of calls of functions that nothing is known of. */
export const UNKNOWN: ReadonlySet<string> = new Set([UNDECLARED, NO_BODY]);

/**
 * A function with neither body nor model: what it could write through its arguments becomes unknown,
 * and a result that is used is a choice by type. Both are named in the trace and in the result.
 */
export const unknownFunction: UnknownFunction = (machine, callable, args, node) => {
  const text = callable.symbol?.isUndeclared === true ? UNDECLARED : NO_BODY;
  machine.record({ kind: 'model', name: callable.name, text });
  clobberArguments(machine, callable, args);
  const type = node?.type ?? callable.symbol?.type.result ?? VOID;
  return inventResult(machine, callable, type);
};

/** Memory that non-const pointer arguments reach directly holds nobody knows what afterwards. */
function clobberArguments(machine: Executor, callable: Callable, args: readonly Value[]): void {
  const parameters = callable.symbol?.type.parameters ?? [];
  parameters.forEach(({ type }, i) => {
    const value = args[i];
    if (type.kind !== 'pointer' || type.toConst || type.to.kind === 'function') return;
    if (typeof value !== 'number' || value === 0) return;
    const region = machine.memory.regions.containing(value);
    // Of a void pointer the rest of its object may be written; of a typed one, that object.
    const rest = region === undefined ? 0 : region.start + region.size - value;
    const size = type.to.kind === 'void' ? Math.min(rest, 4096) : sizeOf(type.to);
    machine.memory.clobber(value, size);
    machine.memory.regions.addClobber(value, size, `${callable.name}()`);
  });
}

function inventResult(machine: Executor, { name, unit }: Callable, type: Type): Value {
  const question = `${name}()`;
  switch (type.kind) {
    case 'void':
      return undefined;
    case 'integer': {
      if (type.rank === 0) return machine.choose(question, [0, 1]);
      const usual = type.size > 4 ? [0n, 1n, 4096n] : type.signed ? [0, ENOMEM, 1] : [0, 1, 2];
      const compared = (machine.inputs?.worthTrying(name) ?? []).map((value) =>
        type.size > 4 ? BigInt.asUintN(type.width, value) : Number(BigInt.asIntN(32, value)),
      );
      return machine.choose(question, [...new Set<Value>([...usual, ...compared])]);
    }
    case 'pointer': {
      const made = inventObject(machine, type.to, question, unit);
      const isErrorPointer = machine.inputs?.isErrorPointer(name) === true;
      return machine.choose(question, isErrorPointer ? [made, ENOMEM, 0] : [made, 0, ENOMEM]);
    }
    default:
      throw new Stop('builtin', `${name}() is unknown and returns a ${type.kind}`);
  }
}

function inventObject(machine: Executor, type: Type, question: string, unit: Unit): number {
  const name = `result of ${question}`;
  if (machine.inputs !== undefined) return machine.inputs.object(type, name, unit);
  const size = Math.max(sizeOf(type), 64);
  const made = machine.allocate({ kind: 'input', name, size, align: 64, contents: 'unwritten' });
  machine.memory.clobber(made, size);
  machine.memory.regions.addClobber(made, size, question);
  return made;
}
