import type { IntegerType } from '../types/type.ts';
import { INT, LONG, UNSIGNED_INT, UNSIGNED_LONG } from '../types/type.ts';
import { integerOfSize } from './basicTypes.ts';

/** The type of one constant: int, unless its value needs another. */
export function enumeratorType(value: bigint): IntegerType {
  if (value >= -0x80000000n && value <= 0x7fffffffn) return INT;
  if (value >= 0n && value <= 0xffffffffn) return UNSIGNED_INT;
  return value < 0n || value <= 0x7fffffffffffffffn ? LONG : UNSIGNED_LONG;
}

/** The type of an enumeration. gcc: unsigned int unless a value is negative; 64 bits when a value needs them. */
export function enumerationType(values: readonly bigint[], packed: boolean): IntegerType {
  let min = 0n;
  let max = 0n;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const signed = min < 0n;
  for (const size of packed ? [1, 2, 4, 8] : [4, 8]) {
    const bits = BigInt(size * 8);
    const limit = signed ? 1n << (bits - 1n) : 1n << bits;
    if (max < limit && (!signed || min >= -limit)) return integerOfSize(size, signed);
  }
  return signed ? LONG : UNSIGNED_LONG;
}
