import { ERRNO, type Ret } from '../bits/errno.ts';
import { EMPTY, kindOf, LEAF, TABLE, tablePfn } from '../fmt/ptFormat.ts';
import { chunkOf, pageBase, store } from '../mem/physMem.ts';
import { gatherPending, pendTable } from './gatherPending.ts';
import type { IotlbGather } from './iotlbGather.ts';
import {
  createPending,
  flushItems,
  granulesToAddr,
  itemGranules,
  type IommuTable,
  type PendingGather,
} from './iommuTable.ts';

const ITEMS = 512;

/**
 * Removes empty tables that stand where a large leaf will be written.
 * Each slot's tables go to the gather once the slot is zero; those of earlier slots stay removed when a later slot
 * turns out to be mapped. Kernel: clear_contig().
 */
export function clearContig(
  table: IommuTable,
  gather: IotlbGather,
  pfn: number,
  level: number,
  va: number,
  index: number,
  count: number,
): Ret {
  const { format, mem } = table;
  const span = itemGranules(level);
  const pending = createPending();
  for (let n = 0; n < count; n++) {
    const chunk = chunkOf(mem, pfn);
    const at = pageBase(pfn) + ((index + n) << 1);
    const kind = kindOf(format, chunk[at]!, chunk[at + 1]!, level);
    if (kind === EMPTY) continue;
    if (kind === LEAF) return -ERRNO.EADDRINUSE;
    const child = tablePfn(format, chunk[at]!, chunk[at + 1]!, table);
    const ret = collectTables(table, pending, child, level - 1, ITEMS, 'refuse leaves');
    if (ret !== 0) return ret;
    // The slot is zero before the gather hears of the tables: the sync may free them at once.
    store(mem, pfn, index + n, 0, 0);
    flushItems(table, pfn, index + n, 1);
    pendTable(table, pending, level, child);
    gatherPending(
      table,
      gather,
      pending,
      granulesToAddr(table, va + n * span),
      granulesToAddr(table, span),
    );
  }
  return 0;
}

/** Lists all tables below one, each before its own children. Kernel: __collect_tables(). */
export function collectTables(
  table: IommuTable,
  pending: PendingGather,
  pfn: number,
  level: number,
  items: number,
  leaves: 'refuse leaves' | 'pass over leaves',
): Ret {
  if (level === 0 && leaves === 'pass over leaves') return 0;
  const { format, mem } = table;
  const chunk = chunkOf(mem, pfn);
  const base = pageBase(pfn);
  for (let index = 0; index < items; index++) {
    const lo = chunk[base + (index << 1)]!;
    const hi = chunk[base + (index << 1) + 1]!;
    const kind = kindOf(format, lo, hi, level);
    if (kind === TABLE) {
      const child = tablePfn(format, lo, hi, table);
      pendTable(table, pending, level, child);
      const ret = collectTables(table, pending, child, level - 1, ITEMS, leaves);
      if (ret !== 0) return ret;
    } else if (kind === LEAF && leaves === 'refuse leaves') {
      return -ERRNO.EADDRINUSE;
    }
  }
  return 0;
}
