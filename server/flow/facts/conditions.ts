import { knownConstant } from '../../program/kernelApi/constants.ts';
import { get, set, type IntMap } from '../state/intMap.ts';
import { addScaled, hasNameArgument, linearForm, opName, sub } from '../terms/build.ts';
import { kinds, spaces, type Term, type TermTable } from '../terms/term.ts';
import {
  admits,
  affine,
  anything,
  between,
  isEmpty,
  meet,
  without,
  type Interval,
} from './interval.ts';

/** What a path knows about its values: an interval per linear form. */
export type Known = IntMap<Interval>;

const notNegative = between(0, Infinity);
const positive = between(1, Infinity);
const truth = between(0, 1);

/** The number behind a constant of the kernel that keeps its name: DMA_TO_DEVICE is 1. */
function numberOf(table: TermTable, atom: Term): number | undefined {
  if (table.kind(atom) !== kinds.variable || table.part(atom, 1) !== spaces.constant) return undefined; // prettier-ignore
  const value = knownConstant(table.text(table.part(atom, 0)))?.value;
  return typeof value === 'number' ? value : undefined;
}

/** A sum with the numbers of its constants in it, so that `dir - DMA_TO_DEVICE` and `dir - DMA_FROM_DEVICE` are about one value. */
function inNumbers(table: TermTable, term: Term): Term {
  const alone = numberOf(table, term);
  if (alone !== undefined) return table.num(alone);
  if (table.kind(term) !== kinds.lin) return term;
  let sum = term;
  for (let i = 1; i < table.arity(term); i += 2) {
    const atom = table.part(term, i);
    const value = numberOf(table, atom);
    if (value === undefined) continue;
    const coefficient = table.constant(table.part(term, i + 1))!;
    sum = addScaled(table, sum, sub(table, table.num(value), atom), coefficient);
  }
  return sum;
}

/** What holds for an atom on every path, by what it is. */
function axiom(table: TermTable, atom: Term): Interval {
  switch (table.kind(atom)) {
    case kinds.addr:
      return positive;
    case kinds.variable: {
      if (table.part(atom, 1) !== spaces.constant) return anything;
      const value = numberOf(table, atom);
      if (value !== undefined) return between(value, value);
      return table.text(table.part(atom, 0)).startsWith('-') ? anything : positive;
    }
    case kinds.op:
      switch (opName(table, atom)) {
        // 0, or a negative errno.
        case 'mapping_error':
          return between(-Infinity, 0);
        case 'eq0':
        case 'lt0':
        case '&&':
        case '||':
          return truth;
        case 'sizeof':
          return positive;
        case 'count':
          return notNegative;
        default:
          return anything;
      }
    default:
      return anything;
  }
}

/** Whether a value is certainly true, certainly not, or either. */
function truthOf({ low, high, not }: Interval): boolean | undefined {
  if (low > 0 || high < 0 || not.includes(0)) return true;
  return low === 0 && high === 0 ? false : undefined;
}

function both(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === false || b === false) return false;
  return a === true && b === true ? true : undefined;
}

function either(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === true || b === true) return true;
  return a === false && b === false ? false : undefined;
}

/** Range of one atom: its axiom, and min/max/alignment of ranges of its arguments. */
function atomRange(table: TermTable, known: Known, atom: Term, depth: number): Interval {
  const fact = get(known, atom) ?? anything;
  let base = meet(fact, axiom(table, atom));
  if (depth > 0 && table.kind(atom) === kinds.op && !hasNameArgument(table, atom)) {
    const argument = (i: number): Interval => range(table, known, table.part(atom, i), depth - 1);
    switch (opName(table, atom)) {
      case 'eq0': {
        const isTrue = truthOf(argument(1));
        if (isTrue !== undefined) base = meet(base, isTrue ? between(0, 0) : positive);
        break;
      }
      case '&&':
      case '||': {
        const a = truthOf(argument(1));
        const b = truthOf(argument(2));
        const isTrue = opName(table, atom) === '||' ? either(a, b) : both(a, b);
        if (isTrue !== undefined) base = meet(base, isTrue ? positive : between(0, 0));
        break;
      }
      case 'lt0': {
        const { low, high } = argument(1);
        if (low >= 0) base = meet(base, between(0, 0));
        else if (high < 0) base = meet(base, positive);
        break;
      }
      case 'min': {
        let low = Infinity;
        let high = Infinity;
        for (let i = 1; i < table.arity(atom); i++) {
          const part = argument(i);
          low = Math.min(low, part.low);
          high = Math.min(high, part.high);
        }
        base = meet(base, between(low, high));
        break;
      }
      case 'max': {
        let low = -Infinity;
        for (let i = 1; i < table.arity(atom); i++) low = Math.max(low, argument(i).low);
        base = meet(base, between(low, Infinity));
        break;
      }
      case 'alignup':
        base = meet(base, between(argument(1).low, Infinity));
        break;
      case '*': {
        let low = 1;
        for (let i = 1; i < table.arity(atom); i++) low = Math.min(low, argument(i).low);
        if (low >= 0) base = meet(base, low > 0 ? positive : notNegative);
        break;
      }
      case '&':
        for (let i = 1; i < table.arity(atom); i++) {
          const mask = argument(i);
          if (mask.low >= 0) base = meet(base, between(0, mask.high));
        }
        break;
      default:
    }
  }
  return base;
}

/** The values a term can have on a path. */
export function range(table: TermTable, known: Known, term: Term, depth = 3): Interval {
  const constant = table.constant(term);
  if (constant !== undefined) return between(constant, constant);
  if (table.kind(term) !== kinds.lin) return atomRange(table, known, term, depth);
  const { form, scale, offset } = linearForm(table, term);
  if (form === undefined) return between(offset, offset);
  const stored = affine(get(known, form) ?? anything, scale, offset);
  // The bounds that follow from the parts.
  let low = table.constant(table.part(term, 0))!;
  let high = low;
  for (let i = 1; i < table.arity(term); i += 2) {
    const coefficient = table.constant(table.part(term, i + 1))!;
    const part = affine(atomRange(table, known, table.part(term, i), depth - 1), coefficient, 0);
    low += part.low;
    high += part.high;
    if (Number.isNaN(low) || Number.isNaN(high)) return stored;
  }
  return meet(stored, between(low, high));
}

/** What a comparison with zero demands of a difference. */
export type Demand = 'zero' | 'nonzero' | 'negative' | 'positive' | 'not-positive' | 'not-negative';

const demands: Readonly<Record<Demand, Interval>> = {
  zero: between(0, 0),
  nonzero: anything,
  negative: between(-Infinity, -1),
  positive,
  'not-positive': between(-Infinity, 0),
  'not-negative': notNegative,
};

/** The demand that holds when this one does not. */
export const opposite: Readonly<Record<Demand, Demand>> = {
  zero: 'nonzero',
  nonzero: 'zero',
  negative: 'not-negative',
  positive: 'not-positive',
  'not-positive': 'positive',
  'not-negative': 'negative',
};

function restrict(table: TermTable, known: Known, form: Term, to: Interval): Known | undefined {
  const stored = get(known, form) ?? anything;
  const next = meet(stored, to);
  if (isEmpty(next)) return undefined;
  // The sum may contradict what its parts say although nothing was stored about it yet.
  const all = meet(next, range(table, known, form));
  if (isEmpty(all)) return undefined;
  return set(known, form, next);
}

/** Adds a demand on a term to what is known; undefined when it contradicts. */
export function require(
  table: TermTable,
  known: Known,
  asked: Term,
  demand: Demand,
): Known | undefined {
  const term = inNumbers(table, asked);
  const decoded = decode(table, known, term, demand);
  if (decoded !== 'plain') return decoded;
  const now = range(table, known, term);
  if (demand === 'nonzero') {
    if (!admits(now, 0)) return known;
    if (now.low === 0 && now.high === 0) return undefined;
  } else {
    const left = meet(now, demands[demand]);
    if (isEmpty(left)) return undefined;
  }
  const { form, scale, offset } = linearForm(table, term);
  if (form === undefined) return known;
  if (form !== term && isTruth(table, form)) {
    const left = [0, 1].filter((value) => meets(scale * value + offset, demand));
    if (left.length !== 1) return left.length === 0 ? undefined : known;
    return require(table, known, form, left[0] === 0 ? 'zero' : 'nonzero');
  }
  if (demand === 'nonzero' || demand === 'zero') {
    const at = -offset / scale;
    if (!Number.isInteger(at)) return demand === 'zero' ? undefined : known;
    if (demand === 'zero') return restrict(table, known, form, between(at, at));
    const narrowed = without(meet(get(known, form) ?? anything, range(table, known, form)), at);
    return isEmpty(narrowed) ? undefined : set(known, form, narrowed);
  }
  const bounds = demands[demand];
  const x = (bounds.low - offset) / scale;
  const y = (bounds.high - offset) / scale;
  return restrict(
    table,
    known,
    form,
    between(Math.ceil(Math.min(x, y)), Math.floor(Math.max(x, y))),
  );
}

function meets(value: number, demand: Demand): boolean {
  return demand === 'nonzero' ? value !== 0 : admits(demands[demand], value);
}

/** True for what is 1 or 0: a comparison, or several of them. */
function isTruth(table: TermTable, term: Term): boolean {
  const name = opName(table, term);
  return name === 'eq0' || name === 'lt0' || isJunction(table, term);
}

/** Truth values that stand for a comparison are taken apart again. */
function decode(
  table: TermTable,
  known: Known,
  term: Term,
  demand: Demand,
): Known | undefined | 'plain' {
  const name = opName(table, term);
  if (name === undefined || (demand !== 'zero' && demand !== 'nonzero')) return 'plain';
  const holds = demand === 'nonzero';
  switch (name) {
    case 'eq0':
      return require(table, known, table.part(term, 1), holds ? 'zero' : 'nonzero');
    case 'lt0':
      return require(table, known, table.part(term, 1), holds ? 'negative' : 'not-negative');
    case '&&':
    case '||': {
      if (holds !== (name === '&&')) return 'plain';
      let next: Known | undefined = known;
      for (let i = 1; i < table.arity(term) && next !== undefined; i++) {
        next = require(table, next, table.part(term, i), demand);
      }
      return next;
    }
    default:
      return 'plain';
  }
}

/** `a || b`, `a && b` as a value. */
export function isJunction(table: TermTable, term: Term): boolean {
  const name = opName(table, term);
  return name === '||' || name === '&&';
}

/** Draws the conclusions: where `a || b` is known to hold and a does not, b does. Undefined when something contradicts. */
export function concludeAll(
  table: TermTable,
  known: Known,
  junctions: ReadonlySet<Term>,
): Known | undefined {
  let next: Known | undefined = known;
  for (const junction of junctions) {
    const fact = get(next, junction);
    const holds = fact === undefined ? undefined : truthOf(fact);
    if (holds === undefined) continue;
    next = conclude(table, next, junction, holds);
    if (next === undefined) return undefined;
  }
  return next;
}

function conclude(
  table: TermTable,
  known: Known,
  junction: Term,
  holds: boolean,
): Known | undefined {
  // Only one way to that: it was taken apart when it became known.
  if (holds === (opName(table, junction) === '&&')) return known;
  const parts = [table.part(junction, 1), table.part(junction, 2)];
  const open = parts.filter((part) => truthOf(range(table, known, part)) !== !holds);
  if (open.length === 0) return undefined;
  return open.length === 1 ? require(table, known, open[0]!, holds ? 'nonzero' : 'zero') : known;
}

/** True when the path proves that two values differ. */
export function provenDifferent(table: TermTable, known: Known, a: Term, b: Term): boolean {
  return a !== b && !admits(range(table, known, sub(table, a, b)), 0);
}

/** True when the path proves that two values are equal. */
export function provenEqual(table: TermTable, known: Known, a: Term, b: Term): boolean {
  if (a === b) return true;
  const difference = range(table, known, sub(table, a, b));
  return difference.low === 0 && difference.high === 0;
}
