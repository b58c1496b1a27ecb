import { ERRNO, type Ret } from '../bits/errno.ts';
import { addAddr, isSame, ZERO, type Addr } from '../bits/pfn.ts';
import { isZero } from '../bits/pte64.ts';
import { createGather, iommuIotlbSync, type IotlbGather } from '../pt/iotlbGather.ts';
import type { IommuDomain } from './iommuDomain.ts';

/**
 * Maps a range and leaves the driver's sync of new mappings to the caller. On failure nothing stays mapped.
 * Kernel: iommu_map_nosync().
 */
export function iommuMapNosync(
  domain: IommuDomain,
  iova: Addr,
  pa: Addr,
  length: Addr,
  prot: number,
): Ret {
  if (isZero(domain.pgsizes())) return -ERRNO.EINVAL;
  const { ret, mapped } = domain.mapRange(iova, pa, length, prot);
  if (ret !== 0) iommuUnmap(domain, iova, mapped);
  return ret;
}

/** Maps a range. On failure nothing stays mapped. Kernel: iommu_map(). */
export function iommuMap(
  domain: IommuDomain,
  iova: Addr,
  pa: Addr,
  length: Addr,
  prot: number,
): Ret {
  const ret = iommuMapNosync(domain, iova, pa, length, prot);
  if (ret !== 0) return ret;
  const synced = iommuSyncMap(domain, iova, length);
  if (synced !== 0) iommuUnmap(domain, iova, length);
  return synced;
}

/** Lets the driver make new mappings visible, where it must. Kernel: iommu_sync_map(). */
export function iommuSyncMap(domain: IommuDomain, iova: Addr, length: Addr): Ret {
  return domain.iotlbSyncMap?.(iova, length) ?? 0;
}

/** Removes mappings and flushes the IOTLB. Gives the bytes removed. Kernel: iommu_unmap(). */
export function iommuUnmap(domain: IommuDomain, iova: Addr, length: Addr): Addr {
  const gather = createGather();
  const removed = iommuUnmapFast(domain, iova, length, gather);
  iommuIotlbSync(domain, gather);
  return removed;
}

/** Removes mappings; the flush is up to the caller, who holds the gather. Kernel: iommu_unmap_fast(). */
export function iommuUnmapFast(
  domain: IommuDomain,
  iova: Addr,
  length: Addr,
  gather: IotlbGather,
): Addr {
  return isZero(domain.pgsizes()) ? ZERO : domain.unmapRange(iova, length, gather);
}

/** One piece of a scatterlist. Kernel: struct scatterlist. */
export interface SgEntry {
  readonly pa: Addr;
  readonly length: Addr;
  /** Peer-to-peer memory that needs no mapping. Kernel: sg_dma_is_bus_address(). */
  readonly busAddress?: boolean;
}

/** Outcome of mapping a scatterlist: the bytes mapped, none when `ret` is negative. */
export interface MapSgResult {
  readonly ret: Ret;
  readonly mapped: Addr;
}

/**
 * Maps the pieces of a scatterlist one behind the other; neighbours in physical memory become one mapping.
 * Kernel: iommu_map_sg().
 */
export function iommuMapSg(
  domain: IommuDomain,
  iova: Addr,
  entries: readonly SgEntry[],
  prot: number,
): MapSgResult {
  let mapped: Addr = ZERO;
  let start: Addr = ZERO;
  let length: Addr = ZERO;
  const mapGathered = (): Ret => {
    if (isSame(length, ZERO)) return 0;
    const ret = iommuMapNosync(domain, addAddr(iova, mapped), start, length, prot);
    if (ret === 0) {
      mapped = addAddr(mapped, length);
      length = ZERO;
    }
    return ret;
  };
  const undo = (ret: Ret): MapSgResult => {
    iommuUnmap(domain, iova, mapped);
    return { ret, mapped: ZERO };
  };
  for (const entry of entries) {
    const adjacent = isSame(entry.pa, addAddr(start, length));
    const ret = adjacent ? 0 : mapGathered();
    if (ret !== 0) return undo(ret);
    if (entry.busAddress === true) continue;
    if (isSame(length, ZERO)) start = entry.pa;
    length = addAddr(length, entry.length);
  }
  const ret = mapGathered();
  if (ret !== 0) return undo(ret);
  const synced = iommuSyncMap(domain, iova, mapped);
  return synced === 0 ? { ret: 0, mapped } : undo(synced);
}
