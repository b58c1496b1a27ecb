import { ERRNO, type Ret } from '../bits/errno.ts';
import { isWiderThan, ZERO, type Addr } from '../bits/pfn.ts';
import { divPow2, POW2 } from '../bits/pow2.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../fmt/prot.ts';
import {
  addressHi,
  addressLo,
  EMPTY,
  granuleOf,
  itemLg2,
  ITEMS_LG2,
  kindOf,
  levelOfSize,
  TABLE,
  tablePfn,
  type PtFormat,
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
  makeRangeNoCheck,
  type IommuTable,
  type MapState,
  walkTowards,
} from './iommuTable.ts';
import { bestPgsize, pgszCount } from './pgsize.ts';
import { installTable } from './installTable.ts';
import { itemIn } from './seenTable.ts';

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
  const { map, range } = table;
  const ret = beginMap(table, map, iova, pa, length, prot);
  if (ret !== 0) return { ret, mapped: ZERO };
  const isOneLeaf = map.end - range.va === map.leafGranules && range.lastFull;
  return isOneLeaf && mapSingleLeaf(table, map)
    ? { ret, mapped: length }
    : mapManyLeaves(table, map);
}

/** Checks what is asked for, chooses the first leaves, and grows the table until it reaches them. */
function beginMap(
  table: IommuTable,
  map: MapState,
  iova: Addr,
  pa: Addr,
  length: Addr,
  prot: number,
): Ret {
  const { format, range } = table;
  const refused = protect(table, map, pa, prot) || makeRangeNoCheck(table, iova, length);
  if (refused !== 0) return refused;
  if (((iova.offset | pa.offset) & format.granuleMask) !== 0) return -ERRNO.ENXIO;
  const granules = granuleOf(format, length);
  map.oa = granuleOf(format, pa);
  map.end = range.va + granules;
  // 7.3 takes 4 KiB for a range of one page without looking for sizes; the search gives the same.
  const leafLg2 = bestPgsize(table.pgsizes, range.va, granules, map.oa, format.granuleLg2);
  if (leafLg2 < 0) return -ERRNO.ENXIO;
  if (map.leafLg2 !== leafLg2) chooseLeaves(table, map, leafLg2);
  return checkAndGrow(table, map.leafLevel);
}

/** Checks protection and output address, and translates the protection where it is not the last map's. */
function protect(table: IommuTable, map: MapState, pa: Addr, prot: number): Ret {
  if ((prot & (IOMMU_READ | IOMMU_WRITE)) === 0) {
    warn(table, 'map without IOMMU_READ or IOMMU_WRITE');
    return -ERRNO.EINVAL;
  }
  // Only the first byte is looked at: a later page may exceed the width and lose its high bits.
  if (isWiderThan(pa, table.maxOaszLg2)) return -ERRNO.ERANGE;
  return prot === map.prot ? 0 : translateProt(table, map, prot);
}

/** What it comes to holds for all later maps: neither features nor the encryption bit of a table change. */
function translateProt(table: IommuTable, map: MapState, prot: number): Ret {
  const { format, scratch } = table;
  const ret = format.setProt(scratch, prot, table);
  if (ret !== 0) return ret;
  map.prot = prot;
  map.attrLo = scratch.lo;
  map.attrHi = scratch.hi;
  map.leafLg2 = -1;
  return 0;
}

/** Turns to leaves of another size. */
function chooseLeaves(table: IommuTable, map: MapState, leafLg2: number): void {
  const { format, scratch } = table;
  const level = levelOfSize(format, leafLg2);
  format.leafBits(scratch, leafLg2, level, table);
  map.leafLg2 = leafLg2;
  map.leafLevel = level;
  map.bitsLo = scratch.lo | map.attrLo;
  map.bitsHi = scratch.hi | map.attrHi;
  map.step = 1 << (leafLg2 - itemLg2(format, level));
  map.items = itemsWritten(table, leafLg2, level);
  map.leafGranules = POW2[leafLg2 - format.granuleLg2]!;
}

/** Runs the walk again as long as it asks for it. Kernel: do_map(). */
function mapManyLeaves(table: IommuTable, map: MapState): MapResult {
  const { format, pgsizes, range } = table;
  const { oa } = map;
  const granules = map.end - range.va;
  map.gather = null;
  map.leaves = pgszCount(pgsizes, range.va, granules, oa, format.granuleLg2, map.leafLg2);
  let ret: Ret;
  do ret = mapLevel(table, map, table.topPfn, table.topLevel);
  while (ret === -ERRNO.EAGAIN);
  // Tables gave way to large leaves: walk caches may still hold them.
  if (hasPages(map.gather)) iommuIotlbSync(table.driver, map.gather);
  return { ret, mapped: granulesToAddr(table, map.oa - oa) };
}

function hasPages(gather: IotlbGather | null): gather is IotlbGather {
  return gather !== null && gather.freelist.length > 0;
}

/**
 * Writes one leaf if all its tables are there and its place is empty; says whether it did.
 * Kernel: __map_single_page(), which does so for 4 KiB only; the result is the same for every size.
 */
function mapSingleLeaf(table: IommuTable, map: MapState): boolean {
  const { format, mem } = table;
  const { va } = table.range;
  const { leafLevel } = map;
  // This way does not flush, so incoherent walkers never take it.
  if (table.incoherent) return false;
  const seen = walkTowards(table, va, leafLevel);
  if (seen.level !== leafLevel) return false;
  const { chunk } = seen;
  const index = itemIn(seen, va);
  const from = seen.base + (index << 1);
  if (isOccupied(format, chunk, from, map.step)) return false;
  const before = mem.watched ? snapshot(mem, seen.pfn, index, map.items) : null;
  const lo = map.bitsLo | addressLo(format, map.oa);
  const hi = map.bitsHi | addressHi(format, map.oa);
  const to = from + (map.items << 1);
  for (let at = from; at < to; at += 2) {
    chunk[at] = lo;
    chunk[at + 1] = hi;
  }
  if (before !== null) reportStores(mem, seen.pfn, index, map.items, before);
  return true;
}

/** Whether any of the items from `chunk[from]` on is present. */
function isOccupied(format: PtFormat, chunk: Int32Array, from: number, items: number): boolean {
  let occupied = 0;
  for (let at = from, end = from + (items << 1); at < end; at += 2) {
    occupied |= (chunk[at]! & format.presentLo) | (chunk[at + 1]! & format.presentHi);
  }
  return occupied !== 0;
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
  const room = Math.floor((tableEnd - first) / map.step);
  const here = Math.min(room, map.leaves);
  const index = installLeaves(table, map, pfn, level, first, first + here * map.step);
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
  const leafLg2 = bestPgsize(table.pgsizes, next, left, map.oa, format.granuleLg2);
  if (leafLg2 < 0) {
    warn(table, 'length is no multiple of the smallest page size');
    return -ERRNO.ENXIO;
  }
  if (map.leafLg2 !== leafLg2) chooseLeaves(table, map, leafLg2);
  map.leaves = pgszCount(table.pgsizes, next, left, map.oa, format.granuleLg2, leafLg2);
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
  const { format, mem } = table;
  const { bitsLo, bitsHi, step, items, leafGranules } = map;
  const chunk = chunkOf(mem, pfn);
  const base = pageBase(pfn);
  let { oa } = map;
  let reported = first;
  let before = mem.watched ? snapshot(mem, pfn, first, end - first) : null;
  map.ret = 0;
  let index = first;
  for (; index < end; index += step) {
    const from = base + (index << 1);
    if (isOccupied(format, chunk, from, step)) {
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
