import type { CompoundLiteral, CType, Expr, InitEntry, InitList } from '../../program/ir.ts';
import { unknownType } from '../../program/ir.ts';
import { add, deref, field } from '../terms/build.ts';
import { unnamed } from '../terms/roots.ts';
import type { Term } from '../terms/term.ts';
import { read, write } from './cursor.ts';
import type { Cursor, Run } from './run.ts';
import { turnOf } from './turns.ts';

/** The location of an unnamed object, `(struct x){ … }`: one per place in the code and turn of its loops. */
export function locateLiteral(cursor: Cursor, literal: CompoundLiteral): Term {
  const location = unnamed(cursor.run.table, literal.id, turnOf(cursor.state));
  initialise(cursor, location, literal.init, literal.type);
  return location;
}

/** The value of an unnamed object; of a struct that is its location. */
export function evaluateLiteral(cursor: Cursor, literal: CompoundLiteral): Term {
  return read(cursor, locateLiteral(cursor, literal));
}

/** The list that a variable is initialised with, directly or by way of an unnamed object. */
export function initialiserOf(init: Expr): InitList | undefined {
  if (init.kind === 'initList') return init;
  return init.kind === 'compoundLiteral' ? init.init : undefined;
}

/** `{ .a = x, … }` of an object: what is named, and what stands at the place of a member. */
export function initialise(cursor: Cursor, location: Term, list: InitList, type: CType): void {
  const { table, evaluator } = cursor.run;
  let inOrder = true;
  for (const [position, entry] of list.entries.entries()) {
    inOrder &&= entry.designators.length === 0;
    const whole = { location, type };
    const part = inOrder ? positioned(cursor, whole, position) : designated(cursor, whole, entry);
    if (entry.value.kind === 'initList') {
      if (part !== undefined) initialise(cursor, part.location, entry.value, part.type);
      continue;
    }
    const value = evaluator.evaluate(cursor, entry.value);
    const constant = table.constant(value);
    if (inOrder && list.entries.length === 1 && constant === 0) {
      write(cursor, location, location);
      continue;
    }
    // A store to `array[i]` does not tell which of the numbers it replaced.
    const isNumberOfArray = inOrder && constant !== undefined && part?.isElement === true;
    if (part !== undefined && !isNumberOfArray) write(cursor, part.location, value);
  }
}

interface Part {
  readonly location: Term;
  readonly type: CType;
  readonly isElement?: true;
}

/** The part that designators name; undefined for a range, and for what follows a designated entry. */
function designated(cursor: Cursor, whole: Part, { designators }: InitEntry): Part | undefined {
  const { run } = cursor;
  const { types } = run.context.unit;
  let part: Part | undefined = designators.length === 0 ? undefined : whole;
  for (const designator of designators) {
    if (part === undefined || designator.kind === 'range') return undefined;
    if (designator.kind === 'field') {
      const type = types.field(part.type, designator.name) ?? unknownType('no such member');
      part = { location: field(run.table, part.location, designator.name), type };
    } else {
      part = element(run, part, run.evaluator.evaluate(cursor, designator.index));
    }
  }
  return part;
}

/** The part at a place: a member of a struct, an element of an array, or a number itself. */
function positioned({ run }: Cursor, whole: Part, position: number): Part | undefined {
  const { types } = run.context.unit;
  const type = types.resolve(whole.type, run.ir);
  if (type.kind === 'array') return element(run, whole, run.table.num(position));
  if (type.kind === 'integer' || type.kind === 'pointer') {
    return position === 0 ? whole : undefined;
  }
  const member = types.fields(type)?.[position];
  // Not by its name, but there: who holds the object holds what is in it.
  const name = member?.name ?? `(member ${position})`;
  const location = field(run.table, whole.location, name);
  return { location, type: member?.type ?? unknownType('no member in sight') };
}

function element(run: Run, { location, type }: Part, index: Term): Part {
  const resolved = run.context.unit.types.resolve(type, run.ir);
  return {
    location: deref(run.table, add(run.table, location, index)),
    type: resolved.kind === 'array' ? resolved.of : unknownType('no array'),
    isElement: true,
  };
}
