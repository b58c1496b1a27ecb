import type { CType, Expr } from '../../program/ir.ts';
import { childExpressions } from '../../program/walk.ts';
import { isTracked } from '../contracts/contract.ts';
import type { Convention } from '../facts.ts';
import { placeIn, stepsOf } from '../record/places.ts';
import type { Resource, Use } from '../state/state.ts';
import { isOutside, isOwnStorage, isUnnamed, mentions, someAtom } from '../terms/roots.ts';
import { field } from '../terms/build.ts';
import { forEach } from '../state/intMap.ts';
import { kinds, spaces, type Term, type TermTable } from '../terms/term.ts';
import { read, write } from './cursor.ts';
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
  if (cursor.dead) return;
  noteOverwritten(cursor, location, value, target);
  write(cursor, location, value);
  noteKept(cursor, location, value);
  copyMembers(cursor, location, value);
  noteName(cursor.run, value, target);
  noteUse(cursor, location, value, from ?? target);
  if (from !== undefined) noteType(cursor, value, target, from);
}

/** `*slot = local;` of a struct: its members go along. */
function copyMembers(cursor: Cursor, to: Term, from: Term): void {
  const { run, state } = cursor;
  const { table } = run;
  if (!isLocation(table, from)) return;
  // The unnamed object is gone after this; of others, members are of interest where a handle may be in them.
  if (state.resources.length === 0 && !isUnnamed(table, from)) return;
  forEach(state.env, (place, held) => {
    const inside = placeInside(table, place, from, to);
    if (inside !== undefined) write(cursor, inside, held);
  });
}

const mostKept = 24;

/** A value of the caller goes where it stays when the function ends. */
export function noteKept({ run }: Cursor, location: Term, value: Term): void {
  const { table } = run;
  if (table.constant(value) !== undefined || isOwnStorage(table, location)) return;
  noteKeptValue(run, value, isOutside(table, location) ? 'caller' : 'somebody');
}

/** A callee stored a value for good. */
export function noteKeptValue(run: Run, value: Term, where: 'caller' | 'somebody'): void {
  const { table, kept } = run;
  if (kept.size >= mostKept || kept.get(value) === 'somebody' || !isOutside(table, value)) return;
  const isFromCaller = someAtom(
    table,
    value,
    (atom) => table.kind(atom) === kinds.variable && table.part(atom, 1) === spaces.parameter,
  );
  if (isFromCaller) kept.set(value, where);
}

function isLocation(table: TermTable, term: Term): boolean {
  const kind = table.kind(term);
  return kind === kinds.variable || kind === kinds.field || kind === kinds.deref;
}

/** The place below `to` that corresponds to one below `from`. */
export function placeInside(table: TermTable, place: Term, from: Term, to: Term): Term | undefined {
  if (table.kind(place) !== kinds.field) return undefined;
  const base = table.part(place, 0);
  const above = base === from ? to : placeInside(table, base, from, to);
  return above === undefined ? undefined : field(table, above, table.text(table.part(place, 1)));
}

/** The place that first keeps a handle gives it its name in messages. */
export function noteName(
  run: Run,
  value: Term,
  target: { readonly start: number; readonly end: number },
): void {
  const site = run.results.get(value)?.site;
  if (site !== undefined) run.recorder.named(site.id, spelling(run, target));
}

/** `ret = iommu_map(…); ret = other();`: the result was never looked at. */
function noteOverwritten(cursor: Cursor, location: Term, value: Term, target: Expr): void {
  const { run, state } = cursor;
  if (state.resources.length === 0) return;
  const before = read(cursor, location);
  if (before === value || mentions(run.table, value, before)) return;
  const held = state.resources.find(
    ({ result, site, checked }) =>
      result === before && !checked && site.contract.convention === 'errno',
  );
  if (held === undefined || !isTracked(held.site.contract.family) || held.inherited) return;
  run.recorder.unchecked({
    site: held.site.id,
    at: placeIn(run, target),
    why: 'overwritten',
    failing: false,
    wrongCheck: held.wrongCheck,
    steps: stepsOf(run, state.trace, held.site.id),
  });
}

/** The first time an unchecked handle leaves the locals. */
function noteUse(cursor: Cursor, location: Term, value: Term, from: Expr): void {
  const { run, state } = cursor;
  if (state.resources.length === 0 || isOwnStorage(run.table, location)) return;
  state.resources = state.resources.map((resource) =>
    needsFirstUse(resource) && mentions(run.table, value, resource.handle)
      ? { ...resource, firstUse: useOf(cursor, resource, from, 'stored') }
      : resource,
  );
}

/** The innermost expression that is the handle; the acquiring call itself is no use of it. */
export function useOf(
  cursor: Cursor,
  resource: Resource,
  from: Expr,
  why: Use['why'],
): Use | undefined {
  let at: Expr | undefined;
  const visit = (expr: Expr): void => {
    if (cursor.evaluated.get(expr.id) === resource.handle) at = expr;
    for (const child of childExpressions(expr)) visit(child);
  };
  visit(from);
  if (at?.kind === 'call' && at.id === resource.site.call) return undefined;
  const { start, end } = at ?? from;
  return { why, start, end };
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
  const variable =
    target.kind === 'ident' && target.binding.kind === 'variable'
      ? run.ir.variables[target.binding.variable]
      : undefined;
  noteStore(run, origin.contract, source, target, type, spelling(run, target), variable);
}

/** Emits the fact about a result and the type of what holds it. */
export function noteStore(
  run: Run,
  contract: { readonly name: string; readonly convention: Convention },
  source: Expr & { kind: 'call' },
  target: { readonly start: number; readonly end: number },
  type: CType,
  text: string,
  declaredAt: { readonly start: number; readonly end: number } | undefined,
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
    ...(declaredAt && { declaredAt: placeIn(run, declaredAt) }),
    steps: [],
  }));
}
