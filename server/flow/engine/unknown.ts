import type { Call, Expr } from '../../program/ir.ts';
import { isTracked } from '../contracts/contract.ts';
import { placeIn } from '../record/places.ts';
import { forEach, remove, set } from '../state/intMap.ts';
import type { Escape, Resource } from '../state/state.ts';
import { add, deref, sub } from '../terms/build.ts';
import { holdingLocals, mentions, pointedLocals, someAtom, storageRoot } from '../terms/roots.ts';
import { kinds, type Term, type TermTable } from '../terms/term.ts';
import { read, unknownAt, write } from './cursor.ts';
import type { Cursor } from './run.ts';
import { markSettled } from './release.ts';
import { needsFirstUse, placeInside, useOf } from './store.ts';

/** True when a value gives its receiver access to a resource: the handle itself, or a local object that holds it. */
export function reaches(cursor: Cursor, value: Term, resource: Resource): boolean {
  const { run, state } = cursor;
  const { table } = run;
  const { handle, twin } = resource;
  if (table.kind(handle) !== kinds.variable || resource.site.contract.family !== 'iommu-map') {
    if (mentions(table, value, handle)) return true;
  }
  if (twin !== undefined && mentions(table, value, twin)) return true;
  const objects = objectsBehind(table, value);
  if (objects.length === 0) return false;
  let found = false;
  forEach(state.env, (location, held) => {
    if (found || !carries(table, held, resource)) return;
    const root = storageRoot(table, location);
    if (table.kind(root) === kinds.variable) found = objects.includes(root);
    else found = holdingLocals(table, location).some((local) => objects.includes(local));
  });
  return found;
}

/** The variables whose storage the receiver of a value can look into. */
function objectsBehind(table: TermTable, value: Term): readonly Term[] {
  if (table.kind(value) === kinds.addr) {
    const object = storageRoot(table, table.part(value, 0));
    if (table.kind(object) === kinds.variable) return [object];
  }
  return pointedLocals(table, value);
}

/** True when a value is what a resource is known by, or a DMA address that was packed into a word of a descriptor. */
function carries(table: TermTable, held: Term, { handle, twin, site }: Resource): boolean {
  if (held === handle || held === twin) return true;
  if (site.contract.convention === 'dma-address') return mentions(table, held, handle);
  return twin !== undefined && mentions(table, held, twin);
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
  const isInside = (location: Term): boolean =>
    someAtom(table, location, (atom) => roots.has(atom));
  // What an object made here points to is in it as well: `dev->queues = kcalloc(…)`.
  for (let before = -1; roots.size > before;) {
    before = roots.size;
    forEach(state.env, (location, held) => {
      if (table.kind(held) === kinds.fresh && !roots.has(held) && isInside(location)) {
        roots.add(held);
      }
    });
  }
  const check = (location: Term): void => {
    found ||= isInside(location);
  };
  check(resource.handle);
  forEach(state.env, (location, held) => {
    if (held === resource.handle || held === resource.twin) check(location);
  });
  return found;
}

/** A recursion that releases may have come to what its arguments lead to. */
export function releaseWithin(cursor: Cursor, values: readonly Term[]): void {
  const { run, state } = cursor;
  state.resources = state.resources.filter((resource) => {
    const isWithin = values.some((value) => reaches(cursor, value, resource));
    if (!isWithin && !holdsIn(cursor, values, resource)) return true;
    markSettled(run, resource);
    return false;
  });
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
  const meaning = run.context.meanings.of(name);
  if (meaning.isPublishing) {
    publish(cursor, call, values, result);
    return result;
  }
  if (meaning.isHarmless) {
    noteUse(cursor, call, values, result);
    if (meaning.effect?.does === 'fill') forgetLocals(cursor, call, values);
    if (meaning.effect?.does === 'copy') copyHandles(cursor, meaning.effect, values);
    return result;
  }
  noteUse(cursor, call, values, result);
  noteEscapedParameters(cursor, values);
  const back = meaning.mayGiveBack;
  const outcome = run.dropped.has(call.id) ? undefined : result;
  const returns = returnsPointer(cursor, name) ? 'pointer' : 'number';
  state.resources = state.resources.flatMap((resource) => {
    if (values.some((value) => reaches(cursor, value, resource))) {
      if (back && isTracked(resource.site.contract.family)) {
        run.recorder.released(resource.site.id, placeIn(run, call));
        markSettled(run, resource);
        return [];
      }
      return [escaped(resource, { kind: 'call', name, outcome, returns })];
    }
    if (back && holdsIn(cursor, values, resource)) {
      markSettled(run, resource);
      return [];
    }
    return [resource];
  });
  forgetLocals(cursor, call, values);
  return result;
}

/** memcpy(to, from, n): the handles that lie behind `from` are behind `to` as well. */
function copyHandles(
  cursor: Cursor,
  { source, destination }: { readonly source: number; readonly destination: number },
  values: readonly Term[],
): void {
  const { run, state } = cursor;
  const { table } = run;
  const from = values[source];
  const to = values[destination];
  if (from === undefined || to === undefined || state.resources.length === 0) return;
  const found: [Term, Term][] = [];
  forEach(state.env, (place, held) => {
    if (!state.resources.some((resource) => carries(table, held, resource))) return;
    // Elements further on lie as far behind the one as behind the other.
    const root = storageRoot(table, place);
    const element = table.kind(root) === kinds.deref ? table.part(root, 0) : from;
    const distance = table.constant(sub(table, element, from)) ?? 0;
    const start = deref(table, add(table, from, table.num(distance)));
    const target = deref(table, add(table, to, table.num(distance)));
    const inside = place === start ? target : placeInside(table, place, start, target);
    if (inside !== undefined) found.push([inside, held]);
  });
  for (const [place, held] of found) write(cursor, place, held);
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

/** True when a call returns something that an address can be packed into: a struct, or an unsigned 64-bit value. */
function returnsAddress(cursor: Cursor, name: string): boolean {
  const { types } = cursor.run.context.unit;
  const type = name === '' ? undefined : types.returnType(name);
  const returned = type && types.resolve(type);
  if (returned?.kind === 'integer') return returned.bytes === 8 && !returned.signed;
  return returned?.kind === 'record';
}

function shortName(name: string): string {
  return name === '' ? 'call' : `${name}()`;
}

/** The resource with one more escape. */
export function escaped(resource: Resource, escape: Escape): Resource {
  return resource.escapes.length >= 4
    ? resource
    : { ...resource, escapes: [...resource.escapes, escape] };
}

/** The values reach hardware. */
function publish(cursor: Cursor, call: Call, values: readonly Term[], result: Term): void {
  const { state } = cursor;
  noteEscapedParameters(cursor, values);
  noteUse(cursor, call, values, result);
  state.resources = state.resources.map((resource) =>
    values.some((value) => reaches(cursor, value, resource))
      ? escaped(resource, { kind: 'published' })
      : resource,
  );
}

/** The first time an unchecked handle is given to somebody. */
function noteUse(cursor: Cursor, call: Call, values: readonly Term[], result: Term): void {
  const { run, state } = cursor;
  if (state.resources.length === 0) return;
  const encodes = returnsAddress(cursor, call.name ?? '');
  const isUsed = (resource: Resource): Expr | undefined => {
    const at = values.findIndex((value) => mentions(run.table, value, resource.handle));
    return at < 0 ? undefined : call.args[at];
  };
  state.resources = state.resources.map((resource) => {
    if (!needsFirstUse(resource) || resource.site.contract.convention !== 'dma-address')
      return resource;
    const arg = isUsed(resource);
    if (arg === undefined) return resource;
    const use = useOf(cursor, resource, arg, 'passed');
    return { ...resource, firstUse: use && { ...use, ...(encodes && { encoded: result }) } };
  });
}

/** An unknown callee may write what `&local` points to, except where a live handle is kept. */
export function forgetLocals(cursor: Cursor, call: Call, values: readonly Term[]): void {
  const { state } = cursor;
  const { table } = cursor.run;
  const keeps = (held: Term): boolean =>
    state.resources.some((resource) => carries(table, held, resource));
  for (const [index, value] of values.entries()) {
    const arrays = pointedLocals(table, value);
    if (arrays.length > 0) {
      forEach(state.env, (place, held) => {
        if (table.kind(storageRoot(table, place)) !== kinds.deref || keeps(held)) return;
        if (holdingLocals(table, place).some((local) => arrays.includes(local)))
          state.env = remove(state.env, place);
      });
    }
    if (table.kind(value) !== kinds.addr) continue;
    const location = table.part(value, 0);
    const root = storageRoot(table, location);
    if (table.kind(root) !== kinds.variable) continue;
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

function covers(table: TermTable, outer: Term, inner: Term): boolean {
  let at = inner;
  for (;;) {
    if (at === outer) return true;
    if (table.kind(at) !== kinds.field) return false;
    at = table.part(at, 0);
  }
}

function printable(table: TermTable, location: Term): string {
  return table.kind(location) === kinds.variable ? table.text(table.part(location, 0)) : 'value';
}
