import type { Expr, FunctionBody, FunctionSymbol, Local, Statement } from '../cfront/parse/ast.ts';
import { ParseError } from '../cfront/parse/parseError.ts';
import type { Unit } from '../cfront/unit.ts';

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
}

/** Nothing is known to be compared. */
export const NOTHING_COMPARED: ComparedValues = {
  ofMember: () => [],
  ofParameter: () => [],
  ofResult: () => [],
  isErrorPointer: () => false,
};

/** Something that has a value: a member or result by its name, or a variable. */
type Holder = string | Local;

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
  };
}

class Comparisons implements ComparedValues {
  private readonly unit: Unit;
  private readonly flows = new Map<Holder, Set<Holder>>();
  private readonly constants = new Map<Holder, Set<bigint>>();
  private readonly errorTested = new Set<Holder>();
  private readonly counts = new Set<Holder>();
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
  private holdersFrom(start: Holder): ReadonlySet<Holder> {
    const reached = new Set([start]);
    for (const holder of reached) {
      for (const next of this.flows.get(holder) ?? []) reached.add(next);
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
        if (node.callee.op === 'function') this.enter(node.callee.function, node.args);
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
    for (const holder of holdersOf(from)) {
      if (to === undefined || holder === to) continue;
      const known = this.flows.get(holder);
      if (known === undefined) this.flows.set(holder, new Set([to]));
      else known.add(to);
    }
  }

  private enter(callee: FunctionSymbol, args: readonly Expr[]): void {
    if (ERROR_TESTS.has(callee.name)) {
      for (const holder of args.flatMap(holdersOf)) this.errorTested.add(holder);
    }
    const isOwn = callee.body !== undefined && this.unit.place(callee.at).file === this.unit.path;
    if (!isOwn) return;
    if (!this.seen.has(callee) && this.seen.size < MOST_FUNCTIONS) {
      this.seen.add(callee);
      this.pending.push(callee);
    }
    const parameters = this.bodyOf(callee)?.parameters ?? [];
    args.forEach((arg, i) => {
      this.flow(arg, parameters[i]);
    });
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

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

function memberHolder(tag: string, name: string): string {
  return `${tag}.${name}`;
}

function resultHolder(name: string): string {
  return `${name}()`;
}

/** Where the values are that an expression is made of. */
function holdersOf(expr: Expr): readonly Holder[] {
  if (expr.op === 'convert') return holdersOf(expr.value);
  if (expr.op === 'binary') return [...holdersOf(expr.left), ...holdersOf(expr.right)];
  const holder = holderOf(expr);
  return holder === undefined ? [] : [holder];
}

/** Where the value of an expression is. */
function holderOf(expr: Expr): Holder | undefined {
  switch (expr.op) {
    case 'convert':
      return holderOf(expr.value);
    case 'intrinsic':
      return expr.args[0] === undefined ? undefined : holderOf(expr.args[0]);
    case 'statements':
      return expr.value === undefined ? undefined : holderOf(expr.value);
    case 'local':
      return expr.local;
    case 'member': {
      const { type } = expr.base;
      const tag = type.kind === 'aggregate' ? (type.tag ?? '') : '';
      return expr.member.name === undefined ? undefined : memberHolder(tag, expr.member.name);
    }
    case 'call':
      return expr.callee.op === 'function' ? resultHolder(expr.callee.function.name) : undefined;
    default:
      return undefined;
  }
}

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
