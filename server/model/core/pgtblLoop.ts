import { ERRNO } from '../bits/errno.ts';
import { isBelow, PAGE_LG2, ZERO, type Addr } from '../bits/pfn.ts';
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
  if (pageCount === POW2[pagesLg2]!) return { sizeLg2, count: 1 };
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

/** Whether an address or size is a multiple of the smallest page. */
function isAligned(smallestLg2: number, { pfn, offset }: Addr): boolean {
  return offset === 0 && (smallestLg2 === PAGE_LG2 || modPow2(pfn, smallestLg2 - PAGE_LG2) === 0);
}

/** The address a number of pages further on, modulo 2^64. */
function onwards({ pfn }: Addr, pages: number): Addr {
  const next = pfn + pages;
  return { pfn: next >= PFNS ? next - PFNS : next, offset: 0 };
}

const PFNS = POW2[64 - PAGE_LG2]!;

/** Maps a range page size by page size. Kernel: __iommu_map_domain_pgtbl(). */
export function mapDomainPgtbl(
  ops: PgtblOps,
  iova: Addr,
  pa: Addr,
  length: Addr,
  prot: number,
): MapResult {
  const { pgsizes } = ops;
  const smallest = smallestAbove(pgsizes, -1);
  if (!isAligned(smallest, iova) || !isAligned(smallest, pa) || !isAligned(smallest, length)) {
    return { ret: -ERRNO.EINVAL, mapped: ZERO };
  }
  let pages = 0;
  while (pages < length.pfn) {
    const va = pages === 0 ? iova : onwards(iova, pages);
    const oa = pages === 0 ? pa : onwards(pa, pages);
    const { sizeLg2, count } = iommuPgsize(pgsizes, va.pfn, oa.pfn, length.pfn - pages);
    const size = { pfn: POW2[sizeLg2 - PAGE_LG2]!, offset: 0 };
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
  const smallest = smallestAbove(pgsizes, -1);
  if (!isAligned(smallest, iova) || !isAligned(smallest, length)) return ZERO;
  let pages = 0;
  while (pages < length.pfn) {
    const va = pages === 0 ? iova : onwards(iova, pages);
    const { sizeLg2, count } = iommuPgsize(pgsizes, va.pfn, va.pfn, length.pfn - pages);
    const size = { pfn: POW2[sizeLg2 - PAGE_LG2]!, offset: 0 };
    const step = ops.unmapPages(va, size, count, gather);
    if (step.pfn === 0) break;
    // A driver that gathers nothing still has to be called for the sync.
    if (!isBelow(gather.start, gather.last)) addRange(gather, va, length);
    pages += step.pfn;
  }
  return { pfn: pages, offset: 0 };
}
