import { largestUpTo, smallestAbove, type PgSizes } from '../bits/pgSizes.ts';
import { commonCtz, INV_POW2, log2Floor, modPow2, POW2 } from '../bits/pow2.ts';

/**
 * The largest page size for the start of a range: aligned in both addresses and not longer than the range.
 * Addresses and length are in granules of 2^granuleLg2 bytes. Unit of the result: lg2 bytes; -1 when none fits.
 * Kernel: pt_compute_best_pgsize().
 */
export function bestPgsize(
  sizes: PgSizes,
  va: number,
  granules: number,
  oa: number,
  granuleLg2: number,
): number {
  if (granules < 1) return -1;
  const aligned = Math.min(commonCtz(va, oa), log2Floor(granules));
  return largestUpTo(sizes, aligned + granuleLg2);
}

/**
 * How many leaves of a size come before a larger size fits, or before the range ends.
 * Kernel: pt_pgsz_count().
 */
export function pgszCount(
  sizes: PgSizes,
  va: number,
  granules: number,
  oa: number,
  granuleLg2: number,
  sizeLg2: number,
): number {
  let span = granules;
  const next = smallestAbove(sizes, sizeLg2);
  if (next >= 0) {
    const nextLg2 = next - granuleLg2;
    const into = modPow2(va, nextLg2);
    // A larger page is only reachable when both addresses stand at the same place within one.
    if (into === modPow2(oa, nextLg2)) span = Math.min(span, POW2[nextLg2]! - into);
  }
  return Math.floor(span * INV_POW2[sizeLg2 - granuleLg2]!);
}
