import { bytes, isBelow, lastByte, type Addr } from '../bits/pfn.ts';
import { POW2 } from '../bits/pow2.ts';

/**
 * A pending IOTLB flush: one range of IOVAs and the table pages to free after it.
 * Kernel: struct iommu_iotlb_gather. The range is inclusive and empty when `start` is above `last`.
 */
export interface IotlbGather {
  start: Addr;
  last: Addr;
  /** The flush is left to a flush queue, which flushes everything; ranges are not gathered then. */
  queued: boolean;
  /** Table pages to free after the flush, in order. Unit: page frame numbers. */
  freelist: readonly number[];
  /** Bit n: leaves of level n were cleared. Only with DETAILED_GATHER. */
  leafLevels: number;
  /** Bit n: slots of level n lost their table. Only with DETAILED_GATHER. */
  tableLevels: number;
  /** Page size that io-pgtable drivers gather; 0 before the first page. Unit: bytes. */
  pgsize: number;
}

/** Who performs the flush that a gather describes. */
export interface IotlbSyncer {
  /** Kernel: iommu_domain_ops.iotlb_sync(). It also frees the gather's freelist. */
  iotlbSync(gather: IotlbGather): void;
}

const NO_PAGES: readonly number[] = Object.freeze([]);
const PFN_BITS = 52;
const PFNS = POW2[PFN_BITS]!;
const MAX: Addr = Object.freeze({ pfn: PFNS - 1, offset: 4095 });
const MIN: Addr = Object.freeze({ pfn: 0, offset: 0 });

/** An empty gather. Kernel: iommu_iotlb_gather_init(). */
export function createGather(mode: 'direct' | 'queued' = 'direct'): IotlbGather {
  return {
    start: MAX,
    last: MIN,
    queued: mode === 'queued',
    freelist: NO_PAGES,
    leafLevels: 0,
    tableLevels: 0,
    pgsize: 0,
  };
}

/** Empties a gather. A freelist that nobody freed is forgotten, as in the kernel. */
export function resetGather(gather: IotlbGather): void {
  gather.start = MAX;
  gather.last = MIN;
  gather.queued = false;
  gather.freelist = NO_PAGES;
  gather.leafLevels = 0;
  gather.tableLevels = 0;
  gather.pgsize = 0;
}

/** Flushes what was gathered, unless the range is empty. Kernel: iommu_iotlb_sync(). */
export function iommuIotlbSync(syncer: IotlbSyncer, gather: IotlbGather): void {
  if (isBelow(gather.start, gather.last)) syncer.iotlbSync(gather);
  resetGather(gather);
}

/**
 * Whether a range neither overlaps nor touches what was gathered; arithmetic wraps at 2^64.
 * Kernel: iommu_iotlb_gather_is_disjoint().
 */
export function isDisjoint(gather: IotlbGather, iova: Addr, length: Addr): boolean {
  const { start, last } = gather;
  const isEmpty = last.pfn === 0 && last.offset === 0;
  return !isEmpty && (isBelow(next(lastByte(iova, length)), start) || isBelow(next(last), iova));
}

/** The byte after, modulo 2^64. */
function next({ pfn, offset }: Addr): Addr {
  if (offset < MAX.offset) return { pfn, offset: offset + 1 };
  return { pfn: pfn + 1 === PFNS ? 0 : pfn + 1, offset: 0 };
}

/**
 * Widens the gathered range. A length of 0 moves `start` and, at IOVA 0, wraps `last` to the end of the space.
 * Kernel: iommu_iotlb_gather_add_range().
 */
export function addRange(gather: IotlbGather, iova: Addr, length: Addr): void {
  if (isBelow(iova, gather.start)) gather.start = iova;
  const last = lastByte(iova, length);
  if (isBelow(gather.last, last)) gather.last = last;
}

/**
 * Adds one page of an io-pgtable driver, flushing first when it does not continue the range or has another size.
 * Kernel: iommu_iotlb_gather_add_page().
 */
export function addPage(
  syncer: IotlbSyncer,
  gather: IotlbGather,
  iova: Addr,
  byteCount: number,
): void {
  const length = bytes(byteCount);
  if ((gather.pgsize !== 0 && gather.pgsize !== byteCount) || isDisjoint(gather, iova, length)) {
    iommuIotlbSync(syncer, gather);
  }
  gather.pgsize = byteCount;
  addRange(gather, iova, length);
}
