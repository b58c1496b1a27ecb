import type { ArithmeticOperator, ComparisonOperator } from '../../cfront/parse/ast.ts';
import { wrap } from '../../cfront/types/integers.ts';
import type { IntegerType, Type } from '../../cfront/types/type.ts';
import type { Evaluate, Frame } from './executor.ts';
import { Stop } from './stop.ts';
import type { Pointer, Value } from './values.ts';
import { pointerBelow, pointerFromBits } from './values.ts';

type Narrow = (frame: Frame) => number;
type Wide = (frame: Frame) => bigint;

function divisionByZero(): never {
  throw new Stop('division-by-zero', 'divides by zero');
}

/** An arithmetic operator on operands of `type`, which is int or wider. Shift counts are ints. */
export function arithmeticOperation(
  operator: ArithmeticOperator,
  type: IntegerType,
  left: Evaluate,
  right: Evaluate,
): Evaluate {
  if (type.size <= 4) {
    const l = left as Narrow;
    const r = right as Narrow;
    return type.signed ? signedNarrow(operator, l, r) : unsignedNarrow(operator, l, r);
  }
  return wideOperation(operator, type, left as Wide, right);
}

function signedNarrow(operator: ArithmeticOperator, l: Narrow, r: Narrow): Evaluate {
  switch (operator) {
    case '+':
      return (f) => (l(f) + r(f)) | 0;
    case '-':
      return (f) => (l(f) - r(f)) | 0;
    case '*':
      return (f) => Math.imul(l(f), r(f));
    case '/':
      return (f) => {
        const divisor = r(f);
        return divisor === 0 ? divisionByZero() : (l(f) / divisor) | 0;
      };
    case '%':
      return (f) => {
        const divisor = r(f);
        return divisor === 0 ? divisionByZero() : (l(f) % divisor) | 0;
      };
    case '&':
      return (f) => l(f) & r(f);
    case '|':
      return (f) => l(f) | r(f);
    case '^':
      return (f) => l(f) ^ r(f);
    case '<<':
      return (f) => l(f) << r(f);
    case '>>':
      return (f) => l(f) >> r(f);
  }
}

function unsignedNarrow(operator: ArithmeticOperator, l: Narrow, r: Narrow): Evaluate {
  switch (operator) {
    case '+':
      return (f) => (l(f) + r(f)) >>> 0;
    case '-':
      return (f) => (l(f) - r(f)) >>> 0;
    case '*':
      return (f) => Math.imul(l(f), r(f)) >>> 0;
    case '/':
      return (f) => {
        const divisor = r(f);
        return divisor === 0 ? divisionByZero() : Math.floor(l(f) / divisor);
      };
    case '%':
      return (f) => {
        const divisor = r(f);
        return divisor === 0 ? divisionByZero() : l(f) % divisor;
      };
    case '&':
      return (f) => (l(f) & r(f)) >>> 0;
    case '|':
      return (f) => (l(f) | r(f)) >>> 0;
    case '^':
      return (f) => (l(f) ^ r(f)) >>> 0;
    case '<<':
      return (f) => (l(f) << r(f)) >>> 0;
    case '>>':
      return (f) => l(f) >>> r(f);
  }
}

function wideOperation(
  operator: ArithmeticOperator,
  type: IntegerType,
  l: Wide,
  right: Evaluate,
): Evaluate {
  const r = right as Wide;
  const { width } = type;
  const fit: (value: bigint) => bigint = type.signed
    ? (value) => BigInt.asIntN(width, value)
    : (value) => BigInt.asUintN(width, value);
  const mask = width > 64 ? 127 : 63;
  const count = right as Narrow;
  switch (operator) {
    case '+':
      return (f) => fit(l(f) + r(f));
    case '-':
      return (f) => fit(l(f) - r(f));
    case '*':
      return (f) => fit(l(f) * r(f));
    case '/':
      return (f) => {
        const divisor = r(f);
        return divisor === 0n ? divisionByZero() : fit(l(f) / divisor);
      };
    case '%':
      return (f) => {
        const divisor = r(f);
        return divisor === 0n ? divisionByZero() : l(f) % divisor;
      };
    case '&':
      return (f) => l(f) & r(f);
    case '|':
      return (f) => l(f) | r(f);
    case '^':
      return (f) => l(f) ^ r(f);
    case '<<':
      return (f) => fit(l(f) << BigInt(count(f) & mask));
    case '>>':
      return (f) => l(f) >> BigInt(count(f) & mask);
  }
}

/** A comparison of two operands of one type, as a condition. */
export function comparisonTest(
  operator: ComparisonOperator,
  type: Type,
  left: Evaluate,
  right: Evaluate,
): (frame: Frame) => boolean {
  if (operator === '==') return (f) => left(f) === right(f);
  if (operator === '!=') return (f) => left(f) !== right(f);
  if (type.kind === 'pointer') return pointerComparison(operator, left, right);
  const l = left as Narrow;
  const r = right as Narrow;
  switch (operator) {
    case '<':
      return (f) => l(f) < r(f);
    case '>':
      return (f) => l(f) > r(f);
    case '<=':
      return (f) => l(f) <= r(f);
    case '>=':
      return (f) => l(f) >= r(f);
  }
}

function pointerComparison(
  operator: '<' | '>' | '<=' | '>=',
  left: Evaluate,
  right: Evaluate,
): (frame: Frame) => boolean {
  const l = left as (frame: Frame) => Pointer;
  const r = right as (frame: Frame) => Pointer;
  switch (operator) {
    case '<':
      return (f) => pointerBelow(l(f), r(f));
    case '>':
      return (f) => pointerBelow(r(f), l(f));
    case '<=':
      return (f) => !pointerBelow(r(f), l(f));
    case '>=':
      return (f) => !pointerBelow(l(f), r(f));
  }
}

/** `pointer + index × scale`, exact for any bits. */
export function pointerPlus(pointer: Pointer, index: number | bigint, scale: number): Pointer {
  if (typeof pointer === 'number' && typeof index === 'number') {
    const sum = pointer + index * scale;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return pointerFromBits(BigInt(pointer) + BigInt(index) * BigInt(scale));
}

/** A wide index as a number where that is exact. */
export function indexNumber(index: bigint): number | bigint {
  const number = Number(BigInt.asIntN(64, index));
  return Number.isSafeInteger(number) ? number : index;
}

/** `-x` and `~x`. */
export function unaryOperation(operator: '-' | '~', type: IntegerType, value: Evaluate): Evaluate {
  if (type.size <= 4) {
    const v = value as Narrow;
    if (type.signed) return operator === '-' ? (f) => -v(f) | 0 : (f) => ~v(f);
    return operator === '-' ? (f) => -v(f) >>> 0 : (f) => ~v(f) >>> 0;
  }
  const v = value as Wide;
  return operator === '-' ? (f) => wrap(-v(f), type) : (f) => wrap(~v(f), type);
}

/** The function that turns a value of one type into the form of another. `undefined`: nothing to do. */
export function conversion(from: Type, to: Type): ((value: Value) => Value) | undefined {
  if (to.kind === 'integer') {
    if (to.rank === 0) return (v) => (v ? 1 : 0);
    if (from.kind === 'pointer') return pointerToInteger(to);
    if (from.kind === 'integer') return integerToInteger(from, to);
    return undefined;
  }
  if (to.kind === 'pointer' && from.kind === 'integer') {
    if (from.size <= 4) return undefined;
    return (v) => {
      const signed = BigInt.asIntN(64, v as bigint);
      const number = Number(signed);
      return Number.isSafeInteger(number) ? number : signed;
    };
  }
  return undefined;
}

/** The bits of a value read as another integer type, as va_arg does with the type that it names. */
export function reread(value: Exclude<Value, undefined>, type: IntegerType): Value {
  const bits = wrap(BigInt(value), type);
  return type.size > 4 ? bits : Number(bits);
}

function pointerToInteger(to: IntegerType): (value: Value) => Value {
  if (to.size > 4) {
    return to.signed ? (v) => BigInt.asIntN(64, BigInt(v!)) : (v) => BigInt.asUintN(64, BigInt(v!));
  }
  return (v) => Number(wrap(BigInt(v!), to));
}

function integerToInteger(
  from: IntegerType,
  to: IntegerType,
): ((value: Value) => Value) | undefined {
  const fits =
    from.signed === to.signed ? from.width <= to.width : !from.signed && from.width < to.width;
  if (to.size > 4) {
    if (from.size > 4) return fits ? undefined : (v) => wrap(v as bigint, to);
    if (fits) return (v) => BigInt(v!);
    return (v) => wrap(BigInt(v!), to);
  }
  if (from.size > 4) return (v) => Number(wrap(v as bigint, to));
  if (fits) return undefined;
  return narrowing(to);
}

function narrowing(to: IntegerType): (value: Value) => Value {
  const unused = 32 - to.width;
  if (to.signed)
    return unused === 0 ? (v) => Number(v) | 0 : (v) => (Number(v) << unused) >> unused;
  return unused === 0 ? (v) => Number(v) >>> 0 : (v) => (Number(v) << unused) >>> unused;
}
