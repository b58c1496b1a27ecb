import type { Executor, Model, ModelCall, ModelResult } from '../machine/executor.ts';
import type { Pointer } from '../machine/values.ts';

/** What a family of models says about all its members. */
export interface FamilyFacts {
  readonly reads: string;
  readonly writes: string;
  /** Why C bodies of the tree are not executed instead. */
  readonly shadows?: string;
}

/** A model's body: the machine, the arguments, and what else is known about the call. */
export type ModelBody = (machine: Executor, args: Arguments, call: ModelCall) => ModelResult;

/** Makes the models of a table of names and bodies. */
export function family(facts: FamilyFacts, bodies: Readonly<Record<string, ModelBody>>): Model[] {
  return Object.entries(bodies).map(([name, body]) => ({
    name,
    ...facts,
    run: (call) => body(call.machine, new Arguments(call), call),
  }));
}

/** One body under several names. */
export function alike(names: string, body: ModelBody): Record<string, ModelBody> {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, body]),
  );
}

/** Does nothing and returns 0. */
export const nothing: ModelBody = () => 0;

/** Arguments by position, in the form a model wants them. A missing argument is 0. */
export class Arguments {
  private readonly call: ModelCall;

  constructor(call: ModelCall) {
    this.call = call;
  }

  get count(): number {
    return this.call.args.length;
  }

  pointer(index: number): Pointer {
    return this.call.args[index] ?? 0;
  }

  number(index: number): number {
    return Number(this.call.args[index] ?? 0);
  }

  bits(index: number): bigint {
    return BigInt(this.call.args[index] ?? 0);
  }
}

/** State that a family keeps in a machine, made on first use. */
export function stateOf<T>(machine: Executor, key: string, make: () => T): T {
  let state = machine.modelState.get(key) as T | undefined;
  if (state === undefined) {
    state = make();
    machine.modelState.set(key, state);
  }
  return state;
}
