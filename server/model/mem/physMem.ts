import type { Word64 } from '../bits/pte64.ts';
import { INV_POW2, POW2 } from '../bits/pow2.ts';
import { logRange, logStore, type EventLog } from './events.ts';

/** What a page of memory is used for. */
export type PageUse = 'free' | 'table' | 'context' | 'queue' | 'ram' | 'mmio';

/** Who owns a page, where confidential computing or a hypervisor makes a difference. */
export type PageOwner = 'host' | 'hyp' | { readonly vm: number } | 'secure' | 'realm' | 'root';

/** What is known of one 4 KiB page besides its content. */
export interface PageState {
  use: PageUse;
  owner: PageOwner;
  /** Number of pins held by drivers; a pinned page may be the target of DMA. */
  pinned: number;
  /** Whether the CPU's key (SME) applies to what is stored there. */
  content: 'plain' | 'cipher-only';
  /** Event sequence numbers of the last allocation and free, for use-after-free reports; -1 for never. */
  allocSeq: number;
  freeSeq: number;
}

/**
 * Sparse physical memory with a CPU view and a hardware view.
 * Words are kept as lo/hi pairs in chunks of 1 MiB, found through their GiB; absent memory reads as zero.
 */
export interface PhysMem {
  /** Chunks of a GiB by its number; holes are memory that nothing was stored to. */
  readonly regions: Map<number, (Int32Array | undefined)[]>;
  /** The region used last: consecutive accesses nearly always stay in one. */
  lastRegion: number;
  lastChunks: (Int32Array | undefined)[];
  readonly pages: Map<number, PageState>;
  /**
   * Cache lines that the CPU wrote and did not flush, each with the words that were there before:
   * the walker may see either. `null` when walks are coherent. Key: line address / 64.
   */
  readonly pending: Map<number, Int32Array> | null;
  log: EventLog | null;
  /** Whether stores must be reported: somebody keeps a log, or walks are incoherent. */
  watched: boolean;
}

const CHUNK_PAGES_LG2 = 8;
const CHUNK_PAGES = 1 << CHUNK_PAGES_LG2;
const REGION_PAGES_LG2 = 18;
const PER_REGION = INV_POW2[REGION_PAGES_LG2]!;
const CHUNK_MASK = (1 << (REGION_PAGES_LG2 - CHUNK_PAGES_LG2)) - 1;
/** A 4 KiB page holds 512 words of 64 bits, which are 1024 halves. */
const WORDS_PER_PAGE_LG2 = 9;
const HALVES_PER_PAGE_LG2 = WORDS_PER_PAGE_LG2 + 1;
const WORDS_PER_PAGE = 1 << WORDS_PER_PAGE_LG2;
const WORD_BYTES = 8;

/** Cache line of CPUs and walkers. Unit: bytes. Source: x86 CLFLUSH line size; also the usual CTR_EL0 value. */
export const CACHE_LINE_BYTES = 64;
const WORDS_PER_LINE = CACHE_LINE_BYTES / WORD_BYTES;
const LINES_PER_PAGE = WORDS_PER_PAGE / WORDS_PER_LINE;

/** Makes empty memory. With an incoherent walker, stores stay pending until their line is flushed. */
export function createPhysMem(
  options: { walker?: 'coherent' | 'incoherent'; log?: EventLog | null } = {},
): PhysMem {
  const pending = options.walker === 'incoherent' ? new Map<number, Int32Array>() : null;
  const log = options.log ?? null;
  return {
    regions: new Map(),
    lastRegion: -1,
    lastChunks: [],
    pages: new Map(),
    pending,
    log,
    watched: pending !== null || log !== null,
  };
}

/** Starts or stops recording. */
export function attachLog(mem: PhysMem, log: EventLog | null): void {
  mem.log = log;
  mem.watched = mem.pending !== null || log !== null;
}

/**
 * The chunk that holds a page, made when it is not there yet.
 * Hot loops index it directly: item n of the page is at `pageBase(pfn) + 2 * n`, low half first.
 */
export function chunkOf(mem: PhysMem, pfn: number): Int32Array {
  const region = Math.floor(pfn * PER_REGION);
  if (region !== mem.lastRegion) selectRegion(mem, region);
  const slot = (pfn >>> CHUNK_PAGES_LG2) & CHUNK_MASK;
  return mem.lastChunks[slot] ?? makeChunk(mem, slot);
}

/** Index of a page's first half word in its chunk. */
export function pageBase(pfn: number): number {
  return (pfn & (CHUNK_PAGES - 1)) << HALVES_PER_PAGE_LG2;
}

function selectRegion(mem: PhysMem, region: number): void {
  let chunks = mem.regions.get(region);
  if (chunks === undefined) {
    chunks = [];
    mem.regions.set(region, chunks);
  }
  mem.lastRegion = region;
  mem.lastChunks = chunks;
}

function makeChunk(mem: PhysMem, slot: number): Int32Array {
  // A dense array keeps the hot lookup an indexed load.
  while (mem.lastChunks.length <= slot) mem.lastChunks.push(undefined);
  const chunk = new Int32Array(CHUNK_PAGES << HALVES_PER_PAGE_LG2);
  mem.lastChunks[slot] = chunk;
  return chunk;
}

/** Page that holds item `index` of a table at `pfn`; tables of large granules span several pages. */
export function itemPage(pfn: number, index: number): number {
  return pfn + (index >> WORDS_PER_PAGE_LG2);
}

/** Index in its chunk of item `index` of a table, given the page that holds it. */
export function itemBase(page: number, index: number): number {
  return pageBase(page) + ((index & (WORDS_PER_PAGE - 1)) << 1);
}

/** Reads item `index` of the table at `pfn`, as the CPU sees it. Kernel: READ_ONCE(table[index]). */
export function load(mem: PhysMem, pfn: number, index: number): Word64 {
  const page = itemPage(pfn, index);
  const chunk = chunkOf(mem, page);
  const at = itemBase(page, index);
  return { lo: chunk[at]!, hi: chunk[at + 1]! };
}

/** Writes item `index` of the table at `pfn`. Kernel: WRITE_ONCE(table[index], …). */
export function store(mem: PhysMem, pfn: number, index: number, lo: number, hi: number): void {
  const page = itemPage(pfn, index);
  const chunk = chunkOf(mem, page);
  const item = index & (WORDS_PER_PAGE - 1);
  const at = pageBase(page) + (item << 1);
  const before = mem.watched ? snapshot(mem, page, item, 1) : null;
  chunk[at] = lo;
  chunk[at + 1] = hi;
  if (before !== null) reportStores(mem, page, item, 1, before);
}

/** The words of a run of items of one page, to be taken before they are overwritten. */
export function snapshot(mem: PhysMem, pfn: number, index: number, count: number): Int32Array {
  const at = pageBase(pfn) + (index << 1);
  return chunkOf(mem, pfn).slice(at, at + (count << 1));
}

/** Tells the log and the hardware view about a finished run of stores within one page. */
export function reportStores(
  mem: PhysMem,
  pfn: number,
  index: number,
  count: number,
  before: Int32Array,
): void {
  if (count === 0) return;
  if (mem.pending !== null) markPending(mem, mem.pending, pfn, index, count, before);
  if (mem.log !== null) {
    const at = pageBase(pfn) + (index << 1);
    const chunk = chunkOf(mem, pfn);
    logStore(mem.log, pfn, index, count, before, chunk[at]!, chunk[at + 1]!);
  }
}

function markPending(
  mem: PhysMem,
  pending: Map<number, Int32Array>,
  pfn: number,
  index: number,
  count: number,
  before: Int32Array,
): void {
  const firstLine = Math.floor(index / WORDS_PER_LINE);
  const lastLine = Math.floor((index + count - 1) / WORDS_PER_LINE);
  for (let line = firstLine; line <= lastLine; line++) {
    const key = pfn * LINES_PER_PAGE + line;
    // The first unflushed store decides what the walker may still see.
    if (pending.has(key)) continue;
    const firstItem = line * WORDS_PER_LINE;
    const old = snapshot(mem, pfn, firstItem, WORDS_PER_LINE);
    const from = Math.max(index, firstItem);
    const to = Math.min(index + count, firstItem + WORDS_PER_LINE);
    old.set(before.subarray((from - index) << 1, (to - index) << 1), (from - firstItem) << 1);
    pending.set(key, old);
  }
}

/** Cleans the cache lines of a byte range, so that the walker sees what the CPU wrote. Kernel: clflush_cache_range(). */
export function flush(mem: PhysMem, pfn: number, offset: number, byteCount: number): void {
  if (mem.log !== null) logRange(mem.log, 'flush', pfn, offset, byteCount);
  cleanLines(mem, pfn, offset, byteCount);
}

/** Cleans cache lines without recording it: part of an operation that has its own event. */
export function cleanLines(mem: PhysMem, pfn: number, offset: number, byteCount: number): void {
  if (mem.pending === null || byteCount === 0) return;
  const first = pfn * LINES_PER_PAGE + Math.floor(offset / CACHE_LINE_BYTES);
  const last = pfn * LINES_PER_PAGE + Math.floor((offset + byteCount - 1) / CACHE_LINE_BYTES);
  for (let line = first; line <= last; line++) mem.pending.delete(line);
}

/** What a walker may read at an item: the current word, and the one before while its line is pending. */
export interface HardwareView {
  readonly now: Word64;
  /** Differs from `now`; `undefined` when the walker can only see `now`. */
  readonly older: Word64 | undefined;
}

/** Reads an item as the IOMMU may see it. */
export function hardwareLoad(mem: PhysMem, pfn: number, index: number): HardwareView {
  const now = load(mem, pfn, index);
  if (mem.pending === null) return { now, older: undefined };
  const page = itemPage(pfn, index);
  const item = index & (WORDS_PER_PAGE - 1);
  const old = mem.pending.get(page * LINES_PER_PAGE + Math.floor(item / WORDS_PER_LINE));
  if (old === undefined) return { now, older: undefined };
  const at = (item % WORDS_PER_LINE) << 1;
  const older = { lo: old[at]!, hi: old[at + 1]! };
  return { now, older: older.lo === now.lo && older.hi === now.hi ? undefined : older };
}

/** State of a page; pages nobody spoke of are free and the host's. */
export function pageState(mem: PhysMem, pfn: number): PageState {
  let state = mem.pages.get(pfn);
  if (state === undefined) {
    state = {
      use: 'free',
      owner: 'host',
      pinned: 0,
      content: 'plain',
      allocSeq: -1,
      freeSeq: -1,
    };
    mem.pages.set(pfn, state);
  }
  return state;
}

/** Zeroes whole pages, as an allocation does. */
export function zeroPages(mem: PhysMem, pfn: number, pages: number): void {
  for (let page = pfn; page < pfn + pages; page++) {
    const base = pageBase(page);
    chunkOf(mem, page).fill(0, base, base + (1 << HALVES_PER_PAGE_LG2));
  }
}

/** Bytes of the chunks in use: what the words cost, without page states and events. */
export function memoryInUse(mem: PhysMem): number {
  let chunks = 0;
  for (const region of mem.regions.values()) chunks += region.filter(Boolean).length;
  return chunks * CHUNK_PAGES * POW2[12]!;
}
