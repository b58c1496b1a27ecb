import { bit, hasBit, mask, type Word64 } from './pte64.ts';

/**
 * A set of page sizes: bit n stands for 2^n bytes.
 * Kernel: iommu_domain.pgsize_bitmap.
 */
export type PgSizes = Word64;

/** The empty set of page sizes. */
export const NO_SIZES: PgSizes = Object.freeze({ lo: 0, hi: 0 });

/** The set of the given sizes. Unit: lg2 bytes. */
export function pgSizes(...lg2: readonly number[]): PgSizes {
  let lo = 0;
  let hi = 0;
  for (const n of lg2) {
    const w = bit(n);
    lo |= w.lo;
    hi |= w.hi;
  }
  return { lo, hi };
}

/** Whether 2^lg2 bytes is in the set. */
export function hasSize(set: PgSizes, lg2: number): boolean {
  return hasBit(set, lg2);
}

/** The largest size up to 2^lg2. Unit: lg2 bytes; -1 when there is none. */
export function largestUpTo(set: PgSizes, lg2: number): number {
  // A shift counts modulo 32: two to the 31st by two gives 0, so that all bits of the half pass.
  return lg2 >= 32 ? largestOfHigh(set, lg2) : 31 - Math.clz32(set.lo & ((2 << lg2) - 1));
}

function largestOfHigh(set: PgSizes, lg2: number): number {
  const hi = lg2 >= 63 ? set.hi : set.hi & ((2 << (lg2 - 32)) - 1);
  return hi === 0 ? 31 - Math.clz32(set.lo) : 63 - Math.clz32(hi);
}

/** The smallest size above 2^lg2. Unit: lg2 bytes; -1 when there is none. */
export function smallestAbove(set: PgSizes, lg2: number): number {
  const lo = lg2 < 31 ? set.lo & (-1 << (lg2 + 1)) : 0;
  return lo === 0 ? smallestOfHigh(set, lg2) : 31 - Math.clz32(lo & -lo);
}

function smallestOfHigh(set: PgSizes, lg2: number): number {
  const hi = lg2 <= 31 ? set.hi : lg2 >= 63 ? 0 : set.hi & (-1 << (lg2 - 31));
  return hi === 0 ? -1 : 63 - Math.clz32(hi & -hi);
}

/** The smallest size of a set that is not empty. Unit: lg2 bytes. Kernel: __ffs() of a pgsize_bitmap. */
export function smallestOf({ lo, hi }: PgSizes): number {
  return lo === 0 ? 63 - Math.clz32(hi & -hi) : 31 - Math.clz32(lo & -lo);
}

/** The sizes below 2^lg2, that one excluded. Kernel: log2_mod() on a bitmap. */
export function below(set: PgSizes, lg2: number): PgSizes {
  if (lg2 <= 0) return NO_SIZES;
  const kept = mask(Math.min(lg2, 64) - 1, 0);
  return { lo: set.lo & kept.lo, hi: set.hi & kept.hi };
}

/** The sizes of the set in ascending order. Unit: lg2 bytes. */
export function sizesOf(set: PgSizes): readonly number[] {
  const found: number[] = [];
  for (let n = smallestAbove(set, -1); n >= 0; n = smallestAbove(set, n)) found.push(n);
  return found;
}
