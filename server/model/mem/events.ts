import { addr, type Addr } from '../bits/pfn.ts';

/**
 * What happened, one record per side effect, in order.
 * Records are eight doubles in one array, because a bulk map makes thousands of them; objects are made when read.
 */
export interface EventLog {
  records: Float64Array;
  /** Records written since creation; the sequence number of the next one. */
  next: number;
  /** Records kept; older ones are overwritten. Range: a power of two. */
  readonly capacity: number;
  /** Before-images of stores by sequence number, when asked for: what a stale translation still holds. */
  readonly images: Map<number, Int32Array> | null;
  /** Called after each record with its sequence number. */
  listener: ((log: EventLog, seq: number) => void) | null;
}

/** One event as an object. The names are those of the vectors; `store` has no counterpart there. */
export type ModelEvent = { readonly seq: number } & (
  | { readonly kind: 'alloc'; readonly pfn: number; readonly bytes: number }
  | { readonly kind: 'alloc_fail'; readonly bytes: number }
  | { readonly kind: 'free'; readonly pfn: number }
  | { readonly kind: 'flush' | 'dma_map' | 'dma_unmap'; readonly at: Addr; readonly bytes: number }
  | {
      readonly kind: 'store';
      /** Table page, first item and number of items. */
      readonly pfn: number;
      readonly index: number;
      readonly count: number;
      /** First item before the store; the others are in the image, when the log keeps images. */
      readonly before: { readonly lo: number; readonly hi: number };
      /** First item after the store. */
      readonly after: { readonly lo: number; readonly hi: number };
    }
  | { readonly kind: 'change_top'; readonly pfn: number; readonly level: number }
  | {
      readonly kind: 'sync';
      readonly start: Addr;
      readonly last: Addr;
      /** Bit n: leaves of level n changed. On ARM the page size in bytes, as io-pgtable drivers gather it. */
      readonly leafLevels: number;
      readonly tableLevels: number;
      readonly freelist: readonly number[];
    }
  | { readonly kind: 'sync_map'; readonly start: Addr; readonly length: Addr }
  | { readonly kind: 'flush_all' | 'tlb_flush_all' }
  | {
      readonly kind: 'tlb_flush_walk';
      readonly start: Addr;
      readonly length: Addr;
      readonly granule: number;
    }
  | { readonly kind: 'dirty'; readonly start: Addr; readonly length: Addr }
  | { readonly kind: 'warn'; readonly what: Warning }
);

/** Name of an event. */
export type EventKind = ModelEvent['kind'];

/** Kernel WARN_ON()s that the model reaches. They inform; no result depends on them. */
export const WARNINGS = [
  'map without IOMMU_READ or IOMMU_WRITE',
  'incoherent walks without a device',
  'page size not in pgsize_bitmap',
  'address outside ias or oas',
  'entry already present',
  'entry not present',
  'partial unmap of a large entry',
  'table pointer at the last level',
  'empty or out-of-range dirty range',
  'too many concatenated tables',
  'length is no multiple of the smallest page size',
] as const;

/** One of the kernel warnings. */
export type Warning = (typeof WARNINGS)[number];

const KINDS: readonly EventKind[] = [
  'alloc',
  'alloc_fail',
  'free',
  'flush',
  'dma_map',
  'dma_unmap',
  'store',
  'change_top',
  'sync',
  'sync_map',
  'flush_all',
  'tlb_flush_all',
  'tlb_flush_walk',
  'dirty',
  'warn',
];
const CODE = Object.fromEntries(KINDS.map((kind, code) => [kind, code])) as Record<
  EventKind,
  number
>;
/** Follows a `sync` record, one per freed table: a record is too short for the list. */
const SYNC_PAGE = KINDS.length;

const FIELDS = 8;
const FIRST_RECORDS = 256;
const DEFAULT_CAPACITY = 2 ** 20;

/** Makes an empty log. `images` keeps what stores overwrote. */
export function createEventLog(
  options: { capacity?: number; images?: 'kept' | 'dropped' } = {},
): EventLog {
  const capacity = options.capacity ?? DEFAULT_CAPACITY;
  return {
    records: new Float64Array(Math.min(FIRST_RECORDS, capacity) * FIELDS),
    next: 0,
    capacity,
    images: options.images === 'kept' ? new Map() : null,
    listener: null,
  };
}

/** Appends a record; the meaning of the numbers depends on the kind, see `eventAt`. */
function append(
  log: EventLog,
  code: number,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
): void {
  const held = log.records.length / FIELDS;
  if (log.next >= held && held < log.capacity) {
    const grown = new Float64Array(Math.min(held * 2, log.capacity) * FIELDS);
    grown.set(log.records);
    log.records = grown;
  }
  const at = (log.next % (log.records.length / FIELDS)) * FIELDS;
  const { records } = log;
  records[at] = code;
  records[at + 1] = a;
  records[at + 2] = b;
  records[at + 3] = c;
  records[at + 4] = d;
  records[at + 5] = e;
  records[at + 6] = f;
  records[at + 7] = g;
  log.next++;
  if (log.listener !== null) log.listener(log, log.next - 1);
}

/** Records an event that is about pages: `alloc`, `alloc_fail`, `free`, `change_top`. */
export function logPage(
  log: EventLog,
  kind: 'alloc' | 'alloc_fail' | 'free' | 'change_top',
  pfn: number,
  detail = 0,
): void {
  append(log, CODE[kind], pfn, detail, 0, 0, 0, 0, 0);
}

/** Records an event about a byte range of table memory. */
export function logRange(
  log: EventLog,
  kind: 'flush' | 'dma_map' | 'dma_unmap',
  pfn: number,
  offset: number,
  byteCount: number,
): void {
  append(log, CODE[kind], pfn, offset, byteCount, 0, 0, 0, 0);
}

/** Records an event about a range of IOVAs. */
export function logIova(
  log: EventLog,
  kind: 'dirty' | 'sync_map' | 'tlb_flush_walk',
  start: Addr,
  length: Addr,
  granule = 0,
): void {
  append(log, CODE[kind], start.pfn, start.offset, length.pfn, length.offset, granule, 0, 0);
}

/** Records an IOTLB sync as the driver sees it: inclusive range, levels, freelist in order. */
export function logSync(
  log: EventLog,
  start: Addr,
  last: Addr,
  leafLevels: number,
  tableLevels: number,
  freelist: readonly number[],
): void {
  append(
    log,
    CODE.sync,
    start.pfn,
    start.offset,
    last.pfn,
    last.offset,
    leafLevels,
    tableLevels,
    freelist.length,
  );
  for (const pfn of freelist) append(log, SYNC_PAGE, pfn, 0, 0, 0, 0, 0, 0);
}

/** Records an event that has no numbers. */
export function logPlain(log: EventLog, kind: 'flush_all' | 'tlb_flush_all'): void {
  append(log, CODE[kind], 0, 0, 0, 0, 0, 0, 0);
}

/** Records a kernel warning. */
export function logWarning(log: EventLog, what: Warning): void {
  append(log, CODE.warn, WARNINGS.indexOf(what), 0, 0, 0, 0, 0, 0);
}

/** Records a store of `count` items; `image` holds their words before, `lo` and `hi` the first one after. */
export function logStore(
  log: EventLog,
  pfn: number,
  index: number,
  count: number,
  image: Int32Array,
  lo: number,
  hi: number,
): void {
  if (log.images !== null) log.images.set(log.next, image);
  append(log, CODE.store, pfn, index, count, image[0]!, image[1]!, lo, hi);
}

/** Sequence number of the oldest record still held. */
export function firstHeld(log: EventLog): number {
  return Math.max(0, log.next - log.records.length / FIELDS);
}

/** The event at a sequence number, or `undefined` for a continuation record and for what the ring dropped. */
export function eventAt(log: EventLog, seq: number): ModelEvent | undefined {
  if (seq < firstHeld(log) || seq >= log.next) return undefined;
  const size = log.records.length / FIELDS;
  const at = (seq % size) * FIELDS;
  const field = (n: number): number => log.records[at + n]!;
  const kind = KINDS[field(0)];
  switch (kind) {
    case undefined:
      return undefined;
    case 'alloc':
      return { seq, kind, pfn: field(1), bytes: field(2) };
    case 'alloc_fail':
      return { seq, kind, bytes: field(2) };
    case 'free':
      return { seq, kind, pfn: field(1) };
    case 'flush':
    case 'dma_map':
    case 'dma_unmap':
      return { seq, kind, at: addr(field(1), field(2)), bytes: field(3) };
    case 'store':
      return {
        seq,
        kind,
        pfn: field(1),
        index: field(2),
        count: field(3),
        before: { lo: field(4), hi: field(5) },
        after: { lo: field(6), hi: field(7) },
      };
    case 'change_top':
      return { seq, kind, pfn: field(1), level: field(2) };
    case 'sync':
      return {
        seq,
        kind,
        start: addr(field(1), field(2)),
        last: addr(field(3), field(4)),
        leafLevels: field(5),
        tableLevels: field(6),
        freelist: Array.from(
          { length: field(7) },
          (_, n) => log.records[((seq + 1 + n) % size) * FIELDS + 1]!,
        ),
      };
    case 'sync_map':
    case 'dirty':
      return { seq, kind, start: addr(field(1), field(2)), length: addr(field(3), field(4)) };
    case 'tlb_flush_walk':
      return {
        seq,
        kind,
        start: addr(field(1), field(2)),
        length: addr(field(3), field(4)),
        granule: field(5),
      };
    case 'flush_all':
    case 'tlb_flush_all':
      return { seq, kind };
    case 'warn':
      return { seq, kind, what: WARNINGS[field(1)]! };
  }
}

/** The events from a sequence number on, oldest first. */
export function eventsSince(log: EventLog, seq: number): readonly ModelEvent[] {
  const found: ModelEvent[] = [];
  for (let n = Math.max(seq, firstHeld(log)); n < log.next; n++) {
    const event = eventAt(log, n);
    if (event !== undefined) found.push(event);
  }
  return found;
}
