import type { CType, Expr } from '../../program/ir.ts';
import type { Convention } from '../facts.ts';
import { placeIn } from '../record/places.ts';
import type { Resource } from '../state/state.ts';
import { isOwnStorage, mentions } from '../terms/roots.ts';
import type { Term } from '../terms/term.ts';
import { write } from './cursor.ts';
import type { Cursor } from './run.ts';
import { printType } from '../../program/dump.ts';
import { spelling, type Run } from './run.ts';

function strip(expr: Expr): Expr {
  return expr.kind === 'cast' ? strip(expr.operand) : expr;
}

/** Width and sign of a type of which only numbers are of interest. */
function numberType(
  run: Run,
  type: CType,
): { signed: boolean; bits: number; text: string } | undefined {
  const resolved = run.context.unit.types.resolve(type, run.ir);
  if (resolved.kind === 'integer') {
    return { signed: resolved.signed, bits: resolved.bytes * 8, text: printType(type) };
  }
  return undefined;
}

/** Sets a location; `from` is the expression whose value it is, where that is one expression. */
export function store(
  cursor: Cursor,
  location: Term,
  value: Term,
  target: Expr,
  from: Expr | undefined,
): void {
  write(cursor, location, value);
  noteUse(cursor, location, value, target);
  if (from !== undefined) noteType(cursor, value, target, from);
}

/** The first time an unchecked handle leaves the locals. */
function noteUse(cursor: Cursor, location: Term, value: Term, target: Expr): void {
  const { run, state } = cursor;
  if (state.resources.length === 0 || isOwnStorage(run.table, location)) return;
  state.resources = state.resources.map((resource) =>
    needsFirstUse(resource) && mentions(run.table, value, resource.handle)
      ? { ...resource, firstUse: { why: 'stored', start: target.start, end: target.end } }
      : resource,
  );
}

/** True for a resource whose first use is still to be seen. */
export function needsFirstUse(resource: Resource): boolean {
  return resource.firstUse === undefined && !resource.checked && resource.status === 'unknown';
}

/** Remembers the type into which an interface's result goes. */
export function noteType(cursor: Cursor, value: Term, target: Expr, from: Expr): void {
  const { run } = cursor;
  const source = strip(from);
  if (source.kind !== 'call') return;
  const origin = run.results.get(value);
  if (origin?.call !== source) return;
  const type = run.context.unit.types.typeOf(run.ir, target);
  noteStore(run, origin.contract, source, target, type, spelling(run, target));
}

/** Emits the fact about a result and the type of what holds it. */
export function noteStore(
  run: Run,
  contract: { readonly name: string; readonly convention: Convention },
  source: Expr & { kind: 'call' },
  target: { readonly start: number; readonly end: number },
  type: CType,
  text: string,
): void {
  const shape = numberType(run, type);
  if (shape === undefined) return;
  const returns = run.context.unit.types.returnType(contract.name);
  run.recorder.store(source.id, () => ({
    function: contract.name,
    convention: contract.convention,
    call: placeIn(run, source),
    callReturns: returns === undefined ? '' : printType(returns),
    target: placeIn(run, target),
    targetText: text,
    targetType: shape.text,
    targetSigned: shape.signed,
    targetBits: shape.bits,
    steps: [],
  }));
}
