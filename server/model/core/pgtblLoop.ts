import { ERRNO } from '../bits/errno.ts';
import { isBelow, PAGE_LG2, ZERO, type Addr } from '../bits/pfn.ts';
import { largestUpTo, smallestAbove, smallestOf, type PgSizes } from '../bits/pgSizes.ts';
import { commonCtz, divPow2, log2Floor, modPow2, POW2 } from '../bits/pow2.ts';
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

/**
 * Picks the page size for the start of a range. Unit: lg2 bytes.
 * Addresses and size are in pages of 4 KiB; the size is at least one page. Kernel: iommu_pgsize().
 */
export function iommuPgsize(
  sizes: PgSizes,
  iovaPfn: number,
  paPfn: number,
  pageCount: number,
): number {
  const align = Math.min(commonCtz(iovaPfn, paPfn), log2Floor(pageCount));
  return largestUpTo(sizes, align + PAGE_LG2);
}

/** How many pages of a size to take at once: what comes before a larger size fits. Kernel: iommu_pgsize(). */
export function iommuPgcount(
  sizes: PgSizes,
  sizeLg2: number,
  iovaPfn: number,
  paPfn: number,
  pageCount: number,
): number {
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
  return divPow2(span, pagesLg2);
}

/**
 * Whether addresses and lengths are multiples of the smallest page, given their page numbers and offsets or-ed.
 * Low halves of page numbers are enough: the smallest page of no table is as large as 2^44 bytes.
 */
function areAligned(sizes: PgSizes, pfns: number, offsets: number): boolean {
  return offsets === 0 && (pfns & ((1 << (smallestOf(sizes) - PAGE_LG2)) - 1)) === 0;
}

/** Pages of 4 KiB in a larger page. */
function pagesOf(sizeLg2: number): number {
  return POW2[sizeLg2 - PAGE_LG2]!;
}

/** The address a number of pages further on, modulo 2^64. */
function onwards({ pfn }: Addr, pages: number): Addr {
  const next = pfn + pages;
  return { pfn: next >= PFNS ? next - PFNS : next, offset: 0 };
}

const PFNS = POW2[64 - PAGE_LG2]!;

/** Maps a range page size by page size; most ranges are one page. Kernel: __iommu_map_domain_pgtbl(). */
export function mapDomainPgtbl(
  ops: PgtblOps,
  iova: Addr,
  pa: Addr,
  length: Addr,
  prot: number,
): MapResult {
  const { pgsizes } = ops;
  const offsets = iova.offset | pa.offset | length.offset;
  if (!areAligned(pgsizes, iova.pfn | pa.pfn | length.pfn, offsets)) {
    return { ret: -ERRNO.EINVAL, mapped: ZERO };
  }
  if (length.pfn === pagesOf(iommuPgsize(pgsizes, iova.pfn, pa.pfn, length.pfn))) {
    return ops.mapPages(iova, pa, length, 1, prot);
  }
  return mapManyPages(ops, iova, pa, length, prot);
}

function mapManyPages(ops: PgtblOps, iova: Addr, pa: Addr, length: Addr, prot: number): MapResult {
  const { pgsizes } = ops;
  let pages = 0;
  while (pages < length.pfn) {
    const va = pages === 0 ? iova : onwards(iova, pages);
    const oa = pages === 0 ? pa : onwards(pa, pages);
    const left = length.pfn - pages;
    const sizeLg2 = iommuPgsize(pgsizes, va.pfn, oa.pfn, left);
    const count = iommuPgcount(pgsizes, sizeLg2, va.pfn, oa.pfn, left);
    const size = { pfn: pagesOf(sizeLg2), offset: 0 };
    const { ret, mapped } = ops.mapPages(va, oa, size, count, prot);
    pages += mapped.pfn;
    if (ret !== 0) return { ret, mapped: { pfn: pages, offset: 0 } };
  }
  return { ret: 0, mapped: length };
}

/** Unmaps a range page size by page size, until a hole. Gives the bytes removed. Kernel: __iommu_unmap_domain_pgtbl(). */
export function unmapDomainPgtbl(
  ops: PgtblOps,
  iova: Addr,
  length: Addr,
  gather: IotlbGather,
): Addr {
  const { pgsizes } = ops;
  if (!areAligned(pgsizes, iova.pfn | length.pfn, iova.offset | length.offset)) return ZERO;
  if (length.pfn === pagesOf(iommuPgsize(pgsizes, iova.pfn, iova.pfn, length.pfn))) {
    const removed = ops.unmapPages(iova, length, 1, gather);
    if (removed.pfn !== 0) gatherSomething(gather, iova, length);
    return removed;
  }
  return unmapManyPages(ops, iova, length, gather);
}

/** A driver that gathers nothing still has to be called for the sync. */
function gatherSomething(gather: IotlbGather, iova: Addr, length: Addr): void {
  if (!isBelow(gather.start, gather.last)) addRange(gather, iova, length);
}

function unmapManyPages(ops: PgtblOps, iova: Addr, length: Addr, gather: IotlbGather): Addr {
  const { pgsizes } = ops;
  let pages = 0;
  while (pages < length.pfn) {
    const va = pages === 0 ? iova : onwards(iova, pages);
    const left = length.pfn - pages;
    const sizeLg2 = iommuPgsize(pgsizes, va.pfn, va.pfn, left);
    const count = iommuPgcount(pgsizes, sizeLg2, va.pfn, va.pfn, left);
    const size = { pfn: pagesOf(sizeLg2), offset: 0 };
    const step = ops.unmapPages(va, size, count, gather);
    if (step.pfn === 0) break;
    gatherSomething(gather, va, length);
    pages += step.pfn;
  }
  return { pfn: pages, offset: 0 };
}
