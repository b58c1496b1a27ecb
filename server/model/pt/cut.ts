import { ERRNO, type Ret } from '../bits/errno.ts';
import type { Addr } from '../bits/pfn.ts';
import { below, type PgSizes } from '../bits/pgSizes.ts';
import { POW2 } from '../bits/pow2.ts';
import { and, isZero } from '../bits/pte64.ts';
import { addressHi, addressLo, ITEMS_LG2, itemLg2 } from '../fmt/ptFormat.ts';
import { allocPages, freeIncoherent, startIncoherent } from '../mem/iommuPages.ts';
import { store } from '../mem/physMem.ts';
import { installTable } from './installTable.ts';
import { addRange, iommuIotlbSync, createGather, type IotlbGather } from './iotlbGather.ts';
import {
  flushItems,
  granulesToAddr,
  itemGranules,
  makeRange,
  type IommuTable,
} from './iommuTable.ts';
import { findLeaf, type FoundLeaf } from './findLeaf.ts';
import { bestPgsize } from './pgsize.ts';
import { sizeChangeRule } from './sizeChange.ts';

/**
 * How a live leaf changes its size: in place, or by way of an empty entry and a flush,
 * which lets the device fault in between.
 */
export type SizeChangeMode = 'in place' | 'break before make';

/** Entries of a new layout, written when all its tables are ready. */
interface NewEntry {
  readonly index: number;
  /** Items of the same word from `index` on. */
  readonly items: number;
  readonly lo: number;
  readonly hi: number;
  /** Page of a new table, -1 for a leaf. */
  readonly child: number;
}

/** What a new layout is made of. */
interface Layout {
  readonly leaf: FoundLeaf;
  readonly sizes: PgSizes;
  /** Granule that must become the start of a leaf; -1 for none. */
  readonly boundary: number;
  /** Tables made so far, to be freed when one cannot be had. */
  readonly made: number[];
}

/**
 * Makes an IOVA the start of a leaf without changing any translation or permission.
 * Nothing of the kernel does this yet: it is the operation that splitting a mapping needs. It may allocate, and so
 * fail, which an unmap may not. The old leaf stays in IOTLBs: its whole span goes to the gather.
 */
export function cut(table: IommuTable, iova: Addr, mode: SizeChangeMode, gather: IotlbGather): Ret {
  const refused = makeRange(table, iova, ONE_BYTE);
  if (refused !== 0) return refused;
  const { va, vaSub } = table.range;
  const leaf = findLeaf(table, va);
  if (leaf === undefined) return -ERRNO.ENOENT;
  if (vaSub !== 0) return -ERRNO.EINVAL;
  return leaf.va === va ? 0 : replaceLeaf(table, leaf, table.pgsizes, va, mode, gather);
}

const ONE_BYTE: Addr = Object.freeze({ pfn: 0, offset: 1 });

/**
 * Replaces every leaf of a range that is larger than a size by leaves up to that size, translations unchanged.
 * Leaves that reach out of the range are replaced whole. Stops at the first failure; what was done stays.
 */
export function decreasePageSize(
  table: IommuTable,
  iova: Addr,
  length: Addr,
  sizeLg2: number,
  mode: SizeChangeMode,
  gather: IotlbGather,
): Ret {
  const refused = makeRange(table, iova, length);
  if (refused !== 0) return refused;
  const { va: first, last } = table.range;
  const sizes = below(table.pgsizes, sizeLg2 + 1);
  if (isZero(sizes)) return -ERRNO.ENXIO;
  for (let va = first; va <= last;) {
    const leaf = findLeaf(table, va);
    if (leaf === undefined) {
      va++;
      continue;
    }
    if (leaf.sizeLg2 > sizeLg2) {
      const ret = replaceLeaf(table, leaf, sizes, -1, mode, gather);
      if (ret !== 0) return ret;
    }
    va = leaf.va + leaf.granules;
  }
  return 0;
}

/** Builds the new layout beside the old leaf, then puts it in its place. */
function replaceLeaf(
  table: IommuTable,
  leaf: FoundLeaf,
  sizes: PgSizes,
  boundary: number,
  mode: SizeChangeMode,
  gather: IotlbGather,
): Ret {
  const items = leaf.items;
  const rule = sizeChangeRule(table.format.name, items);
  if (mode === 'in place' && rule.inPlace !== 'allowed') return -ERRNO.EOPNOTSUPP;
  const layout: Layout = { leaf, sizes, boundary, made: [] };
  const entries = layOut(table, layout, leaf.level, leaf.index, items, leaf.va, leaf.oa);
  if (typeof entries === 'number') {
    for (const pfn of layout.made) freeIncoherent(table.pages, pfn);
    return entries;
  }
  const start = granulesToAddr(table, leaf.va);
  const span = granulesToAddr(table, leaf.granules);
  if (mode === 'break before make') {
    for (let n = 0; n < items; n++) store(table.mem, leaf.pfn, leaf.index + n, 0, 0);
    flushItems(table, leaf.pfn, leaf.index, items);
    const broken = createGather();
    addRange(broken, start, span);
    iommuIotlbSync(table.driver, broken);
  } else {
    addRange(gather, start, span);
  }
  write(table, leaf.pfn, leaf.level, entries);
  flushItems(table, leaf.pfn, leaf.index, items);
  return 0;
}

/** Lays out a run of items of one table: leaves of the best sizes, tables where a leaf does not fit or must be cut. */
function layOut(
  table: IommuTable,
  layout: Layout,
  level: number,
  first: number,
  count: number,
  va: number,
  oa: number,
): readonly NewEntry[] | number {
  const { format, scratch } = table;
  const { leaf, boundary } = layout;
  const span = itemGranules(level);
  const sizes = and(layout.sizes, format.possibleSizes(level, table));
  const entries: NewEntry[] = [];
  for (let done = 0; done < count;) {
    const at = va + done * span;
    const target = oa + done * span;
    const end = va + count * span;
    const stop = at < boundary && boundary < end ? boundary : end;
    const sizeLg2 = bestPgsize(sizes, at, stop - at, target, format.granuleLg2);
    if (sizeLg2 >= 0) {
      const items = 1 << (sizeLg2 - itemLg2(format, level));
      format.leafBits(scratch, sizeLg2, level, table);
      entries.push({
        index: first + done,
        items,
        lo: leaf.restLo | scratch.lo | addressLo(format, target),
        hi: leaf.restHi | scratch.hi | addressHi(format, target),
        child: -1,
      });
      done += items;
      continue;
    }
    const child = newChild(table, layout, level - 1, at, target);
    if (child < 0) return child;
    entries.push({ index: first + done, items: 1, lo: 0, hi: 0, child });
    done++;
  }
  return entries;
}

/** Makes a table for one item, ready to be linked. Gives its page, or an error. */
function newChild(
  table: IommuTable,
  layout: Layout,
  level: number,
  va: number,
  oa: number,
): number {
  if (level < 0) return -ERRNO.EINVAL;
  const pfn = allocPages(table.pages, 1);
  if (pfn < 0) return -ERRNO.ENOMEM;
  layout.made.push(pfn);
  const entries = layOut(table, layout, level, 0, POW2[ITEMS_LG2]!, va, oa);
  if (typeof entries === 'number') return entries;
  write(table, pfn, level, entries);
  // The whole table is clean before anything points to it.
  if (table.incoherent) startIncoherent(table.pages, pfn);
  return pfn;
}

function write(table: IommuTable, pfn: number, level: number, entries: readonly NewEntry[]): void {
  for (const { index, items, lo, hi, child } of entries) {
    if (child >= 0) installTable(table, pfn, index, level, child);
    else for (let n = 0; n < items; n++) store(table.mem, pfn, index + n, lo, hi);
  }
}
