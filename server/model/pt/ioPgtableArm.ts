import { ERRNO, type Ret } from '../bits/errno.ts';
import { isWiderThan, PAGE_LG2, ZERO, type Addr } from '../bits/pfn.ts';
import { INV_POW2 } from '../bits/pow2.ts';
import { isZero } from '../bits/pte64.ts';
import {
  ARM_LAST_LEVEL,
  ARM_LEVELS,
  armAddressHi,
  armAddressLo,
  armLeafType,
  armProt,
  armTableBits,
  hasTableType,
  isArmLeaf,
  SW_SYNC_HI,
} from '../fmt/armLpae.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../fmt/prot.ts';
import {
  chunkOf,
  itemBase,
  itemPage,
  load,
  pageBase,
  reportStores,
  snapshot,
  store,
} from '../mem/physMem.ts';
import {
  allocArmTable,
  armIndex,
  armLevelOf,
  armTarget,
  armWalkTowards,
  entriesAt,
  freeArmTable,
  granuleBytes,
  isOutsideIas,
  pagesOn,
  syncEntries,
  warnArm,
  type ArmTable,
} from './armTable.ts';
import type { IotlbGather } from './iotlbGather.ts';
import type { MapResult } from './mapRange.ts';
import { itemIn, type SeenTable } from './seenTable.ts';

const ENTRIES_PER_PAGE = 512;
const ITEM_MASK = ENTRIES_PER_PAGE - 1;

/**
 * Maps up to `count` pages of one size, at most to the end of one table.
 * Kernel: arm_lpae_map_pages().
 */
export function armMapPages(
  table: ArmTable,
  iova: Addr,
  pa: Addr,
  pageSize: Addr,
  count: number,
  prot: number,
): MapResult {
  const refused = checkMap(table, iova, pa, pageSize, prot);
  if (refused !== 0) return { ret: refused, mapped: ZERO };
  if (table.lastProt.prot !== prot) translateProt(table, prot);
  const mapped = mapInto(table, iova, pa.pfn, pageSize.pfn, count);
  if (mapped < 0) return { ret: mapped, mapped: ZERO };
  return { ret: 0, mapped: mapped === 1 ? pageSize : { pfn: mapped * pageSize.pfn, offset: 0 } };
}

function checkMap(table: ArmTable, iova: Addr, pa: Addr, pageSize: Addr, prot: number): Ret {
  if (!isSupported(table, pageSize)) return -ERRNO.EINVAL;
  if (isOutsideIas(table, iova) || isWiderThan(pa, table.config.oas)) {
    warnArm(table, 'address outside ias or oas', 'always');
    return -ERRNO.ERANGE;
  }
  return (prot & (IOMMU_READ | IOMMU_WRITE)) === 0 ? -ERRNO.EINVAL : 0;
}

function translateProt(table: ArmTable, prot: number): void {
  const { lastProt } = table;
  armProt(table.format.stage, table.quirks, prot, lastProt);
  lastProt.prot = prot;
}

/** Whether a page size is one that the table offers. Any sum of offered sizes passes, as in the kernel. */
function isSupported(table: ArmTable, { pfn, offset }: Addr): boolean {
  const { pgsizes } = table.config;
  const unknown = ((pfn << PAGE_LG2) & ~pgsizes.lo) | ((pfn * PFN_TO_HIGH_HALF) & ~pgsizes.hi);
  if ((unknown | offset) === 0 && pfn !== 0) return true;
  warnArm(table, 'page size not in pgsize_bitmap', 'always');
  return false;
}

const PFN_TO_HIGH_HALF = INV_POW2[32 - PAGE_LG2]!;
const PAGE_BYTES = 1 << PAGE_LG2;

/** Begins where the last walk into the region led. Gives the number of leaves written, or an error. */
function mapInto(
  table: ArmTable,
  iova: Addr,
  paPfn: number,
  pageSize: number,
  count: number,
): number {
  // For an incoherent walker, entries on the way may still have to be flushed.
  const lowest = table.incoherent ? table.geometry.startLevel : armLevelOf(table, pageSize);
  const seen = armWalkTowards(table, iova.pfn, lowest);
  const { level, pfn } = seen;
  if (table.spans[level] !== pageSize) {
    return mapBelow(table, iova, paPfn, pageSize, count, level, pfn);
  }
  if (count === 1 && writeLeaf(table, seen, iova.pfn, paPfn)) return 1;
  return initEntries(table, iova, paPfn, count, level, pfn);
}

/**
 * Writes one leaf where nothing is in its way; says whether it did.
 * Does what `initEntries` does, for what most maps are.
 */
function writeLeaf(table: ArmTable, seen: SeenTable, iovaPfn: number, paPfn: number): boolean {
  const { mem, lastProt } = table;
  const { stage } = table.format;
  const { pfn, level, chunk } = seen;
  const index = itemIn(seen, iovaPfn);
  const at = seen.base + (index << 1);
  if (at >= chunk.length || isArmLeaf(stage, chunk[at]!, level) || hasTableType(chunk[at]!)) {
    return false;
  }
  const page = itemPage(pfn, index);
  const before = mem.watched ? snapshot(mem, page, index & ITEM_MASK, 1) : null;
  chunk[at] = lastProt.lo | armLeafType(stage, level) | armAddressLo(paPfn);
  chunk[at + 1] = lastProt.hi | armAddressHi(paPfn);
  if (before !== null) reportStores(mem, page, index & ITEM_MASK, 1, before);
  syncEntries(table, pfn, index, 1);
  return true;
}

/** Descends to the level of the page size. Kernel: __arm_lpae_map(). */
function mapBelow(
  table: ArmTable,
  iova: Addr,
  paPfn: number,
  pageSize: number,
  count: number,
  level: number,
  pfn: number,
): number {
  if (pageSize === table.spans[level]) {
    return initEntries(table, iova, paPfn, count, level, pfn);
  }
  if (level >= ARM_LAST_LEVEL) return -ERRNO.EINVAL;
  const child = tableBelow(table, level, pfn, armIndex(table, iova.pfn, level));
  if (child < 0) return child;
  return mapBelow(table, iova, paPfn, pageSize, count, level + 1, child);
}

/** The table that an entry points to, made where there is none. Gives its page, or an error. */
function tableBelow(table: ArmTable, level: number, pfn: number, index: number): number {
  const page = itemPage(pfn, index);
  const chunk = chunkOf(table.mem, page);
  const at = itemBase(page, index);
  if ((chunk[at]! | chunk[at + 1]!) === 0) {
    const child = allocArmTable(table, granuleBytes(table.geometry));
    if (child < 0) return -ERRNO.ENOMEM;
    linkTable(table, pfn, index, child);
  } else if ((chunk[at + 1]! & SW_SYNC_HI) === 0) {
    // Whoever installed it may not have flushed it yet.
    syncEntries(table, pfn, index, 1);
  }
  if (isArmLeaf(table.format.stage, chunk[at]!, level)) {
    warnArm(table, 'entry already present', 'unless quiet');
    return -ERRNO.EEXIST;
  }
  return armTarget(table, chunk[at]!, chunk[at + 1]!);
}

/** Entries from an index to the end of its table; of concatenated tables, the one it is in. Kernel: arm_lpae_max_entries(). */
function roomFrom(table: ArmTable, index: number): number {
  const perTable = 1 << table.geometry.bitsPerLevel;
  return perTable - (index & (perTable - 1));
}

/** Points an entry to a fresh table. Kernel: arm_lpae_install_table(). */
function linkTable(table: ArmTable, pfn: number, index: number, child: number): void {
  const bits = armTableBits(table.quirks);
  const lo = bits.lo | armAddressLo(child);
  const hi = bits.hi | armAddressHi(child);
  store(table.mem, pfn, index, lo, hi);
  if (!table.incoherent) return;
  syncEntries(table, pfn, index, 1);
  // The mark needs no flush: only software reads it.
  store(table.mem, pfn, index, lo, hi | SW_SYNC_HI);
}

/**
 * Writes leaves into one table where nothing is mapped, at most to its end. Gives their number, or an error.
 * Kernel: arm_lpae_init_pte().
 */
function initEntries(
  table: ArmTable,
  iova: Addr,
  paPfn: number,
  count: number,
  level: number,
  pfn: number,
): number {
  const index = armIndex(table, iova.pfn, level);
  const room = Math.min(count, roomFrom(table, index));
  const ret = makeRoom(table, iova, room, level, pfn, index);
  if (ret !== 0) return ret;
  writeLeaves(table, paPfn, room, level, pfn, index);
  return room;
}

/** Refuses where leaves are mapped, and removes tables that are in the way. */
function makeRoom(
  table: ArmTable,
  iova: Addr,
  count: number,
  level: number,
  pfn: number,
  index: number,
): Ret {
  const { stage } = table.format;
  for (let n = 0; n < count;) {
    const page = itemPage(pfn, index + n);
    const chunk = chunkOf(table.mem, page);
    const end = n + runFrom(index + n, count - n);
    for (let at = itemBase(page, index + n); n < end; n++, at += 2) {
      const lo = chunk[at]!;
      if (isArmLeaf(stage, lo, level)) {
        warnArm(table, 'entry already present', 'unless quiet');
        return -ERRNO.EEXIST;
      }
      if (hasTableType(lo)) {
        const from = pagesOn(iova, n * table.spans[level]!);
        removeTable(table, from, level, pfn, index + n);
        // The kernel unmaps it, which clears the entry once more: an incoherent walker has it cleaned twice.
        clearEntries(table, pfn, index + n, 1);
      }
    }
  }
  return 0;
}

/** The loop of a bulk map, one page of entries at a time. Kernel: __arm_lpae_init_pte(). */
function writeLeaves(
  table: ArmTable,
  paPfn: number,
  count: number,
  level: number,
  pfn: number,
  index: number,
): void {
  const { mem, lastProt } = table;
  const lo = lastProt.lo | armLeafType(table.format.stage, level);
  const { hi } = lastProt;
  const pageSize = table.spans[level]!;
  let pa = paPfn;
  for (let done = 0; done < count;) {
    const page = itemPage(pfn, index + done);
    const item = (index + done) & ITEM_MASK;
    const run = runFrom(index + done, count - done);
    const before = mem.watched ? snapshot(mem, page, item, run) : null;
    const chunk = chunkOf(mem, page);
    const from = pageBase(page) + (item << 1);
    const end = from + (run << 1);
    for (let at = from; at < end; at += 2) {
      chunk[at] = lo | armAddressLo(pa);
      chunk[at + 1] = hi | armAddressHi(pa);
      pa += pageSize;
    }
    if (before !== null) reportStores(mem, page, item, run, before);
    done += run;
  }
  syncEntries(table, pfn, index, count);
}

/** How many of some entries follow one another in a page: tables of large granules span several. */
function runFrom(index: number, count: number): number {
  return Math.min(count, ENTRIES_PER_PAGE - (index & ITEM_MASK));
}

/**
 * Unmaps up to `count` pages of one size, at most to the end of one table. Gives the bytes removed.
 * A larger leaf is never cut: nothing is removed then. Kernel: arm_lpae_unmap_pages().
 */
export function armUnmapPages(
  table: ArmTable,
  iova: Addr,
  pageSize: Addr,
  count: number,
  gather: IotlbGather,
): Addr {
  if (!isSupported(table, pageSize) || count === 0) return ZERO;
  if (isOutsideIas(table, iova)) {
    warnArm(table, 'address outside ias or oas', 'always');
    return ZERO;
  }
  const seen = armWalkTowards(table, iova.pfn, armLevelOf(table, pageSize.pfn));
  const { level, pfn } = seen;
  if (count === 1 && table.spans[level] === pageSize.pfn && clearLeaf(table, seen, iova.pfn)) {
    if (!gather.queued) table.tlb.addPage(gather, iova, pageSize.pfn * PAGE_BYTES);
    return pageSize;
  }
  const removed =
    table.spans[level] === pageSize.pfn
      ? removeEntries(table, gather, iova, count, level, pfn)
      : unmapBelow(table, gather, iova, pageSize.pfn, count, level, pfn);
  return removed === 1 ? pageSize : { pfn: removed * pageSize.pfn, offset: 0 };
}

/**
 * Clears the entry of an address if it is a leaf; says whether it did.
 * Does what `removeEntries` does, for what most unmaps are.
 */
function clearLeaf(table: ArmTable, seen: SeenTable, iovaPfn: number): boolean {
  const { mem } = table;
  const { pfn, level, chunk } = seen;
  const index = itemIn(seen, iovaPfn);
  const at = seen.base + (index << 1);
  if (at >= chunk.length || !isArmLeaf(table.format.stage, chunk[at]!, level)) return false;
  const page = itemPage(pfn, index);
  const before = mem.watched ? snapshot(mem, page, index & ITEM_MASK, 1) : null;
  chunk[at] = 0;
  chunk[at + 1] = 0;
  if (before !== null) reportStores(mem, page, index & ITEM_MASK, 1, before);
  syncEntries(table, pfn, index, 1);
  return true;
}

/** Descends to the level of the page size. Gives the number of entries removed. Kernel: __arm_lpae_unmap(). */
function unmapBelow(
  table: ArmTable,
  gather: IotlbGather,
  iova: Addr,
  size: number,
  count: number,
  level: number,
  pfn: number,
): number {
  if (level >= ARM_LEVELS) {
    warnArm(table, 'table pointer at the last level', 'always');
    return 0;
  }
  if (size === table.spans[level]) return removeEntries(table, gather, iova, count, level, pfn);
  const { lo, hi } = load(table.mem, pfn, armIndex(table, iova.pfn, level));
  if ((lo | hi) === 0) {
    warnArm(table, 'entry not present', 'unless quiet');
    return 0;
  }
  if (isArmLeaf(table.format.stage, lo, level)) {
    warnArm(table, 'partial unmap of a large entry', 'always');
    return 0;
  }
  return unmapBelow(table, gather, iova, size, count, level + 1, armTarget(table, lo, hi));
}

/**
 * Clears entries of the page size's level up to the first empty one; tables among them go with all they map.
 * Gives their number. Kernel: the part of __arm_lpae_unmap() where the size matches.
 */
function removeEntries(
  table: ArmTable,
  gather: IotlbGather,
  iova: Addr,
  count: number,
  level: number,
  pfn: number,
): number {
  const { mem } = table;
  const size = table.spans[level]!;
  const index = armIndex(table, iova.pfn, level);
  const room = Math.min(count, roomFrom(table, index));
  let removed = 0;
  for (; removed < room; removed++) {
    const page = itemPage(pfn, index + removed);
    const chunk = chunkOf(mem, page);
    const at = itemBase(page, index + removed);
    const lo = chunk[at]!;
    const hi = chunk[at + 1]!;
    if ((lo | hi) === 0) {
      warnArm(table, 'entry not present', 'unless quiet');
      break;
    }
    if (!isArmLeaf(table.format.stage, lo, level)) {
      removeTable(table, pagesOn(iova, removed * size), level, pfn, index + removed);
    }
  }
  if (removed > 0) clearEntries(table, pfn, index, removed);
  if (!gather.queued) {
    for (let n = 0; n < removed; n++) {
      table.tlb.addPage(gather, n === 0 ? iova : pagesOn(iova, n * size), size * PAGE_BYTES);
    }
  }
  return removed;
}

/** Unlinks a table and frees it with all below. */
function removeTable(table: ArmTable, iova: Addr, level: number, pfn: number, index: number): void {
  const { lo, hi } = load(table.mem, pfn, index);
  clearEntries(table, pfn, index, 1);
  // The walker may hold a pointer to the table: its caches go before the memory does.
  table.tlb.flushWalk(iova, table.spans[level]! * PAGE_BYTES, granuleBytes(table.geometry));
  freeTables(table, level + 1, armTarget(table, lo, hi));
}

/** Zeroes a run of entries. Kernel: __arm_lpae_clear_pte(). */
function clearEntries(table: ArmTable, pfn: number, index: number, count: number): void {
  const { mem } = table;
  for (let done = 0; done < count;) {
    const page = itemPage(pfn, index + done);
    const item = (index + done) & ITEM_MASK;
    const run = runFrom(index + done, count - done);
    const before = mem.watched ? snapshot(mem, page, item, run) : null;
    const chunk = chunkOf(mem, page);
    const from = pageBase(page) + (item << 1);
    const end = from + (run << 1);
    for (let half = from; half < end; half++) chunk[half] = 0;
    if (before !== null) reportStores(mem, page, item, run, before);
    done += run;
  }
  syncEntries(table, pfn, index, count);
}

/** Frees a table after the tables below it. Kernel: __arm_lpae_free_pgtable(). */
function freeTables(table: ArmTable, level: number, pfn: number): void {
  const entries = level >= ARM_LAST_LEVEL ? 0 : entriesAt(table, level);
  for (let index = 0; index < entries; index++) {
    const entry = load(table.mem, pfn, index);
    if (isZero(entry) || isArmLeaf(table.format.stage, entry.lo, level)) continue;
    freeTables(table, level + 1, armTarget(table, entry.lo, entry.hi));
  }
  freeArmTable(table, pfn);
}

/** Frees everything, after the driver has dropped what hardware caches. Kernel: free_io_pgtable_ops(). */
export function freeArmPgtable(table: ArmTable): void {
  table.tlb.flushAll();
  freeTables(table, table.geometry.startLevel, table.pgdPfn);
}
