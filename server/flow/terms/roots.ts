import { hasNameArgument } from './build.ts';
import { kinds, spaces, type Term, type TermTable } from './term.ts';

/** True when `target` is the term or a part of it. */
export function mentions(table: TermTable, term: Term, target: Term): boolean {
  if (term === target) return true;
  // Parts are interned before the wholes that contain them.
  if (term < target) return false;
  switch (table.kind(term)) {
    case kinds.field:
    case kinds.deref:
    case kinds.addr:
      return mentions(table, table.part(term, 0), target);
    case kinds.lin:
      for (let i = 1; i < table.arity(term); i += 2) {
        if (mentions(table, table.part(term, i), target)) return true;
      }
      return false;
    case kinds.op: {
      const end = hasNameArgument(table, term) ? 2 : table.arity(term);
      for (let i = 1; i < end; i++) if (mentions(table, table.part(term, i), target)) return true;
      return false;
    }
    default:
      return false;
  }
}

/** Calls back for every variable and fresh value a term is made of; returns true as soon as `test` does. */
export function someAtom(table: TermTable, term: Term, test: (atom: Term) => boolean): boolean {
  switch (table.kind(term)) {
    case kinds.variable:
    case kinds.fresh:
      return test(term);
    case kinds.field:
    case kinds.deref:
    case kinds.addr:
      return someAtom(table, table.part(term, 0), test);
    case kinds.lin:
      for (let i = 1; i < table.arity(term); i += 2) {
        if (someAtom(table, table.part(term, i), test)) return true;
      }
      return false;
    case kinds.op: {
      const end = hasNameArgument(table, term) ? 2 : table.arity(term);
      for (let i = 1; i < end; i++) if (someAtom(table, table.part(term, i), test)) return true;
      return false;
    }
    default:
      return false;
  }
}

/** True when a location lies in a variable's own storage: no pointer is followed to get there. */
export function isOwnStorage(table: TermTable, location: Term): boolean {
  let at = location;
  while (table.kind(at) === kinds.field) at = table.part(at, 0);
  return table.kind(at) === kinds.variable;
}

/** The variable whose storage a location lies in, or the pointer that leads out of it. */
export function storageRoot(table: TermTable, location: Term): Term {
  let at = location;
  while (table.kind(at) === kinds.field) at = table.part(at, 0);
  return at;
}

/** No identifier of C begins with it. */
const unnamedPrefix = '(unnamed) ';

/** The location of the object that an expression makes in a turn of the loops around it. */
export function unnamed(table: TermTable, expression: number, turn: number): Term {
  return table.variable(`${unnamedPrefix}${expression} ${turn}`, spaces.local);
}

/** True for the location of an object without a name. */
export function isUnnamed(table: TermTable, location: Term): boolean {
  return (
    table.kind(location) === kinds.variable &&
    table.text(table.part(location, 0)).startsWith(unnamedPrefix)
  );
}

/** The locals into whose storage a pointer leads: `&x.m`, the name of an array, `array + k`, `&array[k].m`. */
export function pointedLocals(table: TermTable, pointer: Term): readonly Term[] {
  switch (table.kind(pointer)) {
    case kinds.addr:
      return holdingLocals(table, table.part(pointer, 0));
    case kinds.variable:
      return table.part(pointer, 1) === spaces.local ? [pointer] : [];
    case kinds.lin: {
      const found: Term[] = [];
      for (let i = 1; i < table.arity(pointer); i += 2) {
        if (table.constant(table.part(pointer, i + 1)) === 1)
          found.push(...pointedLocals(table, table.part(pointer, i)));
      }
      return found;
    }
    default:
      return [];
  }
}

/** The locals in whose storage a location lies, elements of arrays included. */
export function holdingLocals(table: TermTable, location: Term): readonly Term[] {
  const root = storageRoot(table, location);
  if (table.kind(root) === kinds.deref) return pointedLocals(table, table.part(root, 0));
  return table.kind(root) === kinds.variable && table.part(root, 1) === spaces.local ? [root] : [];
}

/** True for values that the caller can express: made of parameters, globals and constants only. */
export function isOutside(table: TermTable, term: Term): boolean {
  return !someAtom(
    table,
    term,
    (atom) => table.kind(atom) === kinds.fresh || table.part(atom, 1) === spaces.local,
  );
}
