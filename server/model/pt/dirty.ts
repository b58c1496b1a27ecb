import { ERRNO, type Ret } from '../bits/errno.ts';
import type { Addr } from '../bits/pfn.ts';
import { EMPTY, kindOf, LEAF, TABLE, tablePfn } from '../fmt/ptFormat.ts';
import { logIova } from '../mem/events.ts';
import { chunkOf, pageBase, store } from '../mem/physMem.ts';
import { addRange, type IotlbGather } from './iotlbGather.ts';
import {
  endIndexOf,
  granulesToAddr,
  indexOf,
  itemGranules,
  makeRange,
  type IommuTable,
} from './iommuTable.ts';

/** Leave the dirty bits as they are. Source: include/linux/iommu.h, IOMMU_DIRTY_NO_CLEAR. */
export const IOMMU_DIRTY_NO_CLEAR = 1;

/** Where dirty ranges are reported to. Kernel: struct iommu_dirty_bitmap. */
export interface DirtyBitmap {
  /** Called for each dirty range, in ascending order; `null` when the caller only wants the bits cleared. */
  readonly record: ((iova: Addr, length: Addr) => void) | null;
  readonly gather: IotlbGather;
}

const ITEMS = 512;

/**
 * Reports which leaves of a range the device wrote to, and clears their dirty bits unless told otherwise.
 * Kernel: DOMAIN_NS(read_and_clear_dirty)().
 */
export function readAndClearDirty(
  table: IommuTable,
  iova: Addr,
  length: Addr,
  flags: number,
  bitmap: DirtyBitmap,
): Ret {
  if (table.format.dirtyLo === 0) return -ERRNO.EOPNOTSUPP;
  const refused = makeRange(table, iova, length);
  if (refused !== 0) return refused;
  readTable(table, bitmap, flags, table.topPfn, table.topLevel);
  return 0;
}

/** Kernel: __read_and_clear_dirty(). */
function readTable(
  table: IommuTable,
  bitmap: DirtyBitmap,
  flags: number,
  pfn: number,
  level: number,
): void {
  const { format, mem, range } = table;
  const first = indexOf(table, range.va, level);
  const end = endIndexOf(table, level);
  const span = itemGranules(level);
  const firstVa = Math.floor(range.va / span) * span;
  for (let index = first; index < end;) {
    if (index !== first) {
      range.va = firstVa + (index - first) * span;
      range.vaSub = 0;
    }
    const chunk = chunkOf(mem, pfn);
    const at = pageBase(pfn) + (index << 1);
    const lo = chunk[at]!;
    const hi = chunk[at + 1]!;
    const kind = kindOf(format, lo, hi, level);
    if (kind !== LEAF) {
      if (kind === TABLE) {
        readTable(table, bitmap, flags, tablePfn(format, lo, hi, table), level - 1);
      }
      index++;
      continue;
    }
    const items = 1 << format.numContigLg2(lo, hi, level);
    const run = index - (index % items);
    if (isRunDirty(table, pfn, run, items)) {
      recordDirty(table, bitmap, flags, level, index, items, end);
      if ((flags & IOMMU_DIRTY_NO_CLEAR) === 0) cleanRun(table, pfn, run, items);
    }
    index = run + items;
  }
}

/** Kernel: record_dirty(). */
function recordDirty(
  table: IommuTable,
  bitmap: DirtyBitmap,
  flags: number,
  level: number,
  index: number,
  items: number,
  end: number,
): void {
  let count = 1;
  if (items > 1) {
    const runLast = index - (index % items) + items - 1;
    // 7.3 takes the last item of the run for the one after it, and so loses it.
    const runEnd = table.profile === '7.3' ? runLast : runLast + 1;
    count = Math.min(runEnd, end) - index;
  }
  const start = granulesToAddr(table, table.range.va, table.range.vaSub);
  const length = granulesToAddr(table, count * itemGranules(level));
  if (bitmap.record !== null) {
    if (table.mem.log !== null) logIova(table.mem.log, 'dirty', start, length);
    bitmap.record(start, length);
  }
  if ((flags & IOMMU_DIRTY_NO_CLEAR) === 0) addRange(bitmap.gather, start, length);
}

/** Kernel: pt_entry_is_write_dirty(). */
function isRunDirty(table: IommuTable, pfn: number, run: number, items: number): boolean {
  const chunk = chunkOf(table.mem, pfn);
  const base = pageBase(pfn);
  const end = Math.min(run + items, ITEMS);
  for (let index = run; index < end; index++) {
    if ((chunk[base + (index << 1)]! & table.format.dirtyLo) !== 0) return true;
  }
  return false;
}

/** Kernel: pt_entry_make_write_clean(). */
function cleanRun(table: IommuTable, pfn: number, run: number, items: number): void {
  const chunk = chunkOf(table.mem, pfn);
  const end = Math.min(run + items, ITEMS);
  for (let index = run; index < end; index++) {
    const at = pageBase(pfn) + (index << 1);
    const lo = chunk[at]!;
    if ((lo & table.format.dirtyLo) !== 0) {
      store(table.mem, pfn, index, lo & ~table.format.dirtyLo, chunk[at + 1]!);
    }
  }
}

/**
 * Sets the dirty bit of the item that translates an address, as hardware does on a write.
 * Kernel: NS(set_dirty)(), compiled for the selftest.
 */
export function setDirty(table: IommuTable, iova: Addr): Ret {
  const { format, mem } = table;
  if (format.dirtyLo === 0) return -ERRNO.EOPNOTSUPP;
  const refused = makeRange(table, iova, ONE_BYTE);
  if (refused !== 0) return refused;
  let pfn = table.topPfn;
  for (let level = table.topLevel; ; level--) {
    const index = indexOf(table, table.range.va, level);
    const chunk = chunkOf(mem, pfn);
    const at = pageBase(pfn) + (index << 1);
    const lo = chunk[at]!;
    const hi = chunk[at + 1]!;
    const kind = kindOf(format, lo, hi, level);
    if (kind === EMPTY) return -ERRNO.ENOENT;
    if (kind === LEAF) {
      store(mem, pfn, index, lo | format.dirtyLo, hi);
      return 0;
    }
    pfn = tablePfn(format, lo, hi, table);
  }
}

const ONE_BYTE: Addr = Object.freeze({ pfn: 0, offset: 1 });
