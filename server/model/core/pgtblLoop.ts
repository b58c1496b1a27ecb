import { ERRNO } from '../bits/errno.ts';
import { addAddr, isBelow, PAGE_LG2, subAddr, ZERO, type Addr } from '../bits/pfn.ts';
import { largestUpTo, smallestAbove, type PgSizes } from '../bits/pgSizes.ts';
import { ctz, log2Floor, modPow2, POW2, divPow2 } from '../bits/pow2.ts';
import { addRange, type IotlbGather } from '../pt/iotlbGather.ts';
import type { MapResult } from '../pt/mapRange.ts';

/**
 * What an io-pgtable offers: pages of one size at a time.
 * Kernel: struct io_pgtable_ops.
 */
export interface PgtblOps {
  readonly pgsizes: PgSizes;
  mapPages(iova: Addr, pa: Addr, pageSize: Addr, count: number, prot: number): MapResult;
  unmapPages(iova: Addr, pageSize: Addr, count: number, gather: IotlbGather): Addr;
}

/** A page size and how many pages of it to take at once. */
export interface PageRun {
  /** Unit: lg2 bytes. */
  readonly sizeLg2: number;
  readonly count: number;
}

/**
 * Picks the page size for the start of a range, and how many pages of it come before a larger size fits.
 * Addresses and size are in pages of 4 KiB; the size is at least one page. Kernel: iommu_pgsize().
 */
export function iommuPgsize(
  sizes: PgSizes,
  iovaPfn: number,
  paPfn: number,
  pageCount: number,
): PageRun {
  const align = Math.min(ctz(iovaPfn), ctz(paPfn), log2Floor(pageCount));
  const sizeLg2 = largestUpTo(sizes, align + PAGE_LG2);
  const pagesLg2 = sizeLg2 - PAGE_LG2;
  let span = pageCount;
  const next = smallestAbove(sizes, sizeLg2);
  if (next >= 0) {
    const nextLg2 = next - PAGE_LG2;
    const into = modPow2(iovaPfn, nextLg2);
    if (into === modPow2(paPfn, nextLg2)) {
      const offset = POW2[nextLg2]! - into;
      // Unlike generic_pt, small pages stop at the boundary only when a whole large page follows.
      if (offset + POW2[nextLg2]! <= pageCount) span = offset;
    }
  }
  return { sizeLg2, count: divPow2(span, pagesLg2) };
}

/** Whether addresses and size are multiples of the smallest page. */
function isAligned(sizes: PgSizes, ...values: readonly Addr[]): boolean {
  const pagesLg2 = smallestAbove(sizes, -1) - PAGE_LG2;
  return values.every((v) => v.offset === 0 && modPow2(v.pfn, pagesLg2) === 0);
}

/** Maps a range page size by page size. Kernel: __iommu_map_domain_pgtbl(). */
export function mapDomainPgtbl(
  ops: PgtblOps,
  iova: Addr,
  pa: Addr,
  length: Addr,
  prot: number,
): MapResult {
  if (!isAligned(ops.pgsizes, iova, pa, length)) return { ret: -ERRNO.EINVAL, mapped: ZERO };
  let mapped: Addr = ZERO;
  while (isBelow(mapped, length)) {
    const va = addAddr(iova, mapped);
    const oa = addAddr(pa, mapped);
    const left = subAddr(length, mapped);
    const { sizeLg2, count } = iommuPgsize(ops.pgsizes, va.pfn, oa.pfn, left.pfn);
    const size = { pfn: POW2[sizeLg2 - PAGE_LG2]!, offset: 0 };
    const step = ops.mapPages(va, oa, size, count, prot);
    mapped = addAddr(mapped, step.mapped);
    if (step.ret !== 0) return { ret: step.ret, mapped };
  }
  return { ret: 0, mapped };
}

/** Unmaps a range page size by page size, until a hole. Gives the bytes removed. Kernel: __iommu_unmap_domain_pgtbl(). */
export function unmapDomainPgtbl(
  ops: PgtblOps,
  iova: Addr,
  length: Addr,
  gather: IotlbGather,
): Addr {
  if (!isAligned(ops.pgsizes, iova, length)) return ZERO;
  let removed: Addr = ZERO;
  while (isBelow(removed, length)) {
    const va = addAddr(iova, removed);
    const left = subAddr(length, removed);
    const { sizeLg2, count } = iommuPgsize(ops.pgsizes, va.pfn, va.pfn, left.pfn);
    const size = { pfn: POW2[sizeLg2 - PAGE_LG2]!, offset: 0 };
    const step = ops.unmapPages(va, size, count, gather);
    if (step.pfn === 0) break;
    // A driver that gathers nothing still has to be called for the sync.
    if (!isBelow(gather.start, gather.last)) addRange(gather, va, length);
    removed = addAddr(removed, step);
  }
  return removed;
}
