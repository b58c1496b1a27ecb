import type { Expr, FunctionBody, FunctionSymbol, Local, Statement } from '../cfront/parse/ast.ts';
import { ParseError } from '../cfront/parse/parseError.ts';
import type { Unit } from '../cfront/unit.ts';
import {
  bytesIn,
  holderOf,
  holdersOf,
  memberHolder,
  pointeeHolder,
  pointeeOf,
  resultHolder,
} from './valueHolders.ts';
import type { Holder } from './valueHolders.ts';
import { kernelApiOfAnyAge } from '../program/kernelApi/registry.ts';

/**
 * What values are compared with in the C: an unknown value is worth trying where a test turns. Values
 * are followed through variables, parameters and results inside one file.
 */
export interface ComparedValues {
  /** Of a member of a struct; the tag is empty for structs without one. */
  ofMember(tag: string, name: string): readonly bigint[];
  /** Of a parameter of the entry. */
  ofParameter(name: string): readonly bigint[];
  /** Of the result of a function by its name. */
  ofResult(name: string): readonly bigint[];
  /** Whether the result of a function is tested for an error pointer. */
  isErrorPointer(name: string): boolean;
  /** What a member of a struct is: its usual value goes by it. */
  measureOfMember(tag: string, name: string): Measure | undefined;
  /** What a parameter of the entry is. */
  measureOfParameter(name: string): Measure | undefined;
  /** What the number is that a parameter of the entry points to. */
  measureBehind(parameter: string): Measure | undefined;
}

/**
 * What a number stands for, where the C shows it: bytes that an interface is handed, with the bound that the C sets
 * them; bytes that a loop goes through in pieces; or turns of a loop.
 */
export type Measure =
  | { readonly kind: 'bytes'; readonly bound: bigint | undefined }
  | { readonly kind: 'pieces' }
  | { readonly kind: 'turns' };

/** Nothing is known to be compared. */
export const NOTHING_COMPARED: ComparedValues = {
  ofMember: () => [],
  ofParameter: () => [],
  ofResult: () => [],
  isErrorPointer: () => false,
  measureOfMember: () => undefined,
  measureOfParameter: () => undefined,
  measureBehind: () => undefined,
};

/** Values tried of one input at most; more would crowd out other inputs. */
const MOST_VALUES = 4;
/** What the kernel asks an error pointer by (include/linux/err.h). */
const ERROR_TESTS: ReadonlySet<string> = new Set(['IS_ERR', 'IS_ERR_OR_NULL', 'PTR_ERR_OR_ZERO']);
/** Functions looked at from one entry. */
const MOST_FUNCTIONS = 60;

const CACHE = new WeakMap<FunctionSymbol, ComparedValues>();

/** What an entry function and those it calls in its file compare values with. */
export function comparedValues(unit: Unit, entry: FunctionSymbol): ComparedValues {
  let known = CACHE.get(entry);
  if (known === undefined) {
    known = new Comparisons(unit, entry);
    CACHE.set(entry, known);
  }
  return known;
}

/** What either of two functions that run one after the other compares values with. */
export function comparedInBoth(first: ComparedValues, then: ComparedValues): ComparedValues {
  const both = (one: readonly bigint[], other: readonly bigint[]): readonly bigint[] =>
    [...new Set([...one, ...other])].slice(0, MOST_VALUES);
  return {
    ofMember: (tag, name) => both(first.ofMember(tag, name), then.ofMember(tag, name)),
    ofParameter: (name) => both(first.ofParameter(name), then.ofParameter(name)),
    ofResult: (name) => both(first.ofResult(name), then.ofResult(name)),
    isErrorPointer: (name) => first.isErrorPointer(name) || then.isErrorPointer(name),
    measureOfMember: (tag, name) =>
      first.measureOfMember(tag, name) ?? then.measureOfMember(tag, name),
    measureOfParameter: (name) => first.measureOfParameter(name) ?? then.measureOfParameter(name),
    measureBehind: (name) => first.measureBehind(name) ?? then.measureBehind(name),
  };
}

class Comparisons implements ComparedValues {
  private readonly unit: Unit;
  private readonly flows = new Map<Holder, Set<Holder>>();
  private readonly constants = new Map<Holder, Set<bigint>>();
  private readonly errorTested = new Set<Holder>();
  private readonly counts = new Set<Holder>();
  /** What reaches an argument that takes bytes, and what ends a loop that counts by one. */
  private readonly bytes = new Set<Holder>();
  private readonly turns = new Set<Holder>();
  private readonly pieces = new Set<Holder>();
  private readonly byteFlows = new Map<Holder, Set<Holder>>();
  private readonly accessors = new Set<FunctionSymbol>();
  private readonly bounds = new Map<Holder, Set<bigint>>();
  private readonly pending: FunctionSymbol[];
  private readonly seen: Set<FunctionSymbol>;
  private readonly parameters = new Map<string, Local>();

  constructor(unit: Unit, entry: FunctionSymbol) {
    this.unit = unit;
    this.pending = [entry];
    this.seen = new Set(this.pending);
    for (const local of this.bodyOf(entry)?.parameters ?? [])
      this.parameters.set(local.name, local);
    for (let symbol = this.pending.pop(); symbol !== undefined; symbol = this.pending.pop()) {
      const body = this.bodyOf(symbol);
      if (body !== undefined) this.read(body, symbol);
    }
  }

  ofMember(tag: string, name: string): readonly bigint[] {
    return this.reachedFrom(memberHolder(tag, name));
  }

  ofParameter(name: string): readonly bigint[] {
    const local = this.parameters.get(name);
    return local === undefined ? [] : this.reachedFrom(local);
  }

  ofResult(name: string): readonly bigint[] {
    return this.reachedFrom(resultHolder(name));
  }

  isErrorPointer(name: string): boolean {
    return [...this.holdersFrom(resultHolder(name))].some((holder) => this.errorTested.has(holder));
  }

  measureOfMember(tag: string, name: string): Measure | undefined {
    return this.measureFrom(memberHolder(tag, name));
  }

  measureOfParameter(name: string): Measure | undefined {
    const local = this.parameters.get(name);
    return local === undefined ? undefined : this.measureFrom(local);
  }

  measureBehind(parameter: string): Measure | undefined {
    const local = this.parameters.get(parameter);
    return local === undefined ? undefined : this.measureFrom(pointeeHolder(local));
  }

  private measureFrom(start: Holder): Measure | undefined {
    const holders = [...this.holdersFrom(start, this.byteFlows)];
    if (holders.some((holder) => this.turns.has(holder))) return { kind: 'turns' };
    if (!holders.some((holder) => this.bytes.has(holder))) return undefined;
    if (holders.some((holder) => this.pieces.has(holder))) return { kind: 'pieces' };
    const bounds = holders.flatMap((holder) => [...(this.bounds.get(holder) ?? [])]);
    const bound = bounds.reduce((most, one) => (one > most ? one : most), 0n);
    return { kind: 'bytes', bound: bound === 0n ? undefined : bound };
  }

  private reachedFrom(start: Holder): readonly bigint[] {
    const found = new Set<bigint>();
    const holders = [...this.holdersFrom(start)];
    for (const holder of holders) {
      for (const value of this.constants.get(holder) ?? []) found.add(value);
    }
    const isCount = holders.some((holder) => this.counts.has(holder));
    return [...[...found].slice(0, MOST_VALUES), ...(isCount ? [2n] : [])];
  }

  /** Where a value comes to from a place, the place included. */
  private holdersFrom(
    start: Holder,
    flows: ReadonlyMap<Holder, ReadonlySet<Holder>> = this.flows,
  ): ReadonlySet<Holder> {
    const reached = new Set([start]);
    for (const holder of reached) {
      for (const next of flows.get(holder) ?? []) reached.add(next);
    }
    return reached;
  }

  private bodyOf(symbol: FunctionSymbol): FunctionBody | undefined {
    if (symbol.body === undefined) return undefined;
    const body = this.unit.bodyOf(symbol);
    return body instanceof ParseError ? undefined : body;
  }

  private read({ body }: FunctionBody, symbol: FunctionSymbol): void {
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit);
      // Types and symbols have a kind, and lead away from the code.
      else if (typeof value === 'object' && value !== null && !('kind' in value)) {
        if ('op' in value) this.note(value as Expr | Statement, symbol);
        Object.values(value).forEach(visit);
      }
    };
    visit(body);
  }

  private note(node: Expr | Statement, within: FunctionSymbol): void {
    switch (node.op) {
      case 'assign':
        this.flow(node.value, holderOf(node.target));
        for (const target of node.target.op === 'deref' ? bytesIn(node.target) : []) {
          for (const holder of bytesIn(node.value)) link(this.byteFlows, holder, target);
        }
        break;
      case 'declare':
        if (node.initializer?.parts.length === 1 && node.initializer.parts[0]!.offset === 0) {
          this.flow(node.initializer.parts[0]!.value, node.local);
        }
        break;
      case 'return':
        if (node.value !== undefined) this.flow(node.value, resultHolder(within.name));
        break;
      case 'call':
        if (node.callee.op === 'function') {
          this.enter(node.callee.function, node.args);
          this.hand(node.callee.function, node.args);
        }
        break;
      case 'loop':
        this.turn(node);
        break;
      case 'compare':
        this.compare(node.operator, node.left, node.right);
        break;
      case 'binary':
        this.mask(node);
        break;
      case 'switch':
        for (const value of casesIn(node.body)) this.add(node.value, value);
        break;
      default:
    }
  }

  private flow(from: Expr, to: Holder | undefined): void {
    if (to === undefined) return;
    for (const holder of holdersOf(from)) link(this.flows, holder, to);
    for (const holder of bytesIn(from)) link(this.byteFlows, holder, to);
  }

  private enter(callee: FunctionSymbol, args: readonly Expr[]): void {
    if (ERROR_TESTS.has(callee.name)) {
      for (const holder of args.flatMap(holdersOf)) this.errorTested.add(holder);
    }
    const isOwn = callee.body !== undefined && this.unit.place(callee.at).file === this.unit.path;
    if (!isOwn) {
      this.readAccessor(callee);
      return;
    }
    if (!this.seen.has(callee) && this.seen.size < MOST_FUNCTIONS) {
      this.seen.add(callee);
      this.pending.push(callee);
    }
    const parameters = this.bodyOf(callee)?.parameters ?? [];
    args.forEach((arg, i) => {
      const parameter = parameters[i];
      this.flow(arg, parameter);
      const given = pointeeOf(arg);
      if (parameter === undefined || given === undefined) return;
      // Both name the same memory.
      link(this.byteFlows, given, pointeeHolder(parameter));
      link(this.byteFlows, pointeeHolder(parameter), given);
    });
  }

  /** A function of a header that does nothing but give a member out: skb_frag_size(). */
  private readAccessor(callee: FunctionSymbol): void {
    if (callee.body === undefined || this.accessors.has(callee)) return;
    this.accessors.add(callee);
    const [only, more] = this.bodyOf(callee)?.body.body ?? [];
    if (only?.op !== 'return' || only.value === undefined || more !== undefined) return;
    for (const holder of bytesIn(only.value)) {
      link(this.byteFlows, holder, resultHolder(callee.name));
    }
  }

  /** Bytes that the DMA and IOMMU interfaces are handed. */
  private hand({ name }: FunctionSymbol, args: readonly Expr[]): void {
    for (const index of sizesOf(name)) {
      if (args[index] === undefined) continue;
      for (const holder of bytesIn(args[index])) this.bytes.add(holder);
    }
  }

  /** What ends a loop: how often it turns where its counter goes up by one, else what it goes through in pieces. */
  private turn({ condition, step }: Statement & { op: 'loop' }): void {
    if (condition?.op !== 'compare') return;
    const isCounted = step?.op === 'update' && constantOf(step.value) === 1n;
    const counter = step?.op === 'update' ? holderOf(step.target) : undefined;
    for (const side of [condition.left, condition.right]) {
      if (counter !== undefined && holderOf(side) === counter) continue;
      for (const holder of holdersOf(side)) (isCounted ? this.turns : this.pieces).add(holder);
    }
  }

  private compare(operator: string, left: Expr, right: Expr): void {
    const value = constantOf(right);
    if (value === undefined) {
      const other = constantOf(left);
      if (other !== undefined) this.compare(MIRRORED[operator] ?? operator, right, left);
      else if (operator in MIRRORED) [left, right].forEach(this.countUp);
      return;
    }
    this.add(left, value);
    if (value >= LEAST_BYTES && value <= PAGE_BYTES) {
      for (const holder of holdersOf(left)) {
        const known = this.bounds.get(holder);
        if (known === undefined) this.bounds.set(holder, new Set([value]));
        else known.add(value);
      }
    }
    // On either side of where the test turns.
    if (operator === '>' || operator === '<=') this.add(left, value + 1n);
    if (operator === '<' || operator === '>=') this.add(left, value - 1n);
  }

  /** What another value is compared with is a count, and not only a flag: with two, loops turn again. */
  private readonly countUp = (expr: Expr): void => {
    for (const holder of holdersOf(expr)) this.counts.add(holder);
  };

  /** A mask, a divisor or a shift says which bits matter, and what is a whole number of units. */
  private mask({ operator, left, right }: Expr & { op: 'binary' }): void {
    const value = constantOf(right) ?? (operator === '&' ? constantOf(left) : undefined);
    if (value === undefined || value <= 0n) return;
    const masked = constantOf(right) === undefined ? right : left;
    if (operator === '&') {
      const isLow = (value & (value + 1n)) === 0n;
      this.add(masked, isLow ? value + 1n : value);
    } else if (operator === '%' || operator === '/') this.add(masked, value);
    else if (operator === '>>' && value < 32n) this.add(masked, 1n << value);
  }

  private add(expr: Expr, value: bigint): void {
    if (value >= 0n && value <= 2n) return;
    for (const holder of holdersOf(expr)) {
      const known = this.constants.get(holder);
      if (known === undefined) this.constants.set(holder, new Set([value]));
      else known.add(value);
    }
  }
}

/** Lengths below are flags and alignments rather than what a buffer holds. */
const LEAST_BYTES = 16n;
const PAGE_BYTES = 4096n;

function link(flows: Map<Holder, Set<Holder>>, from: Holder, to: Holder): void {
  if (from === to) return;
  const known = flows.get(from);
  if (known === undefined) flows.set(from, new Set([to]));
  else known.add(to);
}

const SIZES = new Map<string, readonly number[]>();

/** The arguments of a function that say how many bytes a device is to reach; none of what has no such contract. */
function sizesOf(name: string): readonly number[] {
  let found = SIZES.get(name);
  if (found === undefined) {
    const contract = kernelApiOfAnyAge().find(name);
    const params = contract?.relevant === true ? contract.params : [];
    SIZES.set(name, (found = params.flatMap((role, i) => (role === 'size' ? [i] : []))));
  }
  return found;
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

function constantOf(expr: Expr): bigint | undefined {
  if (expr.op === 'convert') return constantOf(expr.value);
  return expr.op === 'number' && expr.type.kind === 'integer' ? BigInt(expr.value) : undefined;
}

function casesIn(body: Statement): bigint[] {
  switch (body.op) {
    case 'case':
      return [body.low];
    case 'block':
      return body.body.flatMap(casesIn);
    default:
      return [];
  }
}
