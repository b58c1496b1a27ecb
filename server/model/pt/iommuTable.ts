import { ERRNO, type Ret } from '../bits/errno.ts';
import { PAGE_LG2, type Addr } from '../bits/pfn.ts';
import type { PgSizes } from '../bits/pgSizes.ts';
import { INV_POW2, POW2 } from '../bits/pow2.ts';
import type { MutableWord64 } from '../bits/pte64.ts';
import type { Build, BuildMode } from '../fmt/builds.ts';
import { hasFeature, PT_FEAT } from '../fmt/features.ts';
import {
  itemLg2,
  ITEMS_LG2,
  kindOf,
  TABLE,
  tablePfn,
  type PtCommon,
  type PtFormat,
} from '../fmt/ptFormat.ts';
import { flush, type PhysMem } from '../mem/physMem.ts';
import type { IommuPages } from '../mem/iommuPages.ts';
import type { IotlbGather, IotlbSyncer } from './iotlbGather.ts';
import { isLedTo, itemIn, seeTable, type SeenTable } from './seenTable.ts';

/**
 * Which behaviour is modelled where the kernel is known to be wrong.
 * `7.3` does what the kernel does; `intended` records whole leaves as dirty, where 7.3 loses the last item.
 */
export type Profile = '7.3' | 'intended';

/** What the page-table code asks of the IOMMU driver. Kernel: pt_iommu_driver_ops and iommu_domain_ops. */
export interface PtDriver extends IotlbSyncer {
  /** The hardware must use another top table from now on. */
  changeTop(topPfn: number, topLevel: number): void;
}

/**
 * One page table with its configuration.
 * Kernel: struct pt_iommu with struct pt_common and the domain in it.
 */
export interface IommuTable extends PtCommon {
  readonly build: Build;
  readonly format: PtFormat;
  readonly mode: BuildMode;
  readonly profile: Profile;
  readonly pages: IommuPages;
  readonly mem: PhysMem;
  readonly driver: PtDriver;
  /** Features as configured, FULL_VA included; `features` adds the forced ones. */
  configured: number;
  /** Page of the top table. */
  topPfn: number;
  /** Granules that the present top reaches. */
  reach: number;
  /** Last index of a table, by level; that of the top follows from the range it reaches. */
  readonly lastIndex: Int32Array;
  /** The top table, and what walks saw below it. */
  top: SeenTable;
  /** Sizes the domain may use; drivers narrow it. Kernel: domain.pgsize_bitmap. */
  pgsizes: PgSizes;
  readonly incoherent: boolean;
  readonly dynamicTop: boolean;
  readonly signExtend: boolean;
  readonly noGaps: boolean;
  readonly detailedGather: boolean;
  /** State of the operation under way: one finishes before the next begins, so the table keeps it. */
  readonly range: PtRange;
  readonly map: MapState;
  readonly unmap: UnmapState;
  /** Entry bits under construction. */
  readonly scratch: MutableWord64;
}

/**
 * The range of a walk, in granules. Kernel: struct pt_range.
 * `va` moves forward during a walk.
 */
export interface PtRange {
  /** First granule. Range: 0 to 2^53-1. */
  va: number;
  /** Bytes of the start within its granule. */
  vaSub: number;
  /** Last granule, inclusive. */
  last: number;
  /** Whether the range ends with the last byte of a granule. */
  lastFull: boolean;
}

/** Where a map stands. Kernel: struct pt_iommu_map_args. */
export interface MapState {
  /** Tables that large leaves replaced; made when there is one. */
  gather: IotlbGather | null;
  /** Next output address. Unit: granules. */
  oa: number;
  /** First IOVA past the range. Unit: granules. */
  end: number;
  /** The protection translated last, and what it came to, for the maps that follow; 0 is none, for it is refused. */
  prot: number;
  attrLo: number;
  attrHi: number;
  /** Size of the leaves being written, and what follows from it and the protection: see `chooseLeaves`. */
  leafLg2: number;
  leafLevel: number;
  /** Bits of such a leaf besides its address. */
  bitsLo: number;
  bitsHi: number;
  /** Items that it takes, and those of them that are written. */
  step: number;
  items: number;
  /** What it translates. Unit: granules. */
  leafGranules: number;
  /** Leaves of that size still to write. */
  leaves: number;
  /** What stopped the leaves of the table being written, 0 for nothing. */
  ret: Ret;
}

/** A map that has not begun. */
export function createMapState(): MapState {
  return {
    gather: null,
    oa: 0,
    end: 0,
    prot: 0,
    attrLo: 0,
    attrHi: 0,
    leafLg2: -1,
    leafLevel: 0,
    bitsLo: 0,
    bitsHi: 0,
    step: 1,
    items: 1,
    leafGranules: 1,
    leaves: 0,
    ret: 0,
  };
}

/**
 * What one operation took out of the table, before it is known how much of it.
 * Kernel: struct iommupt_pending_gather.
 */
export interface PendingGather {
  freelist: number[];
  leafLevels: number;
  tableLevels: number;
}

/** An operation that has taken nothing out yet. */
export function createPending(): PendingGather {
  return { freelist: [], leafLevels: 0, tableLevels: 0 };
}

/** What an unmap removed so far. Kernel: struct pt_unmap_args. */
export interface UnmapState {
  readonly pending: PendingGather;
  /** Unit: granules. */
  removed: number;
}

/** An unmap that has not begun. */
export function createUnmapState(): UnmapState {
  return { pending: createPending(), removed: 0 };
}

/** Levels that any format has at most. */
const MAX_LEVELS = 6;

/** Last indices before the top is known. */
export function createLastIndex(): Int32Array {
  return new Int32Array(MAX_LEVELS);
}

/**
 * Bits that a top table of a level translates. Unit: lg2 bytes.
 * A dynamic top reaches only as far as its level. Kernel: _pt_top_range().
 */
export function topRangeLg2(table: IommuTable, level: number): number {
  const { format, maxVaszLg2 } = table;
  if (!table.dynamicTop || level === format.maxTopLevel) return maxVaszLg2;
  return Math.min(maxVaszLg2, itemLg2(format, level) + ITEMS_LG2);
}

/** Makes a table page the top. Kernel: pt_top_set(). */
export function setTop(table: IommuTable, pfn: number, level: number): void {
  table.topPfn = pfn;
  table.topLevel = level;
  const itemsLg2 = topRangeLg2(table, level) - itemLg2(table.format, level);
  table.reach = reachOf(table, level);
  table.lastIndex.fill(LAST_INDEX);
  table.lastIndex[level] = itemsLg2 > 0 ? (1 << itemsLg2) - 1 : 0;
  table.top = see(table, pfn, level, 0, 0);
}

function see(table: IommuTable, pfn: number, level: number, lo: number, hi: number): SeenTable {
  const itemLg2 = ITEMS_LG2 * level;
  const lastIndex = table.lastIndex[level]!;
  return seeTable(table.mem, { pfn, level, itemLg2, lastIndex, leads: level > 0 }, lo, hi);
}

/** Walks towards an address, down to the table of a level or to the last table before it. */
export function walkTowards(table: IommuTable, va: number, lowest: number): SeenTable {
  let seen = table.top;
  while (seen.level > lowest) {
    const { chunk } = seen;
    const index = itemIn(seen, va);
    const at = seen.base + (index << 1);
    const lo = chunk[at]!;
    const hi = chunk[at + 1]!;
    let child = seen.children[index];
    if (child === undefined || !isLedTo(child, lo, hi)) {
      child = lookBelow(table, seen, index, lo, hi);
      if (child === undefined) return seen;
    }
    seen = child;
  }
  return seen;
}

/** The table to which an entry leads, if it is one that leads to a table. */
function lookBelow(
  table: IommuTable,
  { level, children }: SeenTable,
  index: number,
  lo: number,
  hi: number,
): SeenTable | undefined {
  const { format } = table;
  if (kindOf(format, lo, hi, level) !== TABLE) return undefined;
  const child = see(table, tablePfn(format, lo, hi, table), level - 1, lo, hi);
  children[index] = child;
  return child;
}

/** Loads a byte range into the table's walk range, if the present top reaches it. Kernel: make_range(). */
export function makeRange(table: IommuTable, iova: Addr, length: Addr): Ret {
  const refused = makeRangeNoCheck(table, iova, length);
  if (refused !== 0) return refused;
  const { va, last } = table.range;
  return isReached(table, va, last, table.reach) ? 0 : -ERRNO.ERANGE;
}

/**
 * Loads a byte range into the table's walk range, without checking that the table reaches it.
 * Kernel: make_range_no_check().
 */
export function makeRangeNoCheck(table: IommuTable, iova: Addr, length: Addr): Ret {
  if (length.pfn === 0 && length.offset === 0) return -ERRNO.EINVAL;
  const { range } = table;
  const { granuleLg2, granuleMask, granulesPerPage } = table.format;
  const lastOffset = iova.offset + length.offset - 1;
  const lastPfn = iova.pfn + length.pfn + (lastOffset >> PAGE_LG2);
  if (lastPfn >= PFNS) return -ERRNO.EOVERFLOW;
  range.va = iova.pfn * granulesPerPage + (iova.offset >> granuleLg2);
  range.vaSub = iova.offset & granuleMask;
  range.last = lastPfn * granulesPerPage + ((lastOffset & PAGE_MASK) >> granuleLg2);
  range.lastFull = (lastOffset & granuleMask) === granuleMask;
  return 0;
}

/** Pages of the 64-bit space. */
const PFNS = POW2[64 - PAGE_LG2]!;
const PAGE_MASK = (1 << PAGE_LG2) - 1;

/** Granules that a top table of a level reaches. */
export function reachOf(table: IommuTable, level: number): number {
  return POW2[Math.max(0, topRangeLg2(table, level) - table.format.granuleLg2)]!;
}

/**
 * Whether a range of granules lies in what a top table reaches.
 * With sign extension this is not a check for canonical addresses: only bits from max_vasz upward are compared, so
 * some non-canonical addresses pass and alias the lower half. Kernel: pt_check_range().
 */
export function isReached(table: IommuTable, va: number, last: number, reach: number): boolean {
  if (table.signExtend) return isReachedSigned(table, va, last, reach);
  return va < reach && last < reach;
}

function isReachedSigned(table: IommuTable, va: number, last: number, reach: number): boolean {
  if (va < reach / 2) return last < reach;
  const upper = POW2[64 - table.format.granuleLg2]! - reach;
  return va >= upper && last >= upper;
}

/** Index of an address in a table of a level. Kernel: pt_range_to_index(). */
export function indexOf(table: IommuTable, va: number, level: number): number {
  return (va * INV_POW2[ITEMS_LG2 * level]!) & table.lastIndex[level]!;
}

/** Index after the last one of the walk range in the table that holds `va`. Kernel: pt_range_to_end_index(). */
export function endIndexOf(table: IommuTable, level: number): number {
  const { va, last } = table.range;
  const whole = va !== last && level !== table.topLevel && !isSameTable(va, last, level);
  return whole ? LAST_INDEX + 1 : indexOf(table, last, level) + 1;
}

function isSameTable(va: number, last: number, level: number): boolean {
  const perTable = INV_POW2[ITEMS_LG2 * (level + 1)]!;
  return Math.floor(va * perTable) === Math.floor(last * perTable);
}

const LAST_INDEX = (1 << ITEMS_LG2) - 1;

/** Granules that one item of a level translates. */
export function itemGranules(level: number): number {
  return POW2[ITEMS_LG2 * level]!;
}

/** A number of granules as a byte length. */
export function granulesToAddr({ format }: IommuTable, granules: number, sub = 0): Addr {
  const inPage = granules & (format.granulesPerPage - 1);
  return {
    pfn: Math.floor(granules * format.pagesPerGranule),
    offset: (inPage << format.granuleLg2) + sub,
  };
}

/** Bytes of a table entry. */
export const ENTRY_BYTES = 8;

/** Cleans the cache lines of a run of items, where the walker is incoherent. Kernel: flush_writes_range(). */
export function flushItems(table: IommuTable, pfn: number, index: number, count: number): void {
  if (table.incoherent) flush(table.mem, pfn, index * ENTRY_BYTES, count * ENTRY_BYTES);
}

/** Feature positions that decide how walks are done, read once when a table is made. */
export function walkFeatures(
  features: number,
): Pick<IommuTable, 'incoherent' | 'dynamicTop' | 'signExtend' | 'noGaps' | 'detailedGather'> {
  return {
    incoherent: hasFeature(features, PT_FEAT.DMA_INCOHERENT),
    dynamicTop: hasFeature(features, PT_FEAT.DYNAMIC_TOP),
    signExtend: hasFeature(features, PT_FEAT.SIGN_EXTEND),
    noGaps: hasFeature(features, PT_FEAT.FLUSH_RANGE_NO_GAPS),
    detailedGather: hasFeature(features, PT_FEAT.DETAILED_GATHER),
  };
}
