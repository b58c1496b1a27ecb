import type { IntegerType } from './type.ts';

/** A value reduced to the width and sign of a type; `_Bool` is 0 or 1. */
export function wrap(value: bigint, type: IntegerType): bigint {
  if (type.rank === 0) return value === 0n ? 0n : 1n;
  return type.signed ? BigInt.asIntN(type.width, value) : BigInt.asUintN(type.width, value);
}

/** How the machine holds a value of an integer type: a number up to 32 bits, a bigint above. */
export function held(value: bigint, type: IntegerType): number | bigint {
  const wrapped = wrap(value, type);
  return type.size > 4 ? wrapped : Number(wrapped);
}

/**
 * How the machine holds a pointer: the signed 64-bit address as a number where that is exact, which it
 * is for every canonical kernel or user address and every ERR_PTR; as a bigint otherwise.
 */
export function heldPointer(value: bigint): number | bigint {
  const signed = BigInt.asIntN(64, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}
