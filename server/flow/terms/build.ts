import { kinds, type Term, type TermTable } from './term.ts';

/**
 * Makes terms in normal form, so that values that are equal but spelled differently become
 * the same number. Every function here is idempotent: feeding a result back changes nothing.
 */

interface Sum {
  constant: number;
  readonly atoms: Map<Term, number>;
}

function sumOf(table: TermTable, term: Term): Sum {
  const sum: Sum = { constant: 0, atoms: new Map() };
  addInto(table, sum, term, 1);
  return sum;
}

function addInto(table: TermTable, sum: Sum, term: Term, factor: number): void {
  const constant = table.constant(term);
  if (constant !== undefined) {
    sum.constant += constant * factor;
    return;
  }
  if (table.kind(term) !== kinds.lin) {
    sum.atoms.set(term, (sum.atoms.get(term) ?? 0) + factor);
    return;
  }
  sum.constant += table.constant(table.part(term, 0))! * factor;
  for (let i = 1; i < table.arity(term); i += 2) {
    const atom = table.part(term, i);
    const coefficient = table.constant(table.part(term, i + 1))!;
    sum.atoms.set(atom, (sum.atoms.get(atom) ?? 0) + coefficient * factor);
  }
}

/** Undefined when a number leaves the range in which doubles are exact. */
function finish(table: TermTable, sum: Sum): Term | undefined {
  if (!Number.isSafeInteger(sum.constant)) return undefined;
  const atoms: [Term, number][] = [];
  for (const [atom, coefficient] of sum.atoms) {
    if (coefficient === 0) continue;
    if (!Number.isSafeInteger(coefficient)) return undefined;
    atoms.push([atom, coefficient]);
  }
  if (atoms.length === 0) return table.num(sum.constant);
  const [first] = atoms;
  if (atoms.length === 1 && sum.constant === 0 && first![1] === 1) return first![0];
  atoms.sort((a, b) => a[0] - b[0]);
  const parts = [table.num(sum.constant)];
  for (const [atom, coefficient] of atoms) parts.push(atom, table.num(coefficient));
  return table.intern(kinds.lin, parts);
}

/** An operation on terms that has no normal form of its own. */
export function op(table: TermTable, name: string, args: readonly Term[]): Term {
  return table.intern(kinds.op, [table.name(name), ...args]);
}

/** The name of an operation, or undefined for other terms. */
export function opName(table: TermTable, term: Term): string | undefined {
  return table.kind(term) === kinds.op ? table.text(table.part(term, 0)) : undefined;
}

/** a + factor * b. */
export function addScaled(table: TermTable, a: Term, b: Term, factor: number): Term {
  const sum = sumOf(table, a);
  addInto(table, sum, b, factor);
  return finish(table, sum) ?? op(table, factor < 0 ? '-' : '+', [a, b]);
}

/** a + b. */
export function add(table: TermTable, a: Term, b: Term): Term {
  return addScaled(table, a, b, 1);
}

/** a - b. */
export function sub(table: TermTable, a: Term, b: Term): Term {
  return addScaled(table, a, b, -1);
}

/** Factors of a product, or the term itself. */
function factors(table: TermTable, term: Term): Term[] {
  if (opName(table, term) !== '*') return [term];
  const list: Term[] = [];
  for (let i = 1; i < table.arity(term); i++) list.push(table.part(term, i));
  return list;
}

function product(table: TermTable, a: Term, b: Term): Term {
  const list = [...factors(table, a), ...factors(table, b)];
  // ceil(x / n) * n is x rounded up to n, whichever way it is written.
  for (const [i, factor] of list.entries()) {
    const name = opName(table, factor);
    if (name !== 'ceildiv' && name !== 'div') continue;
    const at = list.indexOf(table.part(factor, 2));
    if (at < 0 || at === i) continue;
    const value = table.part(factor, 1);
    const by = table.part(factor, 2);
    const whole = name === 'ceildiv' ? alignUp(table, value, by) : alignDown(table, value, by);
    const rest = list.filter((_, k) => k !== i && k !== at);
    return rest.reduce((left, right) => mul(table, left, right), whole);
  }
  list.sort((x, y) => x - y);
  return op(table, '*', list);
}

/** a * b, distributed over sums. */
export function mul(table: TermTable, a: Term, b: Term): Term {
  const left = sumOf(table, a);
  const right = sumOf(table, b);
  // Distributing two long sums gains nothing and costs much.
  if ((left.atoms.size + 1) * (right.atoms.size + 1) > 16) return op(table, '*', [a, b].sort());
  const sum: Sum = { constant: left.constant * right.constant, atoms: new Map() };
  for (const [atom, c] of left.atoms) addInto(table, sum, atom, c * right.constant);
  for (const [atom, c] of right.atoms) addInto(table, sum, atom, c * left.constant);
  for (const [x, c] of left.atoms) {
    for (const [y, d] of right.atoms) addInto(table, sum, product(table, x, y), c * d);
  }
  return finish(table, sum) ?? op(table, '*', [a, b].sort());
}

/** True when every part of the sum is certainly a multiple of `by`. */
export function isMultiple(table: TermTable, term: Term, by: Term): boolean {
  const unit = table.constant(by);
  const sum = sumOf(table, term);
  if (unit === 0) return false;
  if (sum.constant !== 0 && (unit === undefined || sum.constant % unit !== 0)) return false;
  for (const [atom, coefficient] of sum.atoms) {
    if (unit !== undefined && coefficient % unit === 0) continue;
    if (factors(table, atom).includes(by)) continue;
    const name = opName(table, atom);
    if ((name === 'alignup' || name === 'aligndown') && table.part(atom, 2) === by) continue;
    if (isPageUnit(table, by) && isWholePages(table, atom)) continue;
    return false;
  }
  return true;
}

function isPageUnit(table: TermTable, term: Term): boolean {
  return table.kind(term) === kinds.variable && table.text(table.part(term, 0)) === 'PAGE_SIZE';
}

/** Values that are a whole number of pages on every kernel. */
function isWholePages(table: TermTable, atom: Term): boolean {
  return factors(table, atom).some((factor) => isPageUnit(table, factor));
}

/** `term` rounded up to a multiple of `to`. */
export function alignUp(table: TermTable, term: Term, to: Term): Term {
  const a = table.constant(term);
  const b = table.constant(to);
  if (a !== undefined && b !== undefined && b > 0) return table.num(Math.ceil(a / b) * b);
  if (b === 1 || isMultiple(table, term, to)) return term;
  return op(table, 'alignup', [term, to]);
}

/** `term` rounded down to a multiple of `to`. */
export function alignDown(table: TermTable, term: Term, to: Term): Term {
  const a = table.constant(term);
  const b = table.constant(to);
  if (a !== undefined && b !== undefined && b > 0) return table.num(Math.floor(a / b) * b);
  if (b === 1 || isMultiple(table, term, to)) return term;
  return op(table, 'aligndown', [term, to]);
}

/** a / b of C for values that are not negative. */
export function div(table: TermTable, a: Term, b: Term): Term {
  const x = table.constant(a);
  const y = table.constant(b);
  if (y === 1) return a;
  if (x !== undefined && y !== undefined && y !== 0) return table.num(Math.trunc(x / y));
  const exact = exactQuotient(table, a, b);
  if (exact !== undefined) return exact;
  const name = opName(table, a);
  if (name === 'alignup' && table.part(a, 2) === b) return ceilDiv(table, table.part(a, 1), b);
  return op(table, 'div', [a, b]);
}

function exactQuotient(table: TermTable, a: Term, b: Term): Term | undefined {
  const unit = table.constant(b);
  const sum = sumOf(table, a);
  if (unit === 0) return undefined;
  const result: Sum = { constant: 0, atoms: new Map() };
  if (sum.constant !== 0) {
    if (unit === undefined || sum.constant % unit !== 0) return undefined;
    result.constant = sum.constant / unit;
  }
  for (const [atom, coefficient] of sum.atoms) {
    if (unit !== undefined && coefficient % unit === 0) {
      result.atoms.set(atom, coefficient / unit);
      continue;
    }
    const list = factors(table, atom);
    const at = list.indexOf(b);
    if (at < 0) return undefined;
    const rest = list.filter((_, i) => i !== at);
    const left = rest.reduce((x, y) => mul(table, x, y), table.num(1));
    addInto(table, result, left, coefficient);
  }
  return finish(table, result);
}

/** a / b rounded up. */
export function ceilDiv(table: TermTable, a: Term, b: Term): Term {
  const x = table.constant(a);
  const y = table.constant(b);
  if (y === 1) return a;
  if (x !== undefined && y !== undefined && y > 0) return table.num(Math.ceil(x / y));
  const exact = exactQuotient(table, a, b);
  if (exact !== undefined) return exact;
  const name = opName(table, a);
  if (name === 'alignup' && table.part(a, 2) === b) return ceilDiv(table, table.part(a, 1), b);
  return op(table, 'ceildiv', [a, b]);
}

/** A commutative operation without arithmetic: min, max, |, &, ^. Idempotent ones drop doubles. */
export function commutative(table: TermTable, name: string, args: readonly Term[]): Term {
  const list: Term[] = [];
  for (const arg of args) {
    if (opName(table, arg) === name) {
      for (let i = 1; i < table.arity(arg); i++) list.push(table.part(arg, i));
    } else list.push(arg);
  }
  const known = list.filter((term) => table.constant(term) !== undefined);
  let rest = list.filter((term) => table.constant(term) === undefined);
  if (name !== '^') rest = [...new Set(rest)];
  rest.sort((a, b) => a - b);
  if (known.length > 0) {
    const value = known.map((term) => table.constant(term)!).reduce((a, b) => fold(name, a, b));
    if (name === '&' && value === 0) return table.num(0);
    const neutral = (name === '|' || name === '^') && value === 0;
    if (rest.length === 0) return table.num(value);
    if (!neutral) rest.push(table.num(value));
  }
  return rest.length === 1 ? rest[0]! : op(table, name, rest);
}

function fold(name: string, a: number, b: number): number {
  switch (name) {
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
    case '|':
      return Number(BigInt(a) | BigInt(b));
    case '&':
      return Number(BigInt(a) & BigInt(b));
    default:
      return Number(BigInt(a) ^ BigInt(b));
  }
}

/** A member of a location. */
export function field(table: TermTable, base: Term, name: string): Term {
  // A member of the object that a container_of() led to: back at the pointer it started from.
  if (table.kind(base) === kinds.deref) {
    const pointer = table.part(base, 0);
    if (opName(table, pointer) === 'container' && table.part(pointer, 2) === table.name(name)) {
      return deref(table, table.part(pointer, 1));
    }
  }
  return table.intern(kinds.field, [base, table.name(name)]);
}

/** What a pointer points to: `*p`, and `p[i]` as `*(p + i)`. */
export function deref(table: TermTable, pointer: Term): Term {
  if (table.kind(pointer) === kinds.addr) return table.part(pointer, 0);
  return table.intern(kinds.deref, [pointer]);
}

/** The address of a location. */
export function addr(table: TermTable, location: Term): Term {
  if (table.kind(location) === kinds.deref) return table.part(location, 0);
  return table.intern(kinds.addr, [location]);
}

/** The object whose member `name` a pointer points to. */
export function container(table: TermTable, pointer: Term, name: string): Term {
  if (table.kind(pointer) === kinds.addr) {
    const location = table.part(pointer, 0);
    if (table.kind(location) === kinds.field && table.part(location, 1) === table.name(name)) {
      return addr(table, table.part(location, 0));
    }
  }
  return table.intern(kinds.op, [table.name('container'), pointer, table.name(name)]);
}

/** True when the last payload word of this operation is a name, not a term. */
export function hasNameArgument(table: TermTable, term: Term): boolean {
  return opName(table, term) === 'container';
}

/**
 * A sum without its constant, scaled so that the first coefficient is positive and the
 * coefficients have no common divisor: `term = scale * form + offset`.
 */
export interface LinearForm {
  /** Undefined for a constant. */
  readonly form: Term | undefined;
  readonly scale: number;
  readonly offset: number;
}

function gcd(a: number, b: number): number {
  let x = Math.abs(a);
  let y = Math.abs(b);
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Splits a term into its linear form. */
export function linearForm(table: TermTable, term: Term): LinearForm {
  const kind = table.kind(term);
  if (kind === kinds.num) return { form: undefined, scale: 0, offset: table.constant(term)! };
  if (kind !== kinds.lin) return { form: term, scale: 1, offset: 0 };
  const offset = table.constant(table.part(term, 0))!;
  const arity = table.arity(term);
  let divisor = 0;
  for (let i = 2; i < arity; i += 2) divisor = gcd(divisor, table.constant(table.part(term, i))!);
  const scale = table.constant(table.part(term, 2))! < 0 ? -divisor : divisor;
  if (arity === 3 && offset === 0 && scale === 1) return { form: term, scale: 1, offset: 0 };
  const sum: Sum = { constant: 0, atoms: new Map() };
  for (let i = 1; i < arity; i += 2) {
    sum.atoms.set(table.part(term, i), table.constant(table.part(term, i + 1))! / scale);
  }
  return { form: finish(table, sum) ?? term, scale, offset };
}
