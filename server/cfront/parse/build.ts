import type { Location } from '../lex/sourceMap.ts';
import { commonInteger, commonType, memberValueType, promoted } from '../types/conversions.ts';
import { held, heldPointer, wrap } from '../types/integers.ts';
import { isComplete, memberNamed, sizeOf } from '../types/layout.ts';
import type { IntegerType, Type } from '../types/type.ts';
import {
  BOOL,
  constPointerTo,
  decayed,
  describeType,
  hasComputedLength,
  INT,
  LONG,
  pointerTo,
  UNSIGNED_LONG,
  VOID,
} from '../types/type.ts';
import type { ArithmeticOperator, CallNode, ComparisonOperator, Expr, NumberNode } from './ast.ts';
import { foldBinary, foldCompare, foldUnary } from './fold.ts';
import { ParseError } from './parseError.ts';

/** A constant of integer type. */
export function integerConstant(value: bigint, type: IntegerType, at: Location): NumberNode {
  return { op: 'number', type, value: held(value, type), at };
}

/** Numeric value of a folded constant, or undefined. */
export function constantOf(expr: Expr): bigint | undefined {
  return expr.op === 'number' && expr.type.kind !== 'floating' ? BigInt(expr.value) : undefined;
}

/** `(void *)0` and `0`: constants that take any pointer type. */
function isNullConstant(expr: Expr): boolean {
  if (constantOf(expr) !== 0n) return false;
  return (
    expr.type.kind === 'integer' || (expr.type.kind === 'pointer' && expr.type.to.kind === 'void')
  );
}

/** The value of an expression: arrays and functions become pointers to them. */
export function valueOf(expr: Expr): Expr {
  if (expr.type.kind === 'array' || expr.type.kind === 'function') {
    const { type } = expr;
    const isConst = type.kind === 'array' && isConstLvalue(expr);
    return addressOf(expr, isConst ? constPointerTo(type.of) : decayed(type));
  }
  return expr;
}

/** Whether an expression denotes storage. */
export function isLvalue(expr: Expr): boolean {
  switch (expr.op) {
    case 'local':
    case 'object':
    case 'deref':
    case 'string':
    case 'compound':
      return true;
    case 'member':
      return expr.base.op === 'member' ? isLvalue(expr.base) : true;
    default:
      return false;
  }
}

/** Whether an expression denotes storage that may only be read. */
export function isConstLvalue(expr: Expr): boolean {
  switch (expr.op) {
    case 'local':
      return expr.local.isConst === true;
    case 'object':
      return expr.object.isConst === true;
    case 'deref':
      return expr.pointer.type.kind === 'pointer' && expr.pointer.type.toConst;
    case 'member':
      return expr.member.isConst === true || isConstLvalue(expr.base);
    default:
      return false;
  }
}

/** Address of an lvalue or function. Marks variables that must therefore live in memory. */
export function addressOf(expr: Expr, type: Type = addressType(expr)): Expr {
  const { at } = expr;
  if (expr.op === 'deref') return retyped(expr.pointer, type);
  if (expr.op === 'member') {
    if (expr.member.bits !== undefined) throw new ParseError('address of a bit-field', at);
    const base = addressOf(expr.base);
    return offsetPointer(base, BigInt(expr.member.offset), type);
  }
  if (expr.op === 'local') expr.local.inMemory = true;
  else if (expr.op === 'comma') {
    return { ...expr, type, right: addressOf(expr.right, type) };
  } else if (expr.op === 'select' && expr.then !== undefined) {
    return {
      ...expr,
      type,
      then: addressOf(expr.then, type),
      otherwise: addressOf(expr.otherwise, type),
    };
  } else if (!isLvalue(expr) && expr.op !== 'function' && expr.type.kind !== 'aggregate') {
    throw new ParseError('address of something that is not in memory', at);
  }
  return { op: 'address', type, lvalue: expr, at };
}

function addressType(expr: Expr): Type {
  return isConstLvalue(expr) ? constPointerTo(expr.type) : pointerTo(expr.type);
}

function retyped(expr: Expr, type: Type): Expr {
  return expr.type === type ? expr : { op: 'convert', type, value: expr, at: expr.at };
}

function offsetPointer(pointer: Expr, bytes: bigint, type: Type): Expr {
  const { at } = pointer;
  const base = constantOf(pointer);
  if (base !== undefined) return { op: 'number', type, value: heldPointer(base + bytes), at };
  if (bytes === 0n) return retyped(pointer, type);
  const index = integerConstant(bytes, LONG, at);
  return { op: 'pointerAdd', type, pointer, index, scale: 1, at };
}

/** `*pointer`. */
export function dereference(expr: Expr, at: Location): Expr {
  const pointer = valueOf(expr);
  if (pointer.type.kind !== 'pointer') {
    throw new ParseError(`* of ${describeType(pointer.type)}`, at);
  }
  // The address of an array's first element is kept as that of the array.
  if (pointer.op === 'address' && pointer.lvalue.type === pointer.type.to) return pointer.lvalue;
  return { op: 'deref', type: pointer.type.to, pointer, at };
}

/** `base.name`, or `base->name` when `base` was dereferenced before. */
export function memberOf(base: Expr, name: string, at: Location): Expr {
  const { type } = base;
  if (type.kind !== 'aggregate') throw new ParseError(`.${name} of ${describeType(type)}`, at);
  if (type.layout === undefined) {
    throw new ParseError(`member ${name} of incomplete ${describeType(type)}`, at);
  }
  const member = memberNamed(type, name);
  if (member === undefined) throw new ParseError(`no member ${name} in ${describeType(type)}`, at);
  return { op: 'member', type: memberValueType(member), base, member, at };
}

/** A value as another type, the way assignment, calls and casts convert. */
export function convert(expr: Expr, to: Type): Expr {
  const value = valueOf(expr);
  const from = value.type;
  const { at } = value;
  const target = decayed(to);
  if (target.kind === 'void') return { op: 'convert', type: VOID, value, at };
  if (from === target) return value;
  if (target.kind === 'aggregate') {
    if (from.kind === 'aggregate') return value;
    throw new ParseError(`${describeType(from)} where ${describeType(target)} is needed`, at);
  }
  if (from.kind === 'aggregate' || from.kind === 'void') {
    throw new ParseError(`${describeType(from)} where ${describeType(target)} is needed`, at);
  }
  // What nothing declares gives what is asked of it.
  if (isUndeclaredCall(value) && target.kind !== 'floating') return { ...value, type: target };
  const number = constantOf(value);
  if (number !== undefined) {
    if (target.kind === 'integer') return integerConstant(number, target, at);
    if (target.kind === 'pointer') {
      return { op: 'number', type: target, value: heldPointer(number), at };
    }
  }
  return { op: 'convert', type: target, value, at };
}

function isUndeclaredCall(value: Expr): value is CallNode {
  if (value.op !== 'call' || value.callee.op !== 'function') return false;
  return value.callee.function.isUndeclared === true;
}

function integerOperand(expr: Expr, what: string): Expr & { readonly type: IntegerType } {
  const value = valueOf(expr);
  if (value.type.kind !== 'integer') {
    throw new ParseError(`${what} of ${describeType(value.type)}`, value.at);
  }
  return value as Expr & { readonly type: IntegerType };
}

/** `-`, `~` and unary `+`. */
export function unary(operator: '-' | '~' | '+', operand: Expr, at: Location): Expr {
  if (operand.type.kind === 'floating') return operand;
  const value = integerOperand(operand, operator);
  const type = promoted(value.type);
  const converted = convert(value, type);
  if (operator === '+') return converted;
  const folded = foldUnary(operator, converted, type);
  return folded ?? { op: 'unary', type, operator, value: converted, at };
}

/** `!value`. */
export function not(operand: Expr, at: Location): Expr {
  const value = valueOf(operand);
  const constant = constantOf(value);
  if (constant !== undefined) return integerConstant(constant === 0n ? 1n : 0n, INT, at);
  return { op: 'unary', type: INT, operator: '!', value: scalar(value), at };
}

/** A condition: any scalar. */
export function scalar(expr: Expr): Expr {
  const value = valueOf(expr);
  const { kind } = value.type;
  if (kind === 'integer' || kind === 'pointer' || kind === 'floating') return value;
  throw new ParseError(`${describeType(value.type)} as a condition`, value.at);
}

/** Any arithmetic operator, on integers or pointers. */
export function arithmetic(
  operator: ArithmeticOperator,
  leftOperand: Expr,
  rightOperand: Expr,
  at: Location,
): Expr {
  const left = valueOf(leftOperand);
  const right = valueOf(rightOperand);
  if (operator === '+' || operator === '-') {
    if (left.type.kind === 'pointer' && right.type.kind === 'pointer') {
      const scale = strideOf(left.type.to, at);
      return { op: 'pointerDiff', type: LONG, left, right, scale, at };
    }
    if (left.type.kind === 'pointer') return pointerPlus(left, right, operator, at);
    if (right.type.kind === 'pointer') return pointerPlus(right, left, operator, at);
  }
  if (left.type.kind === 'floating') return { ...left, at };
  if (right.type.kind === 'floating') return { ...right, at };
  const a = integerOperand(left, operator);
  const b = integerOperand(right, operator);
  const shift = operator === '<<' || operator === '>>';
  const type = shift ? promoted(a.type) : commonInteger(a.type, b.type);
  const l = convert(a, type);
  const r = convert(b, shift ? INT : type);
  return (
    foldBinary(operator, l, r, type) ?? { op: 'binary', type, operator, left: l, right: r, at }
  );
}

/** Bytes from one element to the next. */
function strideOf(type: Type, at: Location): number {
  if (hasComputedLength(type)) {
    throw new ParseError('a pointer to an array whose length is computed', at);
  }
  return Math.max(1, sizeOf(type));
}

function pointerPlus(pointer: Expr, index: Expr, operator: '+' | '-', at: Location): Expr {
  const to = (pointer.type as { to: Type }).to;
  if (to.kind === 'aggregate' && !isComplete(to)) {
    throw new ParseError(`arithmetic on a pointer to incomplete ${describeType(to)}`, at);
  }
  const size = strideOf(to, at);
  const scale = operator === '-' ? -size : size;
  const offset = integerOperand(index, operator);
  const constant = constantOf(offset);
  const base = constantOf(pointer);
  if (constant !== undefined && base !== undefined) {
    const value = heldPointer(base + constant * BigInt(scale));
    return { op: 'number', type: pointer.type, value, at };
  }
  const wide = convert(offset, offset.type.signed ? LONG : UNSIGNED_LONG);
  return { op: 'pointerAdd', type: pointer.type, pointer, index: wide, scale, at };
}

/** `==`, `<` and the like; pointers compare as unsigned addresses. */
export function compare(
  operator: ComparisonOperator,
  leftOperand: Expr,
  rightOperand: Expr,
  at: Location,
): Expr {
  const left = scalar(leftOperand);
  const right = scalar(rightOperand);
  if (left.type.kind === 'integer' && right.type.kind === 'integer') {
    const type = commonInteger(left.type, right.type);
    const l = convert(left, type);
    const r = convert(right, type);
    return (
      foldCompare(operator, l, r) ?? { op: 'compare', type: INT, operator, left: l, right: r, at }
    );
  }
  const l = convert(left, left.type.kind === 'pointer' ? left.type : right.type);
  const r = convert(right, l.type);
  if (operator === '==' || operator === '!=') {
    const folded = foldCompare(operator, l, r);
    if (folded !== undefined) return folded;
  }
  return { op: 'compare', type: INT, operator, left: l, right: r, at };
}

/** `&&` and `||`. A constant left side decides. */
export function logical(operator: '&&' | '||', l: Expr, r: Expr, at: Location): Expr {
  const left = scalar(l);
  const right = scalar(r);
  const known = constantOf(left);
  if (known !== undefined) {
    if ((known !== 0n) === (operator === '||')) {
      return integerConstant(operator === '||' ? 1n : 0n, INT, at);
    }
    const value = constantOf(right);
    if (value !== undefined) return integerConstant(value === 0n ? 0n : 1n, INT, at);
    return convert(convert(right, BOOL), INT);
  }
  return { op: 'logical', type: INT, operator, left, right, at };
}

/** `condition ? then : otherwise`; a constant condition leaves only the side that counts. */
export function select(
  conditionExpr: Expr,
  thenExpr: Expr | undefined,
  otherwiseExpr: Expr,
  at: Location,
): Expr {
  const condition = scalar(conditionExpr);
  const then = thenExpr === undefined ? condition : valueOf(thenExpr);
  const otherwise = valueOf(otherwiseExpr);
  const nulls = { left: isNullConstant(then), right: isNullConstant(otherwise) };
  const type = commonType(then.type, otherwise.type, nulls);
  const known = constantOf(condition);
  if (known !== undefined) return convert(known !== 0n ? then : otherwise, type);
  return {
    op: 'select',
    type,
    condition,
    then: thenExpr === undefined ? undefined : convert(then, type),
    otherwise: convert(otherwise, type),
    at,
  };
}

/** `target = value`. */
export function assign(target: Expr, value: Expr, at: Location): Expr {
  requireLvalue(target);
  return { op: 'assign', type: target.type, target, value: convert(value, target.type), at };
}

/** `target operator= value`, and `++`, `--` with a value of 1. */
export function update(
  target: Expr,
  operator: ArithmeticOperator,
  value: Expr,
  result: 'new' | 'old',
  at: Location,
): Expr {
  requireLvalue(target);
  if (target.type.kind === 'pointer') {
    const size = integerConstant(BigInt(strideOf(target.type.to, at)), LONG, at);
    const bytes = arithmetic('*', convert(value, LONG), size, at);
    const { type } = target;
    return { op: 'update', type, target, operator, value: bytes, compute: type, result, at };
  }
  if (target.type.kind === 'floating') {
    return { op: 'assign', type: target.type, target, value: convert(value, target.type), at };
  }
  const left = integerOperand(target, operator);
  const right = integerOperand(value, operator);
  const shift = operator === '<<' || operator === '>>';
  const compute = shift ? promoted(left.type) : commonInteger(left.type, right.type);
  const operand = convert(right, shift ? INT : compute);
  return { op: 'update', type: left.type, target, operator, value: operand, compute, result, at };
}

function requireLvalue(expr: Expr): void {
  if (!isLvalue(expr)) throw new ParseError('assignment to something that is no variable', expr.at);
}

/** Value of a constant expression, or a parse error that says what is not constant. */
export function requireConstant(expr: Expr, what: string): bigint {
  const value = constantOf(valueOf(expr));
  if (value === undefined) throw new ParseError(`${what} is not a constant`, expr.at);
  return expr.type.kind === 'integer' ? wrap(value, expr.type) : value;
}
