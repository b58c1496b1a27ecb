import type { TakenCommand } from '../iommu/commands.ts';
import type { DriverEvent } from '../kernel/domainDriver.ts';
import type { StackEntry } from '../machine/whereabouts.ts';

/** Where in a run something happened. */
export interface LogPlace {
  /** Events of the trace that were recorded before it. */
  readonly after: number;
  /** In the file under review where one of its functions is active, else in the innermost C file. */
  readonly place: StackEntry | undefined;
  /** The C function that did it. */
  readonly by: string;
}

/** Something that a run did to memory that hardware reads, or asked of hardware. Addresses are physical. */
export type LoggedOperation = LogPlace &
  (
    | {
        /** Stores with nothing else between them: `count` words of the log from `first` on. */
        readonly kind: 'store';
        readonly first: number;
        count: number;
        /** Stores to RAM that is no table. */
        readonly to: 'pages' | 'ram';
      }
    | { readonly kind: 'clean'; readonly physical: number; readonly bytes: number }
    | { readonly kind: 'alloc' | 'free'; readonly physical: number; readonly bytes: number }
    | { readonly kind: 'driver'; readonly event: DriverEvent }
    /** The IOMMU took a command from the queue of the driver under review. */
    | { readonly kind: 'command'; readonly command: TakenCommand }
    /** Pages that nothing pins any more. */
    | { readonly kind: 'unpin'; readonly first: number; last: number }
    /** IOVAs that the allocator may give out anew. */
    | { readonly kind: 'iova'; readonly first: number; readonly last: number }
    /** Software's own top of a table, by the number of its probe. */
    | {
        readonly kind: 'top';
        readonly table: number;
        readonly physical: number;
        readonly level: number;
      }
    /** What the gather holds that the run fills; undefined once it is gone. */
    | { readonly kind: 'gather'; readonly gather: LoggedGather | undefined }
    | LoggedCall
    | LoggedReturn
  );

/** A call of an interface of the core, from outside of it. Unit: bytes. */
export interface LoggedCall extends LogPlace {
  readonly kind: 'map' | 'unmap';
  readonly name: string;
  readonly domain: number;
  readonly iova: bigint;
  readonly size: bigint;
  /** Map: where to. */
  readonly to: bigint | undefined;
  /** What it returned, once it did. */
  result: bigint | undefined;
}

/** The return of such a call. */
export interface LoggedReturn extends LogPlace {
  readonly kind: 'return';
  readonly call: LoggedCall;
  /** IOVAs that the gather holds which an unmap was handed. */
  readonly gathered: GatheredRange | undefined;
}

/** What a gather holds, last inclusive; it starts after it ends where it is empty. */
export interface GatheredRange {
  readonly start: bigint;
  readonly last: bigint;
}

/** All that a `struct iommu_iotlb_gather` says at a moment. */
export interface LoggedGather extends GatheredRange {
  /** Interval of the flush. Unit: bytes. Undefined where this tree keeps levels in its place. */
  readonly pageSize: bigint | undefined;
  /** Levels of generic_pt, a bit each, of which leaves and tables went. */
  readonly levels: { readonly leaves: number; readonly tables: number } | undefined;
  /** Pages of tables that wait for the flush to be freed, counted up to {@link MOST_WAITING}. */
  readonly waiting: number;
  /** A flush of everything completes it later: the flush queue. */
  readonly queued: boolean;
}

/** Table pages of a gather that are counted. */
export const MOST_WAITING = 4096;

/** Words that a log keeps; a run that stores more is not watched. */
const MOST_WORDS = 1 << 17;
const FIRST_WORDS = 64;
const WORDS_PER_PAGE = 512;

/** Words of memory in order: where, and the two halves. */
export class WordList {
  count = 0;
  private where = new Float64Array(FIRST_WORDS);
  private halves = new Int32Array(2 * FIRST_WORDS);

  /** Adds a word by its physical address divided by 8. */
  add(word: number, lo: number, hi: number): void {
    if (this.count === this.where.length) {
      const where = new Float64Array(2 * this.count);
      where.set(this.where);
      this.where = where;
      const halves = new Int32Array(4 * this.count);
      halves.set(this.halves);
      this.halves = halves;
    }
    this.where[this.count] = word;
    this.halves[2 * this.count] = lo;
    this.halves[2 * this.count + 1] = hi;
    this.count++;
  }

  pfnAt(n: number): number {
    return Math.floor(this.where[n]! / WORDS_PER_PAGE);
  }

  indexAt(n: number): number {
    return this.where[n]! % WORDS_PER_PAGE;
  }

  loAt(n: number): number {
    return this.halves[2 * n]!;
  }

  hiAt(n: number): number {
    return this.halves[2 * n + 1]!;
  }
}

/**
 * What a run did, in the order in which it did it: enough to do it again on the model. Words are kept in typed
 * arrays, and nothing is decoded, because most runs are never shown.
 */
export class RunLog {
  readonly words: WordList = new WordList();
  readonly operations: LoggedOperation[] = [];
  /** Words of the tables when the run began. */
  readonly before: WordList = new WordList();
  /** Pages that were there then: page frame number to pages. */
  readonly pagesBefore: Map<number, number> = new Map<number, number>();

  /** The run stored more than is kept. */
  get isCut(): boolean {
    return this.words.count >= MOST_WORDS;
  }

  /** The last thing that happened was a store to a page. */
  get isStoring(): boolean {
    const last = this.operations.at(-1);
    return last?.kind === 'store' && last.to === 'pages';
  }

  /** Adds words to the stores that happen now; `place` is asked where they begin. */
  store(
    words: Iterable<readonly [word: number, lo: number, hi: number]>,
    to: 'pages' | 'ram',
    place: () => LogPlace,
  ): void {
    if (this.isCut) return;
    let last = this.operations.at(-1);
    if (last?.kind !== 'store' || last.to !== to) {
      last = { kind: 'store', first: this.words.count, count: 0, to, ...place() };
      this.operations.push(last);
    }
    for (const [word, lo, hi] of words) {
      this.words.add(word, lo, hi);
      last.count++;
    }
  }

  add(operation: LoggedOperation): void {
    const last = this.operations.at(-1);
    const isNext =
      operation.kind === 'unpin' && last?.kind === 'unpin' && last.last + 1 === operation.first;
    if (isNext) last.last = operation.last;
    else this.operations.push(operation);
  }
}
