import type { CType, Expr, IntValue } from '../ir.ts';
import type { KernelApi } from '../kernelApi/kernelApi.ts';
import { intValue } from '../lower/literals.ts';

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

/** A value with the C type it has: `int`, `unsigned int`, `long` or `unsigned long`. */
export interface TypedValue {
  readonly value: bigint;
  readonly bits: 32 | 64;
  readonly unsigned: boolean;
}

type Typed = TypedValue;

/** Value of a constant expression by the rules of C on a 64-bit kernel, or undefined where it is none. */
export function constantValue(context: ConstantContext, expr: Expr): IntValue | undefined {
  const result = evaluate(context, expr);
  return result === undefined ? undefined : intValue(result.value);
}

/** Like {@link constantValue}, with the type of the value. */
export function typedConstant(context: ConstantContext, expr: Expr): TypedValue | undefined {
  return evaluate(context, expr);
}

function wrap(value: bigint, bits: 32 | 64, unsigned: boolean): Typed {
  return {
    value: unsigned ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value),
    bits,
    unsigned,
  };
}

function untyped(value: bigint): Typed {
  if (value >= -(2n ** 31n) && value < 2n ** 31n) return { value, bits: 32, unsigned: false };
  if (value >= -(2n ** 63n) && value < 2n ** 63n) return { value, bits: 64, unsigned: false };
  return wrap(value, 64, true);
}

function literal(text: string, value: IntValue): Typed {
  const plain = untyped(BigInt(value));
  const suffix = /[ul]+$/i.exec(text)?.[0].toLowerCase() ?? '';
  if (text.startsWith("'")) return plain;
  const long = suffix.includes('l');
  const isDecimal = !/^0[xb]/i.test(text);
  const overflows32 = !isDecimal && plain.value >= 2n ** 31n && plain.value < 2n ** 32n;
  const unsigned = suffix.includes('u') || plain.unsigned || (overflows32 && !long);
  const bits = long || (plain.bits === 64 && !overflows32) || plain.value >= 2n ** 32n ? 64 : 32;
  return { value: plain.value, bits, unsigned };
}

function evaluate(context: ConstantContext, expr: Expr): Typed | undefined {
  switch (expr.kind) {
    case 'int':
      return expr.value === undefined ? undefined : literal(expr.text, expr.value);
    case 'constant':
      if (expr.value === undefined) return undefined;
      return context.named(expr.name) ?? untyped(BigInt(expr.value));
    case 'unary':
      return evaluateUnary(context, expr);
    case 'binary':
      return evaluateBinary(context, expr);
    case 'cast': {
      const operand = evaluate(context, expr.operand);
      const type = context.resolve(expr.type);
      if (operand === undefined) return undefined;
      if (type.kind === 'pointer') return wrap(operand.value, 64, true);
      if (type.kind === 'enum') return operand;
      if (type.kind !== 'integer') return undefined;
      if (type.name === 'bool')
        return { value: operand.value === 0n ? 0n : 1n, bits: 32, unsigned: false };
      const bits = type.bytes * 8;
      const value = type.signed
        ? BigInt.asIntN(bits, operand.value)
        : BigInt.asUintN(bits, operand.value);
      return type.bytes < 4
        ? { value, bits: 32, unsigned: false }
        : { value, bits: type.bytes === 8 ? 64 : 32, unsigned: !type.signed };
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

function sized(bytes: number | undefined): Typed | undefined {
  return bytes === undefined ? undefined : { value: BigInt(bytes), bits: 64, unsigned: true };
}

function evaluateUnary(
  context: ConstantContext,
  expr: Extract<Expr, { kind: 'unary' }>,
): Typed | undefined {
  const operand = evaluate(context, expr.operand);
  if (operand === undefined) return undefined;
  const { bits, unsigned, value } = operand;
  switch (expr.op) {
    case '-':
      return wrap(-value, bits, unsigned);
    case '~':
      return wrap(~value, bits, unsigned);
    case '+':
      return operand;
    case '!':
      return { value: value === 0n ? 1n : 0n, bits: 32, unsigned: false };
  }
}

function evaluateBinary(
  context: ConstantContext,
  expr: Extract<Expr, { kind: 'binary' }>,
): Typed | undefined {
  const left = evaluate(context, expr.left);
  if (left === undefined) return undefined;
  if (expr.op === '&&' && left.value === 0n) return untyped(0n);
  if (expr.op === '||' && left.value !== 0n) return untyped(1n);
  const right = evaluate(context, expr.right);
  if (right === undefined) return undefined;
  if (expr.op === '<<' || expr.op === '>>') {
    if (right.value < 0n || right.value >= BigInt(left.bits)) return undefined;
    const shifted = expr.op === '<<' ? left.value << right.value : left.value >> right.value;
    return wrap(shifted, left.bits, left.unsigned);
  }
  const bits = left.bits === 64 || right.bits === 64 ? 64 : 32;
  const unsigned = (left.unsigned && left.bits === bits) || (right.unsigned && right.bits === bits);
  const a = wrap(left.value, bits, unsigned).value;
  const b = wrap(right.value, bits, unsigned).value;
  const result = arithmetic(expr.op, a, b);
  if (result === undefined) return undefined;
  return typeof result === 'boolean' ? untyped(result ? 1n : 0n) : wrap(result, bits, unsigned);
}

function arithmetic(op: string, a: bigint, b: bigint): bigint | boolean | undefined {
  switch (op) {
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
    case '&&':
      return a !== 0n && b !== 0n;
    case '||':
      return a !== 0n || b !== 0n;
    default:
      return undefined;
  }
}

/** Macros with a meaning that count as constants when their arguments do: BIT(3), ALIGN(5, 4), DIV_ROUND_UP(n, 8). */
function evaluateCall(
  context: ConstantContext,
  expr: Extract<Expr, { kind: 'call' }>,
): Typed | undefined {
  const meaning =
    expr.name === undefined ? undefined : context.api.find(expr.name, expr.args.length)?.value;
  if (meaning === undefined) return undefined;
  const at = (index: number): Typed | undefined => {
    const argument = expr.args[index];
    return argument === undefined ? undefined : evaluate(context, argument);
  };
  switch (meaning.is) {
    case 'argument':
      return at(meaning.index);
    case 'truth': {
      const value = at(meaning.index);
      return value && untyped(value.value === 0n ? 0n : 1n);
    }
    case 'bit': {
      const value = at(meaning.index);
      return value === undefined || value.value < 0n || value.value > 63n
        ? undefined
        : wrap(1n << value.value, 64, true);
    }
    case 'bitMask': {
      const high = at(meaning.high);
      const low = at(meaning.low);
      if (high === undefined || low === undefined || high.value > 63n || low.value < 0n)
        return undefined;
      return wrap(((1n << (high.value + 1n)) - 1n) & ~((1n << low.value) - 1n), 64, true);
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
      return wrap(
        meaning.is === 'product' ? left.value * right.value : left.value + right.value,
        64,
        true,
      );
    }
    default:
      return undefined;
  }
}
