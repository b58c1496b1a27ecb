import { ERRNO, type Ret } from '../bits/errno.ts';
import { isWiderThan, PAGE_LG2, ZERO, type Addr } from '../bits/pfn.ts';
import { INV_POW2, POW2 } from '../bits/pow2.ts';
import { isZero, type Word64 } from '../bits/pte64.ts';
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
  armWalkLevel,
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

/** What a map writes: the same for all its leaves. */
interface LeafBits extends Word64 {
  readonly pageSize: number;
}

const ENTRIES_PER_PAGE = 512;

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
  if (!isSupported(table, pageSize)) return failed(ERRNO.EINVAL);
  if (isOutsideIas(table, iova) || isWiderThan(pa, table.config.oas)) {
    warnArm(table, 'address outside ias or oas', 'always');
    return failed(ERRNO.ERANGE);
  }
  if ((prot & (IOMMU_READ | IOMMU_WRITE)) === 0) return failed(ERRNO.EINVAL);
  const { lastProt } = table;
  if (lastProt.prot !== prot) {
    armProt(table.format.stage, table.quirks, prot, lastProt);
    lastProt.prot = prot;
  }
  const leaf: LeafBits = { lo: lastProt.lo, hi: lastProt.hi, pageSize: pageSize.pfn };
  const mapped = mapInto(table, iova, pa.pfn, count, leaf);
  return mapped < 0
    ? { ret: mapped, mapped: ZERO }
    : { ret: 0, mapped: { pfn: mapped * leaf.pageSize, offset: 0 } };
}

function failed(errno: number): MapResult {
  return { ret: -errno, mapped: ZERO };
}

/** Whether a page size is one that the table offers. Any sum of offered sizes passes, as in the kernel. */
function isSupported(table: ArmTable, { pfn, offset }: Addr): boolean {
  const { pgsizes } = table.config;
  const unknown = ((pfn << PAGE_LG2) & ~pgsizes.lo) | ((pfn * PFN_TO_HIGH_HALF) & ~pgsizes.hi);
  const ok = offset === 0 && pfn !== 0 && unknown === 0;
  if (!ok) warnArm(table, 'page size not in pgsize_bitmap', 'always');
  return ok;
}

const PFN_TO_HIGH_HALF = INV_POW2[32 - PAGE_LG2]!;

/** Descends to the level of the page size. Gives the number of leaves written, or an error. Kernel: __arm_lpae_map(). */
function mapInto(
  table: ArmTable,
  iova: Addr,
  paPfn: number,
  count: number,
  leaf: LeafBits,
): number {
  const { mem, spans } = table;
  const { stage } = table.format;
  let pfn = table.pgdPfn;
  let level = table.geometry.startLevel;
  // For an incoherent walker, entries on the way may still have to be flushed.
  if (!table.incoherent) {
    const walk = armWalkTowards(table, iova.pfn, armLevelOf(table, leaf.pageSize));
    pfn = walk.table;
    level = armWalkLevel(table, walk);
  }
  for (; ; level++) {
    const index = armIndex(table, iova.pfn, level);
    if (leaf.pageSize === spans[level]!) {
      const room = Math.min(count, roomFrom(table, index));
      const ret = initEntries(table, iova, paPfn, room, leaf, level, pfn, index);
      return ret === 0 ? room : ret;
    }
    if (level >= ARM_LAST_LEVEL) return -ERRNO.EINVAL;
    const page = itemPage(pfn, index);
    const chunk = chunkOf(mem, page);
    const at = itemBase(page, index);
    if ((chunk[at]! | chunk[at + 1]!) === 0) {
      const child = allocArmTable(table, granuleBytes(table.geometry));
      if (child < 0) return -ERRNO.ENOMEM;
      linkTable(table, pfn, index, child);
    } else if ((chunk[at + 1]! & SW_SYNC_HI) === 0) {
      // Whoever installed it may not have flushed it yet.
      syncEntries(table, pfn, index, 1);
    }
    if (isArmLeaf(stage, chunk[at]!, level)) {
      warnArm(table, 'entry already present', 'unless quiet');
      return -ERRNO.EEXIST;
    }
    pfn = armTarget(table, chunk[at]!, chunk[at + 1]!);
  }
}

/** Entries from an index to the end of its table; of concatenated tables, the one it is in. Kernel: arm_lpae_max_entries(). */
function roomFrom(table: ArmTable, index: number): number {
  const perTable = POW2[table.geometry.bitsPerLevel]!;
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

/** Writes leaves where nothing is mapped, removing tables that are in the way. Kernel: arm_lpae_init_pte(). */
function initEntries(
  table: ArmTable,
  iova: Addr,
  paPfn: number,
  count: number,
  leaf: LeafBits,
  level: number,
  pfn: number,
  index: number,
): Ret {
  const { stage } = table.format;
  const size = leaf.pageSize;
  for (let n = 0; n < count;) {
    const page = itemPage(pfn, index + n);
    const chunk = chunkOf(table.mem, page);
    const end = Math.min(count, n + ENTRIES_PER_PAGE - ((index + n) % ENTRIES_PER_PAGE));
    for (let at = itemBase(page, index + n); n < end; n++, at += 2) {
      const lo = chunk[at]!;
      if (isArmLeaf(stage, lo, level)) {
        warnArm(table, 'entry already present', 'unless quiet');
        return -ERRNO.EEXIST;
      }
      if (hasTableType(lo)) {
        removeEntries(table, null, pagesOn(iova, n * size), 1, level, pfn, index + n);
      }
    }
  }
  writeLeaves(table, paPfn, count, leaf, level, pfn, index);
  syncEntries(table, pfn, index, count);
  return 0;
}

/** The loop of a bulk map, one page of entries at a time. Kernel: __arm_lpae_init_pte(). */
function writeLeaves(
  table: ArmTable,
  paPfn: number,
  count: number,
  leaf: LeafBits,
  level: number,
  pfn: number,
  index: number,
): void {
  const { mem } = table;
  const lo = leaf.lo | armLeafType(table.format.stage, level);
  let pa = paPfn;
  for (let done = 0; done < count;) {
    const page = itemPage(pfn, index + done);
    const item = (index + done) % ENTRIES_PER_PAGE;
    const run = Math.min(count - done, ENTRIES_PER_PAGE - item);
    const before = mem.watched ? snapshot(mem, page, item, run) : null;
    const chunk = chunkOf(mem, page);
    const end = pageBase(page) + ((item + run) << 1);
    for (let at = pageBase(page) + (item << 1); at < end; at += 2) {
      chunk[at] = lo | armAddressLo(pa);
      chunk[at + 1] = leaf.hi | armAddressHi(pa);
      pa += leaf.pageSize;
    }
    if (before !== null) reportStores(mem, page, item, run, before);
    done += run;
  }
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
  const removed = unmapFrom(table, gather, iova, pageSize.pfn, count);
  return { pfn: removed * pageSize.pfn, offset: 0 };
}

/** Descends to the level of the page size. Gives the number of entries removed. Kernel: __arm_lpae_unmap(). */
function unmapFrom(
  table: ArmTable,
  gather: IotlbGather,
  iova: Addr,
  size: number,
  count: number,
): number {
  const { mem, spans } = table;
  const { stage } = table.format;
  const walk = armWalkTowards(table, iova.pfn, armLevelOf(table, size));
  let pfn = walk.table;
  for (let level = armWalkLevel(table, walk); level < ARM_LEVELS; level++) {
    const index = armIndex(table, iova.pfn, level);
    const page = itemPage(pfn, index);
    const chunk = chunkOf(mem, page);
    const at = itemBase(page, index);
    const lo = chunk[at]!;
    const hi = chunk[at + 1]!;
    if ((lo | hi) === 0) {
      warnArm(table, 'entry not present', 'unless quiet');
      return 0;
    }
    if (size === spans[level]!) {
      return removeEntries(table, gather, iova, count, level, pfn, index);
    }
    if (isArmLeaf(stage, lo, level)) {
      warnArm(table, 'partial unmap of a large entry', 'always');
      return 0;
    }
    pfn = armTarget(table, lo, hi);
  }
  warnArm(table, 'table pointer at the last level', 'always');
  return 0;
}

/**
 * Clears entries of the page size's level up to the first empty one; tables among them go with all they map.
 * Gives their number. Kernel: the part of __arm_lpae_unmap() where the size matches.
 */
function removeEntries(
  table: ArmTable,
  gather: IotlbGather | null,
  iova: Addr,
  count: number,
  level: number,
  pfn: number,
  index: number,
): number {
  const { mem } = table;
  const size = table.spans[level]!;
  const byteCount = size * POW2[PAGE_LG2]!;
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
    if (isArmLeaf(table.format.stage, lo, level)) continue;
    clearEntries(table, pfn, index + removed, 1);
    // The walker may hold a pointer to the table: its caches go before the memory does.
    table.tlb.flushWalk(pagesOn(iova, removed * size), byteCount, granuleBytes(table.geometry));
    freeTables(table, level + 1, armTarget(table, lo, hi));
  }
  clearEntries(table, pfn, index, removed);
  if (gather !== null && !gather.queued) {
    for (let n = 0; n < removed; n++) {
      table.tlb.addPage(gather, n === 0 ? iova : pagesOn(iova, n * size), byteCount);
    }
  }
  return removed;
}

/** Zeroes a run of entries. Kernel: __arm_lpae_clear_pte(). */
function clearEntries(table: ArmTable, pfn: number, index: number, count: number): void {
  const { mem } = table;
  for (let done = 0; done < count;) {
    const page = itemPage(pfn, index + done);
    const item = (index + done) % ENTRIES_PER_PAGE;
    const run = Math.min(count - done, ENTRIES_PER_PAGE - item);
    const before = mem.watched ? snapshot(mem, page, item, run) : null;
    const at = pageBase(page) + (item << 1);
    const chunk = chunkOf(mem, page);
    for (let half = at; half < at + (run << 1); half++) chunk[half] = 0;
    if (before !== null) reportStores(mem, page, item, run, before);
    done += run;
  }
  if (count > 0) syncEntries(table, pfn, index, count);
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
