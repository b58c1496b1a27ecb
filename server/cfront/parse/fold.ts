import { applyOperator } from '../../text/constantOperators.ts';
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
  if (operator !== '<<' && operator !== '>>') return applyOperator(operator, a, b);
  const by = b & BigInt(width > 64 ? 127 : width > 32 ? 63 : 31);
  return operator === '<<' ? a << by : a >> by;
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
  const result = applyOperator(operator, BigInt(left.value), BigInt(right.value));
  return { op: 'number', type: INT, value: Number(result), at: left.at };
}

/** Folds `-` and `~` of a constant. */
export function foldUnary(operator: '-' | '~', value: Expr, type: IntegerType): Expr | undefined {
  if (value.op !== 'number') return undefined;
  const number = BigInt(value.value);
  const result = wrap(operator === '-' ? -number : ~number, type);
  return { op: 'number', type, value: held(result, type), at: value.at };
}
