import type { Call, Expr } from '../../program/ir.ts';
import { visitExpressions } from '../../program/walk.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Family, Role } from '../facts.ts';
import type { LeftThere, TakenThere } from '../facts/meetings.ts';
import { stepsOf } from '../record/places.ts';
import { forEach, get } from '../state/intMap.ts';
import type { Resource, State } from '../state/state.ts';
import { deref, sub } from '../terms/build.ts';
import { isOwnStorage, someAtom } from '../terms/roots.ts';
import { substitute } from '../terms/substitute.ts';
import { kinds, spaces, type Term, type TermTable } from '../terms/term.ts';
import { cursorAt } from './cursor.ts';
import type { Cursor, Run } from './run.ts';
import { describeCall } from './describe.ts';

const followed: readonly Family[] = ['iommu-map', 'coherent'];

/** The pointer that stands for the object in the values of both sides. */
export function objectPointer(table: TermTable): Term {
  return table.variable('the object', spaces.global);
}

/** Tag of the struct that has the member of this name wherever the function names it; undefined where there are several. */
function tagOfMember({ ir, context }: Run, member: string): string | undefined {
  const { types } = context.unit;
  const tags = new Set<string | undefined>();
  visitExpressions(ir, (expr) => {
    if (expr.kind !== 'field' || expr.name !== member) return;
    let type = types.resolve(types.typeOf(ir, expr.base), ir);
    if (type.kind === 'pointer') type = types.resolve(type.to, ir);
    tags.add(type.kind === 'record' ? type.tag : undefined);
  });
  const [only] = tags;
  return tags.size === 1 ? only : undefined;
}

/** The member in which a value can be found again: where it came from, or where it was put. */
function memberHolding(table: TermTable, state: State, value: Term): Term | undefined {
  if (table.kind(value) === kinds.field && get(state.env, value) === undefined) return value;
  let found: Term | undefined;
  forEach(state.env, (location, held) => {
    if (held === value && table.kind(location) === kinds.field && !isOwnStorage(table, location))
      found ??= location;
  });
  return found;
}

/** What this end of the function leaves behind in members of objects. */
export function leftBehind(run: Run, state: State): LeftThere[] {
  return state.resources.flatMap((resource) => {
    const { contract, id } = resource.site;
    if (!followed.includes(contract.family) || resource.inner !== undefined) return [];
    const location = memberHolding(run.table, state, resource.handle);
    if (location === undefined) return [];
    const member = run.table.text(run.table.part(location, 1));
    const tag = tagOfMember(run, member);
    if (tag === undefined) return [];
    const owner = run.table.part(location, 0);
    const values = resource.values.map((value) =>
      relative(run.table, state, resource, owner, value),
    );
    return [{ family: contract.family, tag, member, site: id, contract, values }];
  });
}

/** An argument in terms of the object, as it is when the function ends. */
function relative(
  table: TermTable,
  state: State,
  resource: Resource,
  owner: Term,
  value: Term,
): Term | undefined {
  if (isFixed(table, value)) return value;
  const object = deref(table, objectPointer(table));
  const inObject = (term: Term): Term =>
    substitute(table, term, (part) => (part === owner ? object : undefined));
  let kept: Term | undefined;
  forEach(state.env, (location, held) => {
    if (held !== value || table.kind(location) !== kinds.field) return;
    if (table.part(location, 0) === owner) kept ??= inObject(location);
  });
  if (kept !== undefined) return kept;
  const moved = inObject(value);
  return isAbout(table, moved) && !isOverwritten(table, state, value) ? moved : undefined;
}

/** True for numbers and macro constants. */
function isFixed(table: TermTable, value: Term): boolean {
  return !someAtom(
    table,
    value,
    (atom) => table.kind(atom) !== kinds.variable || table.part(atom, 1) !== spaces.constant,
  );
}

function isAbout(table: TermTable, value: Term): boolean {
  const object = objectPointer(table);
  return !someAtom(table, value, (atom) => {
    if (atom === object) return false;
    return table.kind(atom) !== kinds.variable || table.part(atom, 1) !== spaces.constant;
  });
}

/** A member that the value speaks of was written in between. */
function isOverwritten(table: TermTable, state: State, value: Term): boolean {
  let found = false;
  substitute(table, value, (part) => {
    if (table.kind(part) === kinds.field && get(state.env, part) !== undefined) found = true;
    return undefined;
  });
  return found;
}

/** A release of something that this function did not take: it was found in a member. */
export function noteTaken(
  cursor: Cursor,
  contract: Contract,
  call: Call,
  values: readonly Term[],
  subject: Term,
  spelled: readonly Expr[],
): void {
  const { run, state } = cursor;
  if (!followed.includes(contract.family)) return;
  const { table } = run;
  const location = foundIn(table, subject);
  if (location === undefined || isOwnStorage(table, location)) return;
  const member = table.text(table.part(location, 1));
  run.recorder.taken(call.id, () => {
    const tag = tagOfMember(run, member);
    if (tag === undefined) return undefined;
    const here = cursorAt(run, state, cursor.loop, []);
    return {
      family: contract.family,
      tag,
      member,
      contract,
      call: describeCall(here, contract, call, values, spelled),
      values,
      owner: table.part(location, 0),
      env: state.env,
      known: state.known,
      offset: sub(table, subject, location),
      perTurn: cursor.loop >= 0,
      steps: stepsOf(run, state.trace, -1),
    };
  });
}

/** The one member of an object in `obj->iova + offset`. */
function foundIn(table: TermTable, subject: Term): Term | undefined {
  if (table.kind(subject) === kinds.field) return subject;
  if (table.kind(subject) !== kinds.lin) return undefined;
  let found: Term | undefined;
  for (let i = 1; i < table.arity(subject); i += 2) {
    const atom = table.part(subject, i);
    if (table.kind(atom) !== kinds.field || table.constant(table.part(subject, i + 1)) !== 1)
      continue;
    if (found !== undefined) return undefined;
    found = atom;
  }
  return found;
}

/** The value of an argument of the acquisition where the release finds the object. */
export function valueThere(table: TermTable, taken: TakenThere, value: Term): Term {
  const pointer = objectPointer(table);
  const object = deref(table, pointer);
  return substitute(table, value, (part) => {
    if (table.kind(part) !== kinds.field) return undefined;
    const location = substitute(table, part, (inner) =>
      inner === object ? taken.owner : undefined,
    );
    return get(taken.env, location) ?? location;
  });
}

/**
 * Roles that both sides of a meeting point are compared in. Of memory only the interfaces are: which of several
 * objects of a type a member belongs to, a file alone does not tell often enough for sizes.
 */
export function comparedThere(family: Family): readonly Role[] {
  return family === 'iommu-map' ? ['size', 'iova'] : [];
}
