import { wrap } from '../types/integers.ts';
import type { IntegerType } from '../types/type.ts';
import { INT, UNSIGNED_INT, UNSIGNED_LONG, UNSIGNED_SHORT } from '../types/type.ts';

/** Number of bits up to and including the highest set one; 0 for 0. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** Index of the lowest set bit. Only for values other than 0. */
export function lowestBit(value: bigint): number {
  return bitLength(value & -value) - 1;
}

/** Number of set bits. Only for values of 0 and more. */
export function populationCount(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}

/** The low bytes of a value in the opposite order. */
export function byteSwap(value: bigint, bytes: number): bigint {
  let result = 0n;
  for (let i = 0; i < bytes; i++) result = (result << 8n) | ((value >> BigInt(8 * i)) & 255n);
  return result;
}

/** Operand type of a bit-counting builtin: `l` and `ll` forms are 64 bits wide. */
function operandType(name: string): IntegerType {
  if (name.endsWith('16')) return UNSIGNED_SHORT;
  if (name.endsWith('32')) return UNSIGNED_INT;
  return /(?:l|64)$/.test(name) ? UNSIGNED_LONG : UNSIGNED_INT;
}

/** Type of the result of such an operation: what gcc and the kernel declare. */
export function bitOperationType(name: string): IntegerType {
  if (name.startsWith('__builtin_bswap')) return operandType(name);
  return name.startsWith('__f') || name === 'ffz' ? UNSIGNED_LONG : INT;
}

/**
 * Value of a bit-counting or byte-swapping operation; undefined for other names.
 * The same function serves constants in the parser and values in the machine.
 * gcc leaves clz and ctz of 0 undefined; here they give the operand's width.
 */
export function bitOperation(name: string, operand: bigint): bigint | undefined {
  const kernel = KERNEL_NAMES.get(name);
  const type = kernel?.type ?? operandType(name);
  const value = wrap(operand, type);
  const family = kernel?.family ?? /^__builtin_(clz|ctz|ffs|popcount|parity|bswap)/.exec(name)?.[1];
  switch (family) {
    case 'clz':
      return BigInt(type.width - bitLength(value));
    case 'ctz':
      return BigInt(value === 0n ? type.width : lowestBit(value));
    case 'ffs':
      return BigInt(value === 0n ? 0 : lowestBit(value) + 1);
    case 'fls':
      return BigInt(bitLength(value));
    case '__fls':
      return BigInt(Math.max(0, bitLength(value) - 1));
    case 'ffz':
      return BigInt(lowestBit(wrap(~value, type) === 0n ? 1n : wrap(~value, type)));
    case 'popcount':
      return BigInt(populationCount(value));
    case 'parity':
      return BigInt(populationCount(value) & 1);
    case 'bswap':
      return byteSwap(value, type.size);
    default:
      return undefined;
  }
}

const KERNEL_NAMES: ReadonlyMap<string, { family: string; type: IntegerType }> = new Map([
  ['fls', { family: 'fls', type: UNSIGNED_INT }],
  ['fls64', { family: 'fls', type: UNSIGNED_LONG }],
  ['__fls', { family: '__fls', type: UNSIGNED_LONG }],
  ['ffs', { family: 'ffs', type: UNSIGNED_INT }],
  ['__ffs', { family: 'ctz', type: UNSIGNED_LONG }],
  ['__ffs64', { family: 'ctz', type: UNSIGNED_LONG }],
  ['ffz', { family: 'ffz', type: UNSIGNED_LONG }],
]);
