import { ERRNO, type Ret } from '../bits/errno.ts';
import { ZERO, type Addr } from '../bits/pfn.ts';
import { divPow2, INV_POW2, modPow2 } from '../bits/pow2.ts';
import { ITEMS_LG2, kindOf, LEAF, TABLE, tablePfn } from '../fmt/ptFormat.ts';
import { chunkOf, load, pageBase, reportStores, snapshot, store } from '../mem/physMem.ts';
import { gatherPending, pendLeaf, pendTable } from './gatherPending.ts';
import type { IotlbGather } from './iotlbGather.ts';
import {
  endIndexOf,
  flushItems,
  granulesToAddr,
  indexOf,
  itemGranules,
  makeRange,
  type IommuTable,
  type PtRange,
  type UnmapState,
  walkTowards,
} from './iommuTable.ts';
import { itemIn } from './seenTable.ts';

const ITEMS = 512;

/**
 * Removes leaves from `iova` on, up to the first hole or the end of the range. Gives the bytes removed.
 * A leaf is removed whole or not at all: one that begins before the range stops the walk, one that ends after it
 * makes the result larger than `length`. Kernel: NS(unmap_range)().
 */
export function unmapRange(table: IommuTable, iova: Addr, length: Addr, gather: IotlbGather): Addr {
  const state = table.unmap;
  if (makeRange(table, iova, length) !== 0) return ZERO;
  state.removed = 0;
  if (!unmapSingleLeaf(table, state)) unmapBelow(table, state);
  const removed = granulesToAddr(table, state.removed);
  // Even when nothing was removed: the gather then widens by an empty range, as the kernel's does.
  gatherPending(table, gather, state.pending, iova, removed);
  return removed;
}

/**
 * Removes the leaf that fills the range, if one does; says whether it did.
 * No kernel counterpart: most ranges are one leaf, and its removal needs none of what the others need.
 */
function unmapSingleLeaf(table: IommuTable, state: UnmapState): boolean {
  const { format, mem, range } = table;
  const seen = walkTowards(table, range.va, 0);
  const { pfn, level, chunk } = seen;
  const index = itemIn(seen, range.va);
  const from = seen.base + (index << 1);
  const lo = chunk[from]!;
  const hi = chunk[from + 1]!;
  if (kindOf(format, lo, hi, level) !== LEAF) return false;
  const items = 1 << format.numContigLg2(lo, hi, level);
  const granules = items * itemGranules(level);
  // A size code that points past the table can only be corruption.
  if (range.last - range.va !== granules - 1 || !range.lastFull || items > ITEMS) return false;
  if (!startsLeaf(table, lo, hi, level)) return false;
  const before = mem.watched ? snapshot(mem, pfn, index, items) : null;
  for (let half = from, to = from + (items << 1); half < to; half++) chunk[half] = 0;
  if (before !== null) reportStores(mem, pfn, index, items, before);
  pendLeaf(table, state.pending, level);
  flushItems(table, pfn, index, items);
  state.removed = granules;
  return true;
}

/** Skips the tables of which the range takes part of one slot only: nothing happens to them. */
function unmapBelow(table: IommuTable, state: UnmapState): void {
  const { range, topLevel } = table;
  let lowest = 0;
  while (lowest < topLevel && !isInsideSlot(range, lowest + 1)) lowest++;
  const { pfn, level } = walkTowards(table, range.va, lowest);
  unmapTable(table, state, pfn, level);
}

/** Whether a range begins and ends in one slot of a level without filling it. */
function isInsideSlot({ va, last }: PtRange, level: number): boolean {
  // In slots; the quotients are exact.
  const perSlot = INV_POW2[ITEMS_LG2 * level]!;
  const first = va * perSlot;
  const end = (last + 1) * perSlot;
  return end - first < 1 && end <= Math.floor(first) + 1;
}

/** Works through the slots of one table. Gives an error where the range stops being mapped. Kernel: __unmap_range(). */
function unmapTable(table: IommuTable, state: UnmapState, pfn: number, level: number): Ret {
  const { va } = table.range;
  const first = indexOf(table, va, level);
  const end = endIndexOf(table, level);
  const chunk = chunkOf(table.mem, pfn);
  const base = pageBase(pfn);
  let cleared = 0;
  let flushFirst = -1;
  let flushEnd = -1;
  let ret: Ret = 0;
  for (let index = first; index < end;) {
    const lo = chunk[base + (index << 1)]!;
    const hi = chunk[base + (index << 1) + 1]!;
    const kind = kindOf(table.format, lo, hi, level);
    if (kind === LEAF) {
      if (index === first && !startsLeaf(table, lo, hi, level)) return -ERRNO.EINVAL;
      const next = clearLeaves(table, pfn, level, index, end);
      pendLeaf(table, state.pending, level);
      cleared += next - index;
      if (flushFirst < 0) flushFirst = index;
      flushEnd = next;
      index = next;
    } else if (kind === TABLE) {
      if (index !== first) moveToSlot(table, va, level, index - first);
      const outcome = unmapChild(table, state, pfn, level, index);
      if (outcome < 0) {
        ret = outcome;
        break;
      }
      if (outcome === UNLINKED) {
        if (flushFirst < 0) flushFirst = index;
        flushEnd = index + 1;
      }
      index++;
    } else {
      ret = -ERRNO.EINVAL;
      break;
    }
  }
  state.removed += cleared * itemGranules(level);
  if (flushFirst >= 0) flushItems(table, pfn, flushFirst, flushEnd - flushFirst);
  return ret;
}

/** Moves the walk range to a later slot of the table in which it stood at `va`. */
function moveToSlot(table: IommuTable, va: number, level: number, slots: number): void {
  const { range } = table;
  range.va = (divPow2(va, ITEMS_LG2 * level) + slots) * itemGranules(level);
  range.vaSub = 0;
}

/** What `unmapChild` gives where the table went. */
const UNLINKED = 1;

/** Works through the table of a slot, which goes when the range covers all of the slot; 0 where it stays. */
function unmapChild(
  table: IommuTable,
  state: UnmapState,
  pfn: number,
  level: number,
  index: number,
): number {
  const { format, mem } = table;
  const { lo, hi } = load(mem, pfn, index);
  const covered = coversSlot(table, level);
  const child = tablePfn(format, lo, hi, table);
  const ret = unmapTable(table, state, child, level - 1);
  if (ret !== 0 || !covered) return ret;
  pendTable(table, state.pending, level, child);
  store(mem, pfn, index, 0, 0);
  return UNLINKED;
}

/** Whether the walk range begins where the leaf does, all its items taken together. */
function startsLeaf(table: IommuTable, lo: number, hi: number, level: number): boolean {
  const { format, range } = table;
  if (range.vaSub !== 0) return false;
  const granulesLg2 = ITEMS_LG2 * level + format.numContigLg2(lo, hi, level);
  return granulesLg2 === 0 || modPow2(range.va, granulesLg2) === 0;
}

/** Zeroes consecutive leaves from `index` on. Gives the index after the last item cleared. */
function clearLeaves(
  table: IommuTable,
  pfn: number,
  level: number,
  index: number,
  end: number,
): number {
  const { format, mem } = table;
  const { presentLo, presentHi } = format;
  const chunk = chunkOf(mem, pfn);
  const base = pageBase(pfn);
  const before = mem.watched ? snapshot(mem, pfn, index, ITEMS - index) : null;
  let next = index;
  while (next < end) {
    const at = base + (next << 1);
    const lo = chunk[at]!;
    const hi = chunk[at + 1]!;
    if (((lo & presentLo) | (hi & presentHi)) === 0) break;
    if (format.kindOfPresent(lo, hi, level) !== LEAF) break;
    // A size code that points past the table can only be corruption; the kernel would write on, the model stops.
    const stop = Math.min(next + (1 << format.numContigLg2(lo, hi, level)), ITEMS);
    for (let half = at; half < base + (stop << 1); half++) chunk[half] = 0;
    next = stop;
  }
  if (before !== null) reportStores(mem, pfn, index, next - index, before);
  return next;
}

/** Whether the rest of the walk range contains the whole slot. Kernel: pt_entry_fully_covered(). */
function coversSlot(table: IommuTable, level: number): boolean {
  const { va, vaSub, last, lastFull } = table.range;
  const lg2 = ITEMS_LG2 * level;
  if (vaSub !== 0 || modPow2(va, lg2) !== 0) return false;
  const slot = INV_POW2[lg2]!;
  if (Math.floor(va * slot) !== Math.floor(last * slot)) return true;
  return lastFull && modPow2(last + 1, lg2) === 0;
}
