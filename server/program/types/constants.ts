import type { CType, Expr, IntValue } from '../ir.ts';
import type { KernelApi } from '../kernelApi/kernelApi.ts';
import { intValue } from '../lower/literals.ts';
import {
  binaryValue,
  castValue,
  literalValue,
  unaryValue,
  valueOf,
  wrapValue,
  type TypedValue,
} from './typedValue.ts';

/** What evaluating a constant needs to know beside the expression. */
export interface ConstantContext {
  readonly api: KernelApi;
  sizeOf(type: CType): number | undefined;
  sizeOfExpr(expr: Expr): number | undefined;
  resolve(type: CType): CType;
  offsetOf(type: CType, member: string): number | undefined;
  /** A named constant with its type, where it was evaluated from a macro. */
  named(name: string): TypedValue | undefined;
}

/** Value of a constant expression by the rules of C on a 64-bit kernel, or undefined where it is none. */
export function constantValue(context: ConstantContext, expr: Expr): IntValue | undefined {
  const result = evaluate(context, expr);
  return result === undefined ? undefined : intValue(result.value);
}

/** Like {@link constantValue}, with the type of the value. */
export function typedConstant(context: ConstantContext, expr: Expr): TypedValue | undefined {
  return evaluate(context, expr);
}

function evaluate(context: ConstantContext, expr: Expr): TypedValue | undefined {
  switch (expr.kind) {
    case 'int':
      return expr.value === undefined ? undefined : literalValue(expr.text, BigInt(expr.value));
    case 'constant':
      if (expr.value === undefined) return undefined;
      return context.named(expr.name) ?? valueOf(BigInt(expr.value));
    case 'unary':
      return evaluateUnary(context, expr);
    case 'binary':
      return evaluateBinary(context, expr);
    case 'cast': {
      const operand = evaluate(context, expr.operand);
      return operand && castValue(operand, context.resolve(expr.type));
    }
    case 'conditional': {
      const condition = evaluate(context, expr.condition);
      if (condition === undefined) return undefined;
      if (condition.value === 0n) return evaluate(context, expr.otherwise);
      return expr.then === undefined ? condition : evaluate(context, expr.then);
    }
    case 'sizeofType':
      return sized(context.sizeOf(expr.type));
    case 'sizeofExpr':
      return sized(context.sizeOfExpr(expr.operand));
    case 'offsetof':
      return sized(context.offsetOf(expr.type, expr.member));
    case 'call':
      return evaluateCall(context, expr);
    default:
      return undefined;
  }
}

function sized(bytes: number | undefined): TypedValue | undefined {
  return bytes === undefined ? undefined : { value: BigInt(bytes), bits: 64, unsigned: true };
}

function evaluateUnary(
  context: ConstantContext,
  expr: Extract<Expr, { kind: 'unary' }>,
): TypedValue | undefined {
  const operand = evaluate(context, expr.operand);
  return operand && unaryValue(expr.op, operand);
}

function evaluateBinary(
  context: ConstantContext,
  expr: Extract<Expr, { kind: 'binary' }>,
): TypedValue | undefined {
  const left = evaluate(context, expr.left);
  if (left === undefined) return undefined;
  if (expr.op === '&&' && left.value === 0n) return valueOf(0n);
  if (expr.op === '||' && left.value !== 0n) return valueOf(1n);
  const right = evaluate(context, expr.right);
  if (right === undefined) return undefined;
  return binaryValue(expr.op, left, right);
}

/** Macros with a meaning that count as constants when their arguments do: BIT(3), ALIGN(5, 4), DIV_ROUND_UP(n, 8). */
function evaluateCall(
  context: ConstantContext,
  expr: Extract<Expr, { kind: 'call' }>,
): TypedValue | undefined {
  const meaning =
    expr.name === undefined ? undefined : context.api.find(expr.name, expr.args.length)?.value;
  if (meaning === undefined) return undefined;
  const at = (index: number): TypedValue | undefined => {
    const argument = expr.args[index];
    return argument === undefined ? undefined : evaluate(context, argument);
  };
  switch (meaning.is) {
    case 'argument':
      return at(meaning.index);
    case 'truth': {
      const value = at(meaning.index);
      return value && valueOf(value.value === 0n ? 0n : 1n);
    }
    case 'bit': {
      const value = at(meaning.index);
      return value === undefined || value.value < 0n || value.value > 63n
        ? undefined
        : wrapValue(1n << value.value, 64, true);
    }
    case 'bitMask': {
      const high = at(meaning.high);
      const low = at(meaning.low);
      if (high === undefined || low === undefined || high.value > 63n || low.value < 0n)
        return undefined;
      return wrapValue(((1n << (high.value + 1n)) - 1n) & ~((1n << low.value) - 1n), 64, true);
    }
    case 'min':
    case 'max': {
      const left = at(meaning.left);
      const right = at(meaning.right);
      if (left === undefined || right === undefined) return undefined;
      return left.value < right.value === (meaning.is === 'min') ? left : right;
    }
    case 'alignUp':
    case 'alignDown': {
      const value = at(meaning.value);
      const to = at(meaning.to);
      if (value === undefined || to === undefined || to.value <= 0n) return undefined;
      const up = meaning.is === 'alignUp' ? to.value - 1n : 0n;
      return { ...value, value: ((value.value + up) / to.value) * to.value };
    }
    case 'divideRoundUp': {
      const value = at(meaning.value);
      const by = at(meaning.by);
      if (value === undefined || by === undefined || by.value <= 0n) return undefined;
      return { ...value, value: (value.value + by.value - 1n) / by.value };
    }
    case 'product':
    case 'sum': {
      const left = at(meaning.left);
      const right = at(meaning.right);
      if (left === undefined || right === undefined) return undefined;
      return wrapValue(
        meaning.is === 'product' ? left.value * right.value : left.value + right.value,
        64,
        true,
      );
    }
    default:
      return undefined;
  }
}
