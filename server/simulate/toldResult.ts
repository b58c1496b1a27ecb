import type { Type } from '../cfront/types/type.ts';
import type { Unit } from '../cfront/unit.ts';
import type { Value } from './machine/values.ts';
import { hex, isAddress, pointerBits } from './machine/values.ts';

/** What has the names of errors: the headers that a unit reads. */
export type ErrorNames = Pick<Unit, 'errorNames'>;

/** The largest errno; kernel error pointers and codes lie above its negative (include/linux/err.h). */
const MAX_ERRNO = 4095;
/** Types of numbers that are addresses (include/linux/types.h). */
const ADDRESSES: ReadonlySet<string> = new Set(['dma_addr_t', 'phys_addr_t']);
/** What a mapping that failed returns (include/linux/dma-mapping.h). */
const MAPPING_ERROR = 2n ** 64n - 1n;
/** Conversion rank of int: narrower types hold no errors. */
const INT_RANK = 3;

/** What a function returned, as its author would write it: `-ENOMEM (-12)`, `ERR_PTR(-ENOMEM)`, `NULL`, `a pointer`, an address in hexadecimal. */
export function toldResult(unit: ErrorNames, type: Type, value: Value): string {
  if (type.kind === 'pointer' && typeof value === 'number') {
    if (value === 0) return 'NULL';
    return isError(value) ? toldErrorPointer(unit, value) : 'a pointer';
  }
  if (type.kind === 'integer' && ADDRESSES.has(type.alias ?? '') && value !== undefined) {
    const bits = pointerBits(value);
    return bits === MAPPING_ERROR && type.alias === 'dma_addr_t' ? 'DMA_MAPPING_ERROR' : hex(bits);
  }
  const holdsErrors = type.kind === 'integer' && type.signed && type.rank >= INT_RANK;
  const number = holdsErrors && type.enumTag === undefined ? Number(value) : 0;
  return isError(number) ? toldError(unit, number) : valueText(value);
}

/** An error code with its name, where the headers of the tree have one. */
export function toldError(unit: ErrorNames, value: number): string {
  const name = unit.errorNames().get(-value);
  return name === undefined ? String(value) : `-${name} (${value})`;
}

/** An error pointer as `ERR_PTR()` makes it. */
export function toldErrorPointer(unit: ErrorNames, value: number): string {
  const name = unit.errorNames().get(-value);
  return `ERR_PTR(${name === undefined ? value : `-${name}`})`;
}

/** Whether a number lies where error codes and error pointers do. */
export function isError(value: number): boolean {
  return value < 0 && value >= -MAX_ERRNO;
}

/** A value without a word about what it means; equal for equal values. */
export function valueText(value: Value): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'number' && isAddress(value) ? hex(value) : String(value);
}
