import type { Call, Expr } from '../../program/ir.ts';
import { contractOf, contractOfMember, isTracked, type Contract } from '../contracts/contract.ts';
import {
  atomicEffect,
  identities,
  isHarmless,
  isPublishing,
  mayGiveBack,
  pureCalls,
} from '../contracts/functions.ts';
import { callValue, type CallValue } from '../contracts/values.ts';
import { placeIn } from '../record/places.ts';
import { forEach, remove, set } from '../state/intMap.ts';
import type { Escape, Resource } from '../state/state.ts';
import {
  add,
  alignDown,
  alignUp,
  ceilDiv,
  commutative,
  container,
  deref,
  div,
  field,
  mul,
  op,
} from '../terms/build.ts';
import { isOwnStorage, mentions, someAtom, storageRoot } from '../terms/roots.ts';
import { kinds, spaces, type Term } from '../terms/term.ts';
import { acquire, assumeConvention } from './acquire.ts';
import { applySummary } from './apply.ts';
import { choose, demand, read, write, type Cursor } from './cursor.ts';
import { describeCall } from './describe.ts';
import { evaluate, locate, unknownAt } from './evaluate.ts';
import { gatherCall } from './gathers.ts';
import { release, sync } from './release.ts';
import { spelling } from './run.ts';
import { needsFirstUse, store } from './store.ts';

/** Runs a call: its value, and what it does to the path. */
export function evaluateCall(cursor: Cursor, call: Call): Term {
  const name = call.name ?? (call.callee.kind === 'field' ? call.callee.name : '');
  const value = callValue(name);
  if (value !== undefined) return evaluateValue(cursor, call, value);
  const special = evaluateSpecial(cursor, call, name);
  if (special !== undefined) return special;
  const { run } = cursor;
  if (call.name === undefined) evaluate(cursor, call.callee);
  const values = call.args.map((arg) => evaluate(cursor, arg));
  if (identities.has(name) && values.length > 0) return values[0]!;
  const contract =
    call.name === undefined ? contractOfMember(name, call.args.length) : contractOf(name);
  if (contract !== undefined && run.context.unit.lookup(name)?.file !== run.source.file) {
    return interfaceCall(cursor, contract, call, values);
  }
  if (pureCalls.has(name)) return op(run.table, name, values);
  changeContext(cursor, call, name);
  gatherCall(cursor, call, name, values);
  if (call.name !== undefined) {
    const summary = run.context.summaryOf(name);
    if (summary !== undefined) return applySummary(cursor, call, summary, values);
  }
  return unknownCall(cursor, call, name, values);
}

function evaluateValue(cursor: Cursor, call: Call, value: CallValue): Term {
  const { table } = cursor.run;
  const page = table.variable('PAGE_SIZE', spaces.constant);
  const argument = (index: number): Term => {
    const expr = call.args[index];
    return expr === undefined ? table.num(0) : evaluate(cursor, expr);
  };
  switch (value.is) {
    case 'argument':
      return argument(value.index);
    case 'isErr':
      return op(table, 'lt0', [argument(value.index)]);
    case 'isErrOrNull':
      return op(table, 'lt0', [add(table, argument(value.index), table.num(-1))]);
    case 'errOrZero': {
      const pointer = argument(value.index);
      if (choose(cursor, 2) === 0) {
        demand(cursor, pointer, 'not-negative');
        return table.num(0);
      }
      demand(cursor, pointer, 'negative');
      return pointer;
    }
    case 'min':
    case 'max':
      return commutative(table, value.is, [argument(value.left), argument(value.right)]);
    case 'alignUp':
      return alignUp(table, argument(value.value), argument(value.to));
    case 'alignDown':
      return alignDown(table, argument(value.value), argument(value.to));
    case 'pageAlign':
      return alignUp(table, argument(value.value), page);
    case 'pageAlignDown':
      return alignDown(table, argument(value.value), page);
    case 'pagesUp':
      return ceilDiv(table, argument(value.value), page);
    case 'pagesDown':
      return div(table, argument(value.value), page);
    case 'pageBytes':
      return mul(table, argument(value.value), page);
    case 'divideRoundUp':
      return ceilDiv(table, argument(value.value), argument(value.by));
    case 'containerOf': {
      const member = call.args[value.member];
      const name = member === undefined ? '' : spelling(cursor.run, member);
      const pointer = argument(value.pointer);
      if (name === '' || /[.[]/.test(name)) return op(table, 'container_of', [pointer]);
      return container(table, pointer, name);
    }
    case 'bit': {
      const bit = argument(value.index);
      const constant = table.constant(bit);
      return constant !== undefined && constant >= 0 && constant < 52
        ? table.num(2 ** constant)
        : op(table, 'BIT', [bit]);
    }
    case 'product':
      return mul(table, argument(value.left), argument(value.right));
    case 'sum':
      return add(table, argument(value.left), argument(value.right));
    case 'member':
      return read(cursor, field(table, deref(table, argument(0)), value.name));
  }
}

/** Calls whose arguments are no plain values. */
function evaluateSpecial(cursor: Cursor, call: Call, name: string): Term | undefined {
  const { table } = cursor.run;
  const [first, second, third] = call.args;
  switch (name) {
    case 'BUG_ON':
    case 'VM_BUG_ON': {
      if (first !== undefined) demand(cursor, evaluate(cursor, first), 'zero');
      return table.num(0);
    }
    case 'dma_unmap_addr_set':
    case 'dma_unmap_len_set':
      if (first === undefined || second === undefined || third === undefined) return undefined;
      store(
        cursor,
        field(table, deref(table, evaluate(cursor, first)), spelling(cursor.run, second)),
        evaluate(cursor, third),
        third,
        undefined,
      );
      return table.num(0);
    case 'dma_unmap_addr':
    case 'dma_unmap_len':
      if (first === undefined || second === undefined) return undefined;
      return read(
        cursor,
        field(table, deref(table, evaluate(cursor, first)), spelling(cursor.run, second)),
      );
    case 'no_free_ptr':
    case 'return_ptr':
    case 'retain_and_null_ptr': {
      if (first === undefined) return undefined;
      const kept = evaluate(cursor, first);
      write(cursor, locate(cursor, first), table.num(0));
      return kept;
    }
    case 'swap': {
      if (first === undefined || second === undefined) return undefined;
      const a = locate(cursor, first);
      const b = locate(cursor, second);
      const held = read(cursor, a);
      write(cursor, a, read(cursor, b));
      write(cursor, b, held);
      return table.num(0);
    }
    case 'platform_set_drvdata':
    case 'dev_set_drvdata':
    case 'pci_set_drvdata':
    case 'spi_set_drvdata': {
      if (first === undefined || second === undefined) return undefined;
      const getter = name.replace('_set_', '_get_');
      write(
        cursor,
        deref(table, op(table, getter, [evaluate(cursor, first)])),
        evaluate(cursor, second),
      );
      return table.num(0);
    }
    default:
      return undefined;
  }
}

function interfaceCall(
  cursor: Cursor,
  contract: Contract,
  call: Call,
  values: readonly Term[],
): Term {
  const { run, state } = cursor;
  const { table } = run;
  if (contract.family !== 'memory') {
    run.recorder.call(call.id, `${values.join()} ${state.atomic.length}`, () =>
      describeCall(cursor, contract, call, values, call.args),
    );
  }
  switch (contract.effect) {
    case 'acquire':
      return acquire(cursor, contract, call, values);
    case 'check': {
      const handle = values[1];
      if (handle === undefined) return unknownAt(cursor, call, contract.name);
      return op(table, 'mapping_error', [handle]);
    }
    case 'sync':
      sync(cursor, contract, call, values);
      return table.num(0);
    case 'release': {
      gatherCall(cursor, call, contract.name, values);
      release(cursor, contract, call, values, call.args);
      const result = unknownAt(cursor, call, contract.name);
      if (contract.convention !== 'none') {
        run.results.set(result, { contract, call, site: undefined });
        assumeConvention(cursor, contract, result, values);
      }
      return result;
    }
    case 'use':
      return unknownAt(cursor, call, contract.name);
  }
}

function changeContext(cursor: Cursor, call: Call, name: string): void {
  const { run, state } = cursor;
  const effect = atomicEffect(name);
  if (effect === 'enter') {
    const section = { name: spelling(run, call), start: call.start, end: call.end };
    if (state.atomic.length < 6) state.atomic = [...state.atomic, section];
  } else if (effect === 'leave') {
    state.atomic = state.atomic.slice(0, -1);
  }
}

/** True when a value gives its receiver access to a resource: the handle itself, or a local object that holds it. */
export function reaches(cursor: Cursor, value: Term, resource: Resource): boolean {
  const { run, state } = cursor;
  const { table } = run;
  const { handle, twin } = resource;
  if (table.kind(handle) !== kinds.variable || resource.site.contract.family !== 'iommu-map') {
    if (mentions(table, value, handle)) return true;
  }
  if (twin !== undefined && mentions(table, value, twin)) return true;
  if (table.kind(value) !== kinds.addr) return false;
  const object = storageRoot(table, table.part(value, 0));
  if (table.kind(object) !== kinds.variable) return false;
  let found = false;
  forEach(state.env, (location, held) => {
    if ((held === handle || held === twin) && isOwnStorage(table, location)) {
      if (storageRoot(table, location) === object) found = true;
    }
  });
  return found;
}

/** True when the callee is given the object in which the handle is kept. */
export function holdsIn(cursor: Cursor, values: readonly Term[], resource: Resource): boolean {
  const { run, state } = cursor;
  const { table } = run;
  const roots = new Set<Term>();
  for (const value of values) {
    someAtom(table, value, (atom) => {
      roots.add(atom);
      return false;
    });
  }
  let found = false;
  const check = (location: Term): void => {
    found ||= someAtom(table, location, (atom) => roots.has(atom));
  };
  check(resource.handle);
  forEach(state.env, (location, held) => {
    if (held === resource.handle || held === resource.twin) check(location);
  });
  return found;
}

/** A call of which nothing but the name is known. */
export function unknownCall(
  cursor: Cursor,
  call: Call,
  name: string,
  values: readonly Term[],
): Term {
  const { run, state } = cursor;
  const result = unknownAt(cursor, call, shortName(name));
  if (isPublishing(name)) {
    publish(cursor, call, values);
    return result;
  }
  if (isHarmless(name)) {
    noteUse(cursor, call, values);
    return result;
  }
  noteUse(cursor, call, values);
  noteEscapedParameters(cursor, values);
  const back = mayGiveBack(name);
  const outcome = run.dropped.has(call.id) ? undefined : result;
  const returns = returnsPointer(cursor, name) ? 'pointer' : 'number';
  state.resources = state.resources.flatMap((resource) => {
    if (values.some((value) => reaches(cursor, value, resource))) {
      if (back && isTracked(resource.site.contract.family)) {
        run.recorder.released(resource.site.id, placeIn(run, call));
        return [];
      }
      return [escaped(resource, { kind: 'call', name, outcome, returns })];
    }
    if (back && holdsIn(cursor, values, resource)) return [];
    return [resource];
  });
  forgetLocals(cursor, call, values);
  return result;
}

/** A callee handed some values on to somebody unknown. */
export function escapeValues(
  cursor: Cursor,
  call: Call,
  name: string,
  values: readonly Term[],
): void {
  const { run, state } = cursor;
  noteEscapedParameters(cursor, values);
  const outcome = run.dropped.has(call.id) ? undefined : unknownAt(cursor, call, shortName(name));
  const returns = returnsPointer(cursor, name) ? 'pointer' : 'number';
  state.resources = state.resources.map((resource) =>
    values.some((value) => reaches(cursor, value, resource))
      ? escaped(resource, { kind: 'call', name, outcome, returns })
      : resource,
  );
}

/** Parameters whose value somebody else was given, for the summary. */
function noteEscapedParameters(cursor: Cursor, values: readonly Term[]): void {
  const { run } = cursor;
  for (const value of values) if (run.locations.includes(value)) run.escapedAtoms.add(value);
}

/** True when a call is known to return a pointer. */
export function returnsPointer(cursor: Cursor, name: string): boolean {
  const { types } = cursor.run.context.unit;
  const type = name === '' ? undefined : types.returnType(name);
  return type !== undefined && types.resolve(type).kind === 'pointer';
}

function shortName(name: string): string {
  return name === '' ? 'call' : `${name}()`;
}

function escaped(resource: Resource, escape: Escape): Resource {
  return resource.escapes.length >= 4
    ? resource
    : { ...resource, escapes: [...resource.escapes, escape] };
}

/** The values reach hardware. */
function publish(cursor: Cursor, call: Call, values: readonly Term[]): void {
  const { state } = cursor;
  noteUse(cursor, call, values);
  state.resources = state.resources.map((resource) =>
    values.some((value) => reaches(cursor, value, resource))
      ? escaped(resource, { kind: 'published' })
      : resource,
  );
}

/** The first time an unchecked handle is given to somebody. */
function noteUse(cursor: Cursor, call: Call, values: readonly Term[]): void {
  const { run, state } = cursor;
  const isUsed = (resource: Resource): Expr | undefined => {
    const at = values.findIndex((value) => mentions(run.table, value, resource.handle));
    return at < 0 ? undefined : call.args[at];
  };
  state.resources = state.resources.map((resource) => {
    if (!needsFirstUse(resource) || resource.site.contract.convention !== 'dma-address')
      return resource;
    const arg = isUsed(resource);
    if (arg === undefined) return resource;
    return { ...resource, firstUse: { why: 'passed', start: arg.start, end: arg.end } };
  });
}

/** An unknown callee may write what `&local` points to, except where a live handle is kept. */
export function forgetLocals(cursor: Cursor, call: Call, values: readonly Term[]): void {
  const { state } = cursor;
  const { table } = cursor.run;
  for (const [index, value] of values.entries()) {
    if (table.kind(value) !== kinds.addr) continue;
    const location = table.part(value, 0);
    const root = storageRoot(table, location);
    if (table.kind(root) !== kinds.variable) continue;
    const keeps = (held: Term): boolean =>
      state.resources.some(({ handle, twin }) => held === handle || held === twin);
    forEach(state.env, (place, held) => {
      if (storageRoot(table, place) === root && !keeps(held) && covers(table, location, place)) {
        state.env = remove(state.env, place);
      }
    });
    if (location === root || table.kind(location) === kinds.field) {
      const held = read(cursor, location);
      if (!keeps(held)) {
        const arg = call.args[index]!;
        state.env = set(state.env, location, unknownAt(cursor, arg, printable(table, location)));
      }
    }
  }
}

function covers(table: Cursor['run']['table'], outer: Term, inner: Term): boolean {
  let at = inner;
  for (;;) {
    if (at === outer) return true;
    if (table.kind(at) !== kinds.field) return false;
    at = table.part(at, 0);
  }
}

function printable(table: Cursor['run']['table'], location: Term): string {
  return table.kind(location) === kinds.variable ? table.text(table.part(location, 0)) : 'value';
}
