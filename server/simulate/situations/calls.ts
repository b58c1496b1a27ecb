import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Unit } from '../../cfront/unit.ts';
import { Stop } from '../machine/stop.ts';
import type { Callable } from '../machine/executor.ts';
import type { Definition } from '../machine/program.ts';
import type { Value } from '../machine/values.ts';
import type { ObjectPool } from './objects.ts';
import type { Callers, StatedCall } from './situation.ts';
import type { CallSpec } from './spec.ts';
import { argumentsOf, hasMember } from './stated.ts';

/** What a stated call calls, with what; undefined, with a problem, where the tree lacks something of it. */
export function statedCall(
  pool: ObjectPool,
  target: Callers,
  spec: CallSpec,
): StatedCall | undefined {
  const found = calleeOf(pool, target, spec.call);
  if (typeof found === 'string') {
    pool.problem(shownCall(spec), found, undefined);
    return undefined;
  }
  const { symbol, name } = found;
  const args = symbol === undefined ? [] : withResults(pool, symbol, spec);
  const open = args.findIndex((arg) => arg === undefined);
  if (open < 0) return { callable: found, args };
  const argument = symbol?.type.parameters[open]?.name ?? String(open);
  pool.problem(shownCall(spec), `argument ${argument} of ${name}() is not stated`, undefined);
  return undefined;
}

/** A call that was made before the entry, and what it returned. */
export interface MadeCall {
  readonly symbol: FunctionSymbol | undefined;
  readonly args: readonly Value[];
  readonly value: Value;
}

/** Runs one of the calls that come before the entry. What stops it stops the run; undefined, with a problem: it was not made. */
export function makeCall(pool: ObjectPool, target: Callers, asked: CallSpec): MadeCall | undefined {
  const { machine } = pool;
  const spec = whereKnown(pool, target, asked);
  if (spec === undefined) return undefined;
  const call = statedCall(pool, target, spec);
  if (call === undefined) return undefined;
  const { callable: found, args } = call;
  const { symbol, name } = found;
  const result = machine.outermost(() => machine.invoke(found, args, undefined));
  if (symbol?.type.result.kind === 'integer' && result !== undefined && result < 0) {
    throw new Stop('bug', `${name}() returns ${result} before the entry`);
  }
  return { symbol, args, value: result };
}

/** A call without the mark that not all releases have it; undefined: this one has not, or not what it is handed. */
function whereKnown(pool: ObjectPool, target: Callers, spec: CallSpec): CallSpec | undefined {
  const { call, arguments: given = {} } = spec;
  if (typeof call !== 'string' || !call.endsWith('?')) return spec;
  const known = { ...spec, call: call.slice(0, -1) };
  if (typeof calleeOf(pool, target, known.call) === 'string') return undefined;
  return Object.values(given).every((value) => hasMember(pool, value)) ? known : undefined;
}

/** Arguments, with a place for what the callee gives back through pointers to numbers. */
function withResults(pool: ObjectPool, symbol: FunctionSymbol, spec: CallSpec): Value[] {
  return argumentsOf(pool, symbol, spec.arguments ?? {}).map((arg, i) => {
    const type = symbol.type.parameters[i]?.type;
    if (arg !== undefined || type?.kind !== 'pointer' || type.to.kind !== 'integer') return arg;
    return pool.machine.allocate({
      ...{ kind: 'input', name: 'a result', size: 8, align: 8, contents: 'zero' },
    });
  });
}

function shownCall({ call }: CallSpec): string {
  return typeof call === 'string' ? call : `a function of (struct ${call.join(', struct ')})`;
}

/** What a call means here, or why it means nothing. */
function calleeOf(pool: ObjectPool, { unit }: Callers, call: CallSpec['call']): Callable | string {
  const { machine } = pool;
  if (typeof call === 'string' && call.includes('.')) {
    const pointer = pool.pointerAt(call);
    const callable = pointer === undefined ? undefined : machine.functionAt(pointer);
    return callable ?? `${call} leads to no function`;
  }
  const found = candidatesFor(unit, call);
  const [symbol, more] = found;
  const shown = shownCall({ call });
  if (more !== undefined) return `${shown} is not the only one`;
  if (symbol !== undefined) return machine.callableFor(unit, symbol);
  if (typeof call !== 'string') return `${shown} is not here`;
  const elsewhere = machine.program.functionNamed(call) ?? staticIn(machine.program.all, call);
  if (elsewhere === undefined) return `${shown} is not here`;
  return machine.callableFor(elsewhere.unit, elsewhere.symbol);
}

/** A function of that name that only its own file can call, in the first file that has one. */
function staticIn(units: readonly Unit[], name: string): Definition<FunctionSymbol> | undefined {
  for (const unit of units) {
    const symbol = unit.function(name);
    if (symbol?.body !== undefined) return { unit, symbol };
  }
  return undefined;
}

/** The function of that name, or those of the file that take these structs. */
function candidatesFor(unit: Unit, call: CallSpec['call']): readonly FunctionSymbol[] {
  if (typeof call !== 'string') {
    return [...unit.functionsIn(unit.path).values()].filter((symbol) => takes(symbol, call));
  }
  const symbol = unit.function(call);
  return symbol?.body === undefined ? [] : [symbol];
}

function takes(symbol: FunctionSymbol, call: readonly string[]): boolean {
  const { parameters } = symbol.type;
  if (parameters.length !== call.length) return false;
  return parameters.every(
    ({ type }, i) =>
      type.kind === 'pointer' && type.to.kind === 'aggregate' && type.to.tag === call[i],
  );
}
