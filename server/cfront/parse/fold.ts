import { held, wrap } from '../types/integers.ts';
import type { IntegerType } from '../types/type.ts';
import { INT } from '../types/type.ts';
import type { ArithmeticOperator, ComparisonOperator, Expr } from './ast.ts';

/** Result of an arithmetic operator on values of one type; undefined for division by zero. */
export function applyArithmetic(
  operator: ArithmeticOperator,
  a: bigint,
  b: bigint,
  width: number,
): bigint | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '%':
      return b === 0n ? undefined : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return a << (b & BigInt(width > 64 ? 127 : width > 32 ? 63 : 31));
    case '>>':
      return a >> (b & BigInt(width > 64 ? 127 : width > 32 ? 63 : 31));
  }
}

/** Folds an operator whose operands are constants of the result's type. */
export function foldBinary(
  operator: ArithmeticOperator,
  left: Expr,
  right: Expr,
  type: IntegerType,
): Expr | undefined {
  if (left.op !== 'number') return undefined;
  if (right.op !== 'number') return undefined;
  const result = applyArithmetic(operator, BigInt(left.value), BigInt(right.value), type.width);
  if (result === undefined) return undefined;
  return { op: 'number', type, value: held(result, type), at: left.at };
}

/** Folds a comparison of constants. */
export function foldCompare(
  operator: ComparisonOperator,
  left: Expr,
  right: Expr,
): Expr | undefined {
  if (left.op !== 'number' || right.op !== 'number') return undefined;
  const a = BigInt(left.value);
  const b = BigInt(right.value);
  const result = compareValues(operator, a, b);
  return { op: 'number', type: INT, value: result ? 1 : 0, at: left.at };
}

function compareValues(operator: ComparisonOperator, a: bigint, b: bigint): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
  }
}

/** Folds `-` and `~` of a constant. */
export function foldUnary(operator: '-' | '~', value: Expr, type: IntegerType): Expr | undefined {
  if (value.op !== 'number') return undefined;
  const number = BigInt(value.value);
  const result = wrap(operator === '-' ? -number : ~number, type);
  return { op: 'number', type, value: held(result, type), at: value.at };
}
