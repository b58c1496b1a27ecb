import { ERRNO, type Ret } from '../bits/errno.ts';
import { isWiderThan, PAGE_LG2, ZERO, type Addr } from '../bits/pfn.ts';
import { divPow2, POW2 } from '../bits/pow2.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../fmt/prot.ts';
import {
  addressHi,
  addressLo,
  EMPTY,
  itemLg2,
  ITEMS_LG2,
  kindOf,
  levelOfSize,
  TABLE,
  tablePfn,
} from '../fmt/ptFormat.ts';
import { logWarning } from '../mem/events.ts';
import { freeIncoherent, allocPages, startIncoherent } from '../mem/iommuPages.ts';
import { chunkOf, pageBase, reportStores, snapshot, store } from '../mem/physMem.ts';
import { clearContig } from './clearContig.ts';
import { createGather, iommuIotlbSync, type IotlbGather } from './iotlbGather.ts';
import { checkAndGrow } from './increaseTop.ts';
import {
  endIndexOf,
  flushItems,
  granulesToAddr,
  indexOf,
  itemGranules,
  makeRange,
  type IommuTable,
  type MapState,
  walkLevel,
  walkTowards,
} from './iommuTable.ts';
import { bestPgsize, pgszCount } from './pgsize.ts';
import { installTable } from './installTable.ts';

/** Outcome of a map. Bytes stay mapped on failure: the caller unmaps them. */
export interface MapResult {
  readonly ret: Ret;
  readonly mapped: Addr;
}

/**
 * Maps `[iova, iova + length)` to `[pa, pa + length)` with the best page sizes.
 * What is mapped there already is never replaced. Kernel: NS(map_range)().
 */
export function mapRange(
  table: IommuTable,
  iova: Addr,
  pa: Addr,
  length: Addr,
  prot: number,
): MapResult {
  const { format, scratch } = table;
  const { granuleLg2 } = format;
  if ((prot & (IOMMU_READ | IOMMU_WRITE)) === 0) {
    warn(table, 'map without IOMMU_READ or IOMMU_WRITE');
    return { ret: -ERRNO.EINVAL, mapped: ZERO };
  }
  // Only the first byte is looked at: a later page may exceed the width and lose its high bits.
  if (isWiderThan(pa, table.maxOaszLg2)) return { ret: -ERRNO.ERANGE, mapped: ZERO };
  const refused = format.setProt(scratch, prot, table) || makeRange(table, iova, length);
  if (refused !== 0) return { ret: refused, mapped: ZERO };

  const perPage = POW2[PAGE_LG2 - granuleLg2]!;
  const subMask = POW2[granuleLg2]! - 1;
  const oa = pa.pfn * perPage + (pa.offset >> granuleLg2);
  const granules = length.pfn * perPage + (length.offset >> granuleLg2);
  if (((iova.offset | pa.offset) & subMask) !== 0) return { ret: -ERRNO.ENXIO, mapped: ZERO };
  const { va } = table.range;
  // 7.3 takes 4 KiB for a range of one page without looking for sizes; the search gives the same.
  const leafLg2 = bestPgsize(table.pgsizes, va, granules, oa, granuleLg2);
  if (leafLg2 < 0) return { ret: -ERRNO.ENXIO, mapped: ZERO };

  const { map } = table;
  map.gather = null;
  map.oa = oa;
  map.end = va + granules;
  map.attrLo = scratch.lo;
  map.attrHi = scratch.hi;
  map.leafLg2 = leafLg2;
  map.leafLevel = levelOfSize(format, leafLg2);
  const single = granules === POW2[leafLg2 - granuleLg2]! && table.range.lastFull;
  map.leaves = single ? 1 : pgszCount(table.pgsizes, va, granules, oa, granuleLg2, leafLg2);
  let ret = checkAndGrow(table, map.leafLevel);
  if (ret !== 0) return { ret, mapped: ZERO };
  ret = doMap(table, map, single);
  // Tables gave way to large leaves: walk caches may still hold them.
  if (hasPages(map.gather)) iommuIotlbSync(table.driver, map.gather);
  return { ret, mapped: granulesToAddr(table, map.oa - oa) };
}

function hasPages(gather: IotlbGather | null): gather is IotlbGather {
  return gather !== null && gather.freelist.length > 0;
}

/** Runs the walk again as long as it asks for it. Kernel: do_map(). */
function doMap(table: IommuTable, map: MapState, single: boolean): Ret {
  let ret: Ret = -ERRNO.EAGAIN;
  // The short way does not flush, so incoherent walkers never take it.
  if (single && !table.incoherent) ret = mapSingleLeaf(table, map);
  while (ret === -ERRNO.EAGAIN) ret = mapLevel(table, map, table.topPfn, table.topLevel);
  return ret;
}

/**
 * Writes one leaf if all its tables are there and its place is empty, or asks for the long way.
 * Kernel: __map_single_page(), which does so for 4 KiB only; the result is the same for every size.
 */
function mapSingleLeaf(table: IommuTable, map: MapState): Ret {
  const { format, mem } = table;
  const { va } = table.range;
  const { leafLevel } = map;
  const slot = walkTowards(table, va, leafLevel);
  if (walkLevel(table, slot) !== leafLevel) return -ERRNO.EAGAIN;
  const pfn = table.walks.tables[slot]!;
  const { scratch } = table;
  const index = indexOf(table, va, leafLevel);
  const chunk = chunkOf(mem, pfn);
  const from = pageBase(pfn) + (index << 1);
  const reserved = from + (2 << (map.leafLg2 - itemLg2(format, leafLevel)));
  for (let at = from; at < reserved; at += 2) {
    if (kindOf(format, chunk[at]!, chunk[at + 1]!, leafLevel) !== EMPTY) return -ERRNO.EAGAIN;
  }
  format.leafBits(scratch, map.leafLg2, leafLevel, table);
  const lo = scratch.lo | map.attrLo | addressLo(format, map.oa);
  const hi = scratch.hi | map.attrHi | addressHi(format, map.oa);
  const items = itemsWritten(table, map.leafLg2, leafLevel);
  const before = mem.watched ? snapshot(mem, pfn, index, items) : null;
  const to = from + (items << 1);
  for (let at = from; at < to; at += 2) {
    chunk[at] = lo;
    chunk[at + 1] = hi;
  }
  if (before !== null) reportStores(mem, pfn, index, items, before);
  map.oa += POW2[map.leafLg2 - format.granuleLg2]!;
  return 0;
}

function mapLevel(table: IommuTable, map: MapState, pfn: number, level: number): Ret {
  return map.leafLevel === level
    ? mapLeaves(table, map, pfn, level)
    : mapTables(table, map, pfn, level);
}

/** Descends through one table above the leaves, adding tables where none are. Kernel: __map_range(). */
function mapTables(table: IommuTable, map: MapState, pfn: number, level: number): Ret {
  const { format, mem, range } = table;
  const end = endIndexOf(table, level);
  const { va } = range;
  let slotVa = -1;
  for (let index = indexOf(table, range.va, level); ;) {
    const at = pageBase(pfn) + (index << 1);
    const chunk = chunkOf(mem, pfn);
    const lo = chunk[at]!;
    const hi = chunk[at + 1]!;
    const kind = kindOf(format, lo, hi, level);
    let child: number;
    if (kind === TABLE) {
      child = tablePfn(format, lo, hi, table);
      // Another thread may have installed it and not flushed it yet.
      if (table.incoherent && (lo & format.flushedLo) === 0) flushItems(table, pfn, index, 1);
    } else {
      if (kind !== EMPTY) return -ERRNO.EADDRINUSE;
      child = newTable(table, pfn, index, level);
      if (child < 0) return child;
    }
    let ret: Ret;
    do ret = mapLevel(table, map, child, level - 1);
    while (ret === -ERRNO.EAGAIN);
    if (ret !== 0) return ret;
    index++;
    if (index >= end) return 0;
    const span = itemGranules(level);
    slotVa = (slotVa < 0 ? divPow2(va, ITEMS_LG2 * level) * span : slotVa) + span;
    range.va = slotVa;
    // The next leaves belong into this very table: the caller has to start over with them.
    if (map.leafLevel === level) return -ERRNO.EAGAIN;
  }
}

/** Allocates a table and links it. Gives its page, or a negative error. Kernel: pt_iommu_new_table(). */
function newTable(table: IommuTable, pfn: number, index: number, level: number): number {
  const { format, mem, pages } = table;
  const child = allocPages(pages, 1);
  if (child < 0) return -ERRNO.ENOMEM;
  if (table.incoherent) startIncoherent(pages, child);
  installTable(table, pfn, index, level, child);
  const chunk = chunkOf(mem, pfn);
  const at = pageBase(pfn) + (index << 1);
  if (table.incoherent) {
    flushItems(table, pfn, index, 1);
    // The mark itself needs no flush: only software reads it.
    store(mem, pfn, index, chunk[at]! | format.flushedLo, chunk[at + 1]!);
  }
  if (table.debug && tablePfn(format, chunk[at]!, chunk[at + 1]!, table) !== child) {
    // The entry cannot hold this address: the encryption bit lies on it, or it is too wide.
    store(mem, pfn, index, 0, 0);
    freeIncoherent(pages, child);
    return -ERRNO.EINVAL;
  }
  return child;
}

/**
 * Writes leaves of one size into one table, then works out the size that follows.
 * Gives 0 at the end of the table or of the range, and -EAGAIN when this table needs other leaves.
 * Kernel: __map_range_leaf().
 */
function mapLeaves(table: IommuTable, map: MapState, pfn: number, level: number): Ret {
  const { format, range } = table;
  const first = indexOf(table, range.va, level);
  const tableEnd = endIndexOf(table, level);
  const stepLg2 = map.leafLg2 - itemLg2(format, level);
  const room = (tableEnd - first) >> stepLg2;
  const here = Math.min(room, map.leaves);
  const index = installLeaves(table, map, pfn, level, first, first + (here << stepLg2));
  flushItems(table, pfn, first, index - first);
  map.leaves -= here;
  if (map.ret !== 0 || map.leaves > 0) return map.ret;

  const next = range.va + (index - first) * itemGranules(level);
  const left = map.end - next;
  if (left === 0) {
    if (range.lastFull) return 0;
    // 7.3 computes with a page size of 0 from here on; nothing sensible can be said about what it does.
    warn(table, 'length is no multiple of the smallest page size');
    return -ERRNO.ENXIO;
  }
  map.leafLg2 = bestPgsize(table.pgsizes, next, left, map.oa, format.granuleLg2);
  if (map.leafLg2 < 0) {
    warn(table, 'length is no multiple of the smallest page size');
    return -ERRNO.ENXIO;
  }
  map.leafLevel = levelOfSize(format, map.leafLg2);
  map.leaves = pgszCount(table.pgsizes, next, left, map.oa, format.granuleLg2, map.leafLg2);
  if (index === tableEnd) return 0;
  range.va = next;
  return -ERRNO.EAGAIN;
}

/**
 * Items that a leaf is written to. A driver may leave a size in the bitmap that the format does not have:
 * a release kernel then writes one item, a debug kernel none. Kernel: pt_check_install_leaf_args().
 */
function itemsWritten(table: IommuTable, sizeLg2: number, level: number): number {
  const items = table.format.leafItems(sizeLg2, level, table);
  if (!table.debug) return items;
  return items === 1 << (sizeLg2 - itemLg2(table.format, level)) ? items : 0;
}

/**
 * The loop of a bulk map: one entry per leaf, or per item of a contiguous leaf.
 * Gives the index after the last item written, and leaves in `map.ret` why it stopped.
 */
function installLeaves(
  table: IommuTable,
  map: MapState,
  pfn: number,
  level: number,
  first: number,
  end: number,
): number {
  const { format, mem, scratch } = table;
  const step = 1 << (map.leafLg2 - itemLg2(format, level));
  const leafGranules = POW2[map.leafLg2 - format.granuleLg2]!;
  const items = itemsWritten(table, map.leafLg2, level);
  format.leafBits(scratch, map.leafLg2, level, table);
  const bitsLo = scratch.lo | map.attrLo;
  const bitsHi = scratch.hi | map.attrHi;
  const { presentLo, presentHi } = format;
  const chunk = chunkOf(mem, pfn);
  const base = pageBase(pfn);
  let { oa } = map;
  let reported = first;
  let before = mem.watched ? snapshot(mem, pfn, first, end - first) : null;
  map.ret = 0;
  let index = first;
  for (; index < end; index += step) {
    const from = base + (index << 1);
    const reserved = from + (step << 1);
    let occupied = 0;
    for (let at = from; at < reserved; at += 2) {
      occupied |= (chunk[at]! & presentLo) | (chunk[at + 1]! & presentHi);
    }
    if (occupied !== 0) {
      if (before !== null) reportStores(mem, pfn, reported, index - reported, before);
      const va = table.range.va + (index - first) * itemGranules(level);
      map.gather ??= createGather();
      map.ret = clearContig(table, map.gather, pfn, level, va, index, step);
      if (before !== null) before = snapshot(mem, pfn, index, end - index);
      reported = index;
      if (map.ret !== 0) break;
    }
    const lo = bitsLo | addressLo(format, oa);
    const hi = bitsHi | addressHi(format, oa);
    const to = from + (items << 1);
    for (let at = from; at < to; at += 2) {
      chunk[at] = lo;
      chunk[at + 1] = hi;
    }
    oa += leafGranules;
  }
  if (before !== null) reportStores(mem, pfn, reported, index - reported, before);
  map.oa = oa;
  return index;
}

function warn(table: IommuTable, what: Parameters<typeof logWarning>[1]): void {
  if (table.mem.log !== null) logWarning(table.mem.log, what);
}
