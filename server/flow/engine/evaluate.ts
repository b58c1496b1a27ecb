import { printType } from '../../program/dump.ts';
import type { BinaryOp, Call, CType, Expr, IntValue } from '../../program/ir.ts';
import { knownConstant } from '../../program/kernelApi/constants.ts';
import { childExpressions } from '../../program/walk.ts';
import {
  add,
  addr,
  alignDown,
  commutative,
  deref,
  div,
  field,
  mul,
  op,
  sub,
} from '../terms/build.ts';
import { isJunction } from '../facts/conditions.ts';
import { spaces, type Term, type TermTable } from '../terms/term.ts';
import { evaluateCall } from './calls.ts';
import { choose, demand, read, unknownAt } from './cursor.ts';
import { evaluateLiteral, locateLiteral } from './initialise.ts';
import type { Cursor } from './run.ts';
import { spelling, type Run } from './run.ts';
import { noteOvertaken } from './overtaken.ts';
import { store } from './store.ts';

/** Constants that rules want to see by name: allocation flags depend on the configuration. */
const named = /^(GFP_|__GFP_)/;

function pageSize(table: TermTable): Term {
  return table.variable('PAGE_SIZE', spaces.constant);
}

function integer(table: TermTable, value: IntValue | undefined, text: string): Term {
  return typeof value === 'number'
    ? table.num(value)
    : table.variable(value ?? text, spaces.constant);
}

function constantTerm(table: TermTable, name: string, value: IntValue | undefined): Term {
  if (name === 'NULL' || name === 'false') return table.num(0);
  if (name === 'true') return table.num(1);
  // Sizes and errno numbers: only the value matters.
  if (/^(SZ_|E[A-Z0-9]+$)/.test(name)) return integer(table, value, name);
  if (named.test(name) || isKernels(name, value)) return table.variable(name, spaces.constant);
  return integer(table, value, name);
}

/** A constant of the kernel, that rules want to see by name: a flag, a direction. A driver may give its own a name like that. */
function isKernels(name: string, value: IntValue | undefined): boolean {
  const known = knownConstant(name);
  if (known === undefined) return false;
  return typeof value !== 'number' || typeof known.value !== 'number' || known.value === value;
}

/** The value of an expression; its effects change the cursor's state. */
export function evaluate(cursor: Cursor, expr: Expr): Term {
  // The outcome taken contradicts the path: what comes after it never runs, and nobody may hear of it.
  if (cursor.dead) return cursor.run.table.num(0);
  const value = valueOf(cursor, expr);
  cursor.evaluated.set(expr.id, value);
  return value;
}

function valueOf(cursor: Cursor, expr: Expr): Term {
  const { run } = cursor;
  const { table } = run;
  switch (expr.kind) {
    case 'ident':
    case 'field':
    case 'index':
    case 'deref':
      return read(cursor, locate(cursor, expr));
    case 'int':
      return integer(table, expr.value, expr.text);
    case 'constant':
      return constantTerm(table, expr.name, expr.value);
    case 'string':
      return table.variable(expr.text, spaces.constant);
    case 'call':
      return evaluateCall(cursor, expr);
    case 'unary':
      return unary(table, expr.op, evaluate(cursor, expr.operand));
    case 'binary': {
      const left = evaluate(cursor, expr.left);
      const right = evaluate(cursor, expr.right);
      if (isOrder(expr.op)) {
        assumeSign(cursor, expr.left, left);
        assumeSign(cursor, expr.right, right);
      }
      if (expr.op === '&' && isWithinPage(run, left, right)) return table.num(0);
      const value = binary(table, expr.op, left, right);
      if (isJunction(table, value)) run.junctions.add(value);
      return value;
    }
    case 'assign': {
      const value = evaluate(cursor, expr.value);
      const location = locate(cursor, expr.target);
      const result =
        expr.op === undefined ? value : binary(table, expr.op, read(cursor, location), value);
      if (expr.op === undefined) noteOvertaken(cursor, location, result, [expr.target]);
      store(cursor, location, result, expr.target, expr.op === undefined ? expr.value : undefined);
      return result;
    }
    case 'increment': {
      const location = locate(cursor, expr.target);
      const before = read(cursor, location);
      const after = add(table, before, table.num(expr.op === '++' ? 1 : -1));
      store(cursor, location, after, expr.target, undefined);
      return expr.position === 'postfix' ? before : after;
    }
    case 'addressOf':
      return addr(table, locate(cursor, expr.operand));
    case 'cast':
      return evaluate(cursor, expr.operand);
    case 'sizeofType':
      return sizeTerm(cursor, expr.type);
    case 'sizeofExpr':
      return sizeTerm(cursor, run.context.unit.types.typeOf(run.ir, expr.operand));
    case 'offsetof':
      return op(table, 'offsetof', [table.variable(spelling(run, expr), spaces.constant)]);
    case 'conditional':
      return conditional(cursor, expr);
    case 'comma': {
      let last = table.num(0);
      for (const item of expr.items) last = evaluate(cursor, item);
      return last;
    }
    case 'compoundLiteral':
      return evaluateLiteral(cursor, expr);
    case 'initList':
    case 'typeArgument':
    case 'unknown':
      return unknownAt(cursor, expr, spelling(run, expr).slice(0, 40));
  }
}

function isOrder(op: BinaryOp): boolean {
  return op === '<' || op === '>' || op === '<=' || op === '>=';
}

/** What has an unsigned type is not negative; asked only where it decides something. */
function assumeSign(cursor: Cursor, expr: Expr, value: Term): void {
  const { context, ir, table } = cursor.run;
  if (table.constant(value) !== undefined || expr.kind === 'call') return;
  const type = context.unit.types.resolve(context.unit.types.typeOf(ir, expr), ir);
  if (type.kind === 'integer' && !type.signed) demand(cursor, value, 'not-negative');
}

function conditional(cursor: Cursor, expr: Expr & { readonly kind: 'conditional' }): Term {
  const condition = evaluate(cursor, expr.condition);
  const outcome = choose(cursor, 2);
  if (outcome === undefined) {
    // Either half may run, so that no end of this path is certain; without effects only the value is unknown.
    const halves = [expr.otherwise, ...(expr.then === undefined ? [] : [expr.then])];
    if (halves.some(hasEffects)) cursor.state.approximate = true;
    return unknownAt(cursor, expr, spelling(cursor.run, expr).slice(0, 40));
  }
  const taken = outcome === 0;
  demand(cursor, condition, taken ? 'nonzero' : 'zero');
  if (cursor.dead) return condition;
  if (!taken) return evaluate(cursor, expr.otherwise);
  return expr.then === undefined ? condition : evaluate(cursor, expr.then);
}

function hasEffects(expr: Expr): boolean {
  if (expr.kind === 'call' || expr.kind === 'assign' || expr.kind === 'increment') return true;
  return childExpressions(expr).some(hasEffects);
}

function sizeTerm(cursor: Cursor, type: CType): Term {
  const { table, context, ir } = cursor.run;
  const size = context.unit.types.sizeOf(type, ir);
  if (size !== undefined) return table.num(size);
  return op(table, 'sizeof', [table.variable(printType(type), spaces.constant)]);
}

function unary(table: TermTable, operator: '-' | '+' | '~' | '!', value: Term): Term {
  const constant = table.constant(value);
  switch (operator) {
    case '+':
      return value;
    case '-':
      return mul(table, value, table.num(-1));
    case '~':
      return constant === undefined ? op(table, '~', [value]) : table.num(-constant - 1);
    case '!':
      return isZero(table, value);
  }
}

/** `value == 0` as a value. */
export function isZero(table: TermTable, value: Term): Term {
  const constant = table.constant(value);
  return constant === undefined ? op(table, 'eq0', [value]) : table.num(constant === 0 ? 1 : 0);
}

function isNegative(table: TermTable, value: Term): Term {
  const constant = table.constant(value);
  return constant === undefined ? op(table, 'lt0', [value]) : table.num(constant < 0 ? 1 : 0);
}

/** A handle compared with the address that stands for a failed mapping asks the same as dma_mapping_error(). */
function compare(table: TermTable, a: Term, b: Term): Term {
  const failed = table.variable('DMA_MAPPING_ERROR', spaces.constant);
  if (b === failed) return isZero(table, isZero(table, op(table, 'mapping_error', [a])));
  return sub(table, a, b);
}

function binary(
  table: TermTable,
  operator: NonNullable<(Expr & { kind: 'assign' })['op']>,
  a: Term,
  b: Term,
): Term {
  switch (operator) {
    case '+':
      return add(table, a, b);
    case '-':
      return sub(table, a, b);
    case '*':
      return mul(table, a, b);
    case '/':
      return div(table, a, b);
    case '%': {
      const x = table.constant(a);
      const y = table.constant(b);
      return x !== undefined && y ? table.num(x % y) : op(table, '%', [a, b]);
    }
    case '<<':
    case '>>':
      return shift(table, operator, a, b);
    case '&':
      return mask(table, a, b);
    case '|':
    case '^':
      return commutative(table, operator, [a, b]);
    case '==':
    case '!=': {
      const failed = table.variable('DMA_MAPPING_ERROR', spaces.constant);
      const equal =
        a === failed || b === failed
          ? op(table, 'mapping_error', [a === failed ? b : a])
          : isZero(table, sub(table, a, b));
      return operator === '==' ? equal : isZero(table, equal);
    }
    case '<':
      return isNegative(table, compare(table, a, b));
    case '>':
      return isNegative(table, compare(table, b, a));
    case '<=':
      return isZero(table, isNegative(table, compare(table, b, a)));
    case '>=':
      return isZero(table, isNegative(table, compare(table, a, b)));
    case '&&':
    case '||':
      return logical(table, operator, a, b);
  }
}

function logical(table: TermTable, operator: '&&' | '||', a: Term, b: Term): Term {
  const x = table.constant(a);
  const y = table.constant(b);
  if (operator === '&&') {
    if (x === 0 || y === 0) return table.num(0);
    if (x !== undefined) return b;
    if (y !== undefined) return a;
  } else {
    if ((x !== undefined && x !== 0) || (y !== undefined && y !== 0)) return table.num(1);
    if (x === 0) return b;
    if (y === 0) return a;
  }
  return op(table, operator, [a, b]);
}

function shift(table: TermTable, operator: '<<' | '>>', a: Term, b: Term): Term {
  const page = table.variable('PAGE_SHIFT', spaces.constant);
  const by = table.constant(b);
  let unit: Term | undefined;
  if (b === page) unit = pageSize(table);
  else if (by !== undefined && by >= 0 && by < 52) unit = table.num(2 ** by);
  if (unit === undefined) return op(table, operator, [a, b]);
  return operator === '<<' ? mul(table, a, unit) : div(table, a, unit);
}

/** Every page size of the kernel is at least this. Unit: bytes. */
const smallestPage = 4096;

/** The low bits of coherent memory: CPU and DMA address are aligned to whole pages (Documentation/core-api/dma-api-howto.rst). */
function isWithinPage(run: Run, a: Term, b: Term): boolean {
  const bits = run.table.constant(b);
  if (bits === undefined || bits < 0 || bits >= smallestPage) return false;
  const origin = run.results.get(a);
  return origin?.contract.family === 'coherent' && origin.site !== undefined;
}

function mask(table: TermTable, a: Term, b: Term): Term {
  const pageMask = table.variable('PAGE_MASK', spaces.constant);
  if (b === pageMask) return alignDown(table, a, pageSize(table));
  if (a === pageMask) return alignDown(table, b, pageSize(table));
  return commutative(table, '&', [a, b]);
}

/** The location that an expression names. */
export function locate(cursor: Cursor, expr: Expr): Term {
  const { run } = cursor;
  const { table } = run;
  switch (expr.kind) {
    case 'ident':
      switch (expr.binding.kind) {
        case 'variable':
          return run.locations[expr.binding.variable]!;
        case 'global':
          return table.variable(expr.name, spaces.global);
        case 'function':
          return table.variable(expr.name, spaces.constant);
      }
    // Every binding returns.
    // eslint-disable-next-line no-fallthrough
    case 'field':
      return field(
        table,
        expr.arrow ? deref(table, evaluate(cursor, expr.base)) : locate(cursor, expr.base),
        expr.name,
      );
    case 'index': {
      const base = evaluate(cursor, expr.base);
      return deref(table, add(table, base, evaluate(cursor, expr.index)));
    }
    case 'deref':
      return deref(table, evaluate(cursor, expr.operand));
    case 'compoundLiteral':
      return locateLiteral(cursor, expr);
    case 'cast':
      return locate(cursor, expr.operand);
    case 'call':
      return locateCall(cursor, expr);
    default:
      return deref(table, evaluate(cursor, expr));
  }
}

/** Accessor macros that stand for a member, also on the left of an assignment. */
function locateCall(cursor: Cursor, call: Call): Term {
  const { table } = cursor.run;
  const value = call.name === undefined ? undefined : cursor.run.context.meanings.of(call.name).value; // prettier-ignore
  const object = value?.is === 'member' ? call.args[value.index] : undefined;
  if (value?.is === 'member' && object !== undefined) {
    return field(table, deref(table, evaluate(cursor, object)), value.name);
  }
  return deref(table, evaluateCall(cursor, call));
}
