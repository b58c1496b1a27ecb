import type { CType } from '../ir.ts';
import { applyOperator } from '../../text/constantOperators.ts';

/** A value with the C type it has: `int`, `unsigned int`, `long` or `unsigned long` of a 64-bit kernel. */
export interface TypedValue {
  readonly value: bigint;
  /** Unit: bits. */
  readonly bits: 32 | 64;
  readonly unsigned: boolean;
}

/** Operators with one operand that constant expressions have. */
export type UnaryOperator = '-' | '+' | '~' | '!';

/** A value cut to a width, as a conversion to that type does (C11 6.3.1.3). */
export function wrapValue(value: bigint, bits: 32 | 64, unsigned: boolean): TypedValue {
  return {
    value: unsigned ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value),
    bits,
    unsigned,
  };
}

/** A value nobody gave a type: the first of `int`, `long` and `unsigned long` that holds it. */
export function valueOf(value: bigint): TypedValue {
  if (value >= -(2n ** 31n) && value < 2n ** 31n) return { value, bits: 32, unsigned: false };
  if (value >= -(2n ** 63n) && value < 2n ** 63n) return { value, bits: 64, unsigned: false };
  return wrapValue(value, 64, true);
}

/** The value of an integer or character literal with the type that its base, size and suffix give it (C11 6.4.4.1). */
export function literalValue(text: string, value: bigint): TypedValue {
  const plain = valueOf(value);
  if (text.startsWith("'")) return plain;
  const suffix = /[ul]+$/i.exec(text)?.[0].toLowerCase() ?? '';
  const long = suffix.includes('l');
  const isDecimal = /^[1-9]/.test(text);
  const fillsWord = value >= 2n ** 31n && value < 2n ** 32n;
  const fillsInt = fillsWord && (!isDecimal || suffix.includes('u'));
  const unsigned = suffix.includes('u') || plain.unsigned || (fillsInt && !long);
  const bits = long || (plain.bits === 64 && !fillsInt) ? 64 : 32;
  return { value, bits, unsigned };
}

/** Applies an operator with one operand. */
export function unaryValue(op: UnaryOperator, operand: TypedValue): TypedValue {
  const { value, bits, unsigned } = operand;
  switch (op) {
    case '-':
      return wrapValue(-value, bits, unsigned);
    case '~':
      return wrapValue(~value, bits, unsigned);
    case '+':
      return operand;
    case '!':
      return valueOf(value === 0n ? 1n : 0n);
  }
}

/** Operators whose result is an `int` of 0 or 1, whatever they compare. */
const TRUTH: ReadonlySet<string> = new Set(['||', '&&', '==', '!=', '<', '>', '<=', '>=']);

/** Applies a binary operator after the usual conversions (C11 6.3.1.8); undefined for a division by 0 and a shift out of the word. */
export function binaryValue(
  op: string,
  left: TypedValue,
  right: TypedValue,
): TypedValue | undefined {
  if (op === '<<' || op === '>>') {
    if (right.value < 0n || right.value >= BigInt(left.bits)) return undefined;
    const shifted = op === '<<' ? left.value << right.value : left.value >> right.value;
    return wrapValue(shifted, left.bits, left.unsigned);
  }
  const bits = left.bits === 64 || right.bits === 64 ? 64 : 32;
  const unsigned = (left.unsigned && left.bits === bits) || (right.unsigned && right.bits === bits);
  const a = wrapValue(left.value, bits, unsigned).value;
  const b = wrapValue(right.value, bits, unsigned).value;
  const result = applyOperator(op, a, b);
  if (result === undefined) return undefined;
  return TRUTH.has(op) ? valueOf(result) : wrapValue(result, bits, unsigned);
}

/** A value converted to an integer or pointer type; an enum keeps it, other types give none. */
export function castValue(operand: TypedValue, type: CType): TypedValue | undefined {
  if (type.kind === 'pointer') return wrapValue(operand.value, 64, true);
  if (type.kind === 'enum') return operand;
  if (type.kind !== 'integer') return undefined;
  if (type.name === 'bool' || type.name === '_Bool') return valueOf(operand.value === 0n ? 0n : 1n);
  const bits = type.bytes * 8;
  const value = type.signed
    ? BigInt.asIntN(bits, operand.value)
    : BigInt.asUintN(bits, operand.value);
  // What is narrower than an int is promoted as soon as it is used.
  if (type.bytes < 4) return { value, bits: 32, unsigned: false };
  return { value, bits: type.bytes === 8 ? 64 : 32, unsigned: !type.signed };
}
