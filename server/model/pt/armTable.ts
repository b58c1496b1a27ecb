import { addAddr, type Addr } from '../bits/pfn.ts';
import { INV_POW2, POW2 } from '../bits/pow2.ts';
import {
  ARM_LAST_LEVEL,
  ARM_LEVELS,
  armPfn,
  isArmTable,
  QUIRK,
  type ArmFormat,
} from '../fmt/armLpae.ts';
import { armGeometry, type ArmConfig, type ArmGeometry } from '../fmt/armLpaeConfig.ts';
import { logWarning, type Warning } from '../mem/events.ts';
import {
  allocPages,
  freeIncoherent,
  freePages,
  startIncoherent,
  type IommuPages,
} from '../mem/iommuPages.ts';
import { flush, type PhysMem } from '../mem/physMem.ts';
import type { IotlbGather } from './iotlbGather.ts';
import { isLedTo, itemIn, seeTable, type SeenTable } from './seenTable.ts';

/** What the page-table code asks of an SMMU driver. Kernel: struct iommu_flush_ops. */
export interface ArmTlb {
  /** Drop everything of this table. */
  flushAll(): void;
  /** Drop walk-cache entries of a range whose table was removed. Sizes in bytes. */
  flushWalk(iova: Addr, byteCount: number, granule: number): void;
  /** A leaf was removed; the driver usually adds it to the gather. */
  addPage(gather: IotlbGather, iova: Addr, byteCount: number): void;
}

/**
 * A table of io-pgtable-arm.c. Addresses are page frame numbers of 4 KiB whatever the granule.
 * Kernel: struct arm_lpae_io_pgtable.
 */
export interface ArmTable {
  readonly format: ArmFormat;
  readonly geometry: ArmGeometry;
  readonly config: ArmConfig;
  readonly incoherent: boolean;
  readonly quirks: number;
  /** Pages of the input addresses; with QUIRK.ARM_TTBR1 they are the upper ones. */
  readonly inputPages: number;
  readonly upper: boolean;
  readonly pages: IommuPages;
  readonly mem: PhysMem;
  readonly tlb: ArmTlb;
  /** First page of the top table. */
  readonly pgdPfn: number;
  /** Pages that an entry translates, by ARM level. Kernel: ARM_LPAE_BLOCK_SIZE(). */
  readonly spans: Float64Array;
  /** Their reciprocals, which are exact: a product costs a fraction of a quotient. */
  readonly perSpan: Float64Array;
  /** Last index of a table, by ARM level. */
  readonly lastIndex: Int32Array;
  /** The top table, and what walks saw below it. */
  readonly top: SeenTable;
  /** What the last protection came to: features and quirks do not change. 0 is none, for it is refused. */
  readonly lastProt: { prot: number; lo: number; hi: number };
}

/** Bytes of a table entry. */
export const ARM_ENTRY_BYTES = 8;
const ENTRY_LG2 = 3;
const MIN_TABLE_BYTES = 64;
const PAGE_LG2 = 12;

/** Creates a table with an empty top, or gives `undefined` where the kernel gives NULL. */
export function createArmTable(
  format: ArmFormat,
  wanted: ArmConfig,
  pages: IommuPages,
  tlb: ArmTlb,
): ArmTable | undefined {
  const geometry = armGeometry(format, wanted);
  if (geometry === undefined) return undefined;
  const { config } = geometry;
  const spans = Float64Array.from(
    { length: ARM_LEVELS + 1 },
    (_, level) => 2 ** spanLg2(geometry, level),
  );
  const lastIndex = new Int32Array(ARM_LEVELS + 1).fill(POW2[geometry.bitsPerLevel]! - 1);
  lastIndex[geometry.startLevel] = POW2[geometry.pgdBits]! - 1;
  const base = {
    format,
    geometry,
    config,
    incoherent: config.walks === 'incoherent',
    quirks: config.quirks,
    inputPages: POW2[config.ias - PAGE_LG2]!,
    upper: (config.quirks & QUIRK.ARM_TTBR1) !== 0,
    pages,
    mem: pages.mem,
    tlb,
    spans,
    perSpan: spans.map((span) => 1 / span),
    lastIndex,
    lastProt: { prot: 0, lo: 0, hi: 0 },
  };
  const pgdPfn = allocArmTable(base, pgdBytes(geometry));
  return pgdPfn < 0
    ? undefined
    : { ...base, pgdPfn, top: see(base, pgdPfn, geometry.startLevel, 0, 0) };
}

/** Bytes of the top table. Kernel: ARM_LPAE_PGD_SIZE(). */
export function pgdBytes(geometry: ArmGeometry): number {
  return POW2[geometry.pgdBits + ENTRY_LG2]!;
}

/** Bytes of a table below the top. Kernel: ARM_LPAE_GRANULE(). */
export function granuleBytes(geometry: ArmGeometry): number {
  return POW2[geometry.granuleLg2]!;
}

/** Entries in a table of an ARM level. */
export function entriesAt({ lastIndex }: ArmTable, level: number): number {
  return lastIndex[level]! + 1;
}

/** Index of an address in a table of an ARM level. Kernel: ARM_LPAE_LVL_IDX(). */
export function armIndex(table: ArmTable, pfn: number, level: number): number {
  return (pfn * table.perSpan[level]!) & table.lastIndex[level]!;
}

/** The level at which pages of a size are leaves; the start level when there is none. Unit of the size: pages. */
export function armLevelOf({ spans, geometry }: ArmTable, pageSize: number): number {
  let level = ARM_LAST_LEVEL;
  while (level > geometry.startLevel && spans[level]! !== pageSize) level--;
  return level;
}

/** Walks towards an address, down to the table of an ARM level or to the last table before it. */
export function armWalkTowards(table: ArmTable, iovaPfn: number, lowest: number): SeenTable {
  let seen = table.top;
  while (seen.level < lowest) {
    const { chunk } = seen;
    const index = itemIn(seen, iovaPfn);
    const at = seen.base + (index << 1);
    // A large table that is not aligned can leave its chunk: its entries are left to the operation.
    if (at >= chunk.length) return seen;
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

/** The table to which an entry leads. What is neither leaf nor table each operation treats in its own way. */
function lookBelow(
  table: ArmTable,
  { level, children }: SeenTable,
  index: number,
  lo: number,
  hi: number,
): SeenTable | undefined {
  if (!isArmTable(lo, level)) return undefined;
  const child = see(table, armTarget(table, lo, hi), level + 1, lo, hi);
  children[index] = child;
  return child;
}

function see(
  { mem, geometry, lastIndex }: Pick<ArmTable, 'mem' | 'geometry' | 'lastIndex'>,
  pfn: number,
  level: number,
  lo: number,
  hi: number,
): SeenTable {
  const itemLg2 = spanLg2(geometry, level);
  const leads = level < ARM_LAST_LEVEL;
  return seeTable(mem, { pfn, level, itemLg2, lastIndex: lastIndex[level]!, leads }, lo, hi);
}

/** Pages that an entry translates. Unit: lg2. Kernel: ARM_LPAE_LVL_SHIFT(). */
function spanLg2({ bitsPerLevel }: ArmGeometry, level: number): number {
  return (ARM_LEVELS - level) * bitsPerLevel + ENTRY_LG2 - PAGE_LG2;
}

/** Allocates table memory. Gives its first page, or -1. Kernel: __arm_lpae_alloc_pages(). */
export function allocArmTable(
  table: Pick<ArmTable, 'pages' | 'incoherent'>,
  byteCount: number,
): number {
  const pfn = allocPages(table.pages, Math.max(byteCount, MIN_TABLE_BYTES));
  if (pfn >= 0 && table.incoherent) startIncoherent(table.pages, pfn);
  return pfn;
}

/** Frees table memory. Kernel: __arm_lpae_free_pages(). */
export function freeArmTable(table: ArmTable, pfn: number): void {
  if (table.incoherent) freeIncoherent(table.pages, pfn);
  else freePages(table.pages, pfn);
}

/** Makes a run of entries visible to an incoherent walker. Kernel: __arm_lpae_sync_pte(). */
export function syncEntries(table: ArmTable, pfn: number, index: number, count: number): void {
  if (table.incoherent) flushEntries(table, pfn, index, count);
}

function flushEntries(table: ArmTable, pfn: number, index: number, count: number): void {
  const at = index * ARM_ENTRY_BYTES;
  const page = Math.floor(at * INV_POW2[PAGE_LG2]!);
  flush(table.mem, pfn + page, at - page * POW2[PAGE_LG2]!, count * ARM_ENTRY_BYTES);
}

/** Page that an entry points to. Kernel: iopte_deref(). */
export function armTarget({ geometry }: ArmTable, lo: number, hi: number): number {
  return armPfn(lo, hi, geometry.granuleLg2);
}

/** Records a kernel warning, unless the driver asked for none where the kernel honours that. */
export function warnArm(table: ArmTable, what: Warning, kind: 'always' | 'unless quiet'): void {
  if (kind === 'unless quiet' && (table.quirks & QUIRK.NO_WARN) !== 0) return;
  if (table.mem.log !== null) logWarning(table.mem.log, what);
}

/** Whether an input address is outside what the table translates. Kernel: the iaext checks. */
export function isOutsideIas(table: ArmTable, iova: Addr): boolean {
  return table.upper
    ? iova.pfn < POW2[64 - PAGE_LG2]! - table.inputPages
    : iova.pfn >= table.inputPages;
}

/** The address a number of pages further on, modulo 2^64. */
export function pagesOn(iova: Addr, pageCount: number): Addr {
  return addAddr(iova, { pfn: pageCount, offset: 0 });
}
