import type { Addr } from '../bits/pfn.ts';
import { addRange, iommuIotlbSync, isDisjoint, type IotlbGather } from './iotlbGather.ts';
import type { IommuTable, PendingGather } from './iommuTable.ts';

/** Notes a table that was unlinked from a slot of `level`. Kernel: gather_add_table(). */
export function pendTable(
  table: IommuTable,
  pending: PendingGather,
  level: number,
  pfn: number,
): void {
  pending.freelist.push(pfn);
  if (table.detailedGather) pending.tableLevels |= 1 << level;
}

/** Notes that leaves of a level were cleared. Kernel: gather_add_leaf(). */
export function pendLeaf(table: IommuTable, pending: PendingGather, level: number): void {
  if (table.detailedGather) pending.leafLevels |= 1 << level;
}

/**
 * Moves what an operation took out, and the range it covers, to the caller's gather.
 * Without gaps, a range that does not touch the gathered one flushes that one first: its sync frees the gathered
 * pages, so the new ones are moved only after it. Kernel: gather_range_pending().
 */
export function gatherPending(
  table: IommuTable,
  gather: IotlbGather,
  pending: PendingGather,
  iova: Addr,
  length: Addr,
): void {
  if (!gather.queued) {
    if (table.noGaps && isDisjoint(gather, iova, length)) iommuIotlbSync(table.driver, gather);
    addRange(gather, iova, length);
  }
  if (pending.freelist.length > 0) movePages(gather, pending);
  if (table.detailedGather) moveLevels(gather, pending);
}

function movePages(gather: IotlbGather, pending: PendingGather): void {
  // A later list goes in front of the earlier ones.
  gather.freelist = pending.freelist.concat(gather.freelist);
  pending.freelist = [];
}

function moveLevels(gather: IotlbGather, pending: PendingGather): void {
  gather.leafLevels |= pending.leafLevels;
  gather.tableLevels |= pending.tableLevels;
  pending.leafLevels = 0;
  pending.tableLevels = 0;
}
