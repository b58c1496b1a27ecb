import { PAGE_BYTES } from './page.ts';
import { hex } from './values.ts';

/** What a region is. */
export type RegionKind =
  | 'global'
  | 'string'
  | 'stack'
  | 'slab'
  | 'pages'
  /** RAM that data is moved from or to. */
  | 'buffer'
  | 'external'
  | 'struct-page'
  | 'mmio'
  | 'input'
  | 'returned';

/** A stretch of memory with one life. */
export interface Region {
  readonly kind: RegionKind;
  /** What people call it: a variable, `kmalloc in f()`, `page table`. */
  readonly name: string;
  readonly start: number;
  /** Unit: bytes. */
  readonly size: number;
  /** Physical address of the first byte, where it has one. */
  readonly physical?: number;
  /** Address that the name stands for, where the region begins before it. */
  readonly origin?: number;
  /** What it held when it was made; zero where nothing is said. */
  readonly contents?: 'unwritten' | 'zero' | 'assumed';
}

interface LazyRange {
  readonly start: number;
  readonly end: number;
  readonly flags: number;
}

/** Lazy ranges are found by the chunk of addresses that they touch. Unit: bytes. */
const CHUNK_BYTES = 1 << 20;
/** Larger ranges would touch too many chunks; there are few. Unit: bytes. */
const VAST_BYTES = 64 * CHUNK_BYTES;

function chunkOf(address: number): number {
  return Math.floor(address / CHUNK_BYTES);
}

/** The live regions, for naming addresses and for backing large ranges page by page. */
export class Regions {
  private readonly live = new Map<number, Region>();
  /** The live regions by their start. */
  private readonly sorted: Region[] = [];
  private readonly lazy = new Map<number, LazyRange[]>();
  private readonly vast: LazyRange[] = [];
  private readonly clobbers: { start: number; end: number; by: string }[] = [];

  add(region: Region): void {
    const isAgain = this.live.has(region.start);
    this.live.set(region.start, region);
    // Addresses are handed out upwards: nearly always this is the end.
    this.sorted.splice(this.countUpTo(region.start) - (isAgain ? 1 : 0), isAgain ? 1 : 0, region);
  }

  remove(region: Region): void {
    if (!this.live.delete(region.start)) return;
    this.sorted.splice(this.countUpTo(region.start) - 1, 1);
  }

  /** How many live regions start at an address or before it. */
  private countUpTo(address: number): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]!.start <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Backs a large region when its pages are first touched. */
  addLazy({ start, size }: Region, flags: number): void {
    const range = { start, end: start + size, flags };
    if (size > VAST_BYTES) {
      this.vast.push(range);
      return;
    }
    for (let chunk = chunkOf(start); chunk <= chunkOf(range.end - 1); chunk++) {
      const known = this.lazy.get(chunk);
      if (known === undefined) this.lazy.set(chunk, [range]);
      else known.push(range);
    }
  }

  /** Sets the shadow of a new page as the lazy regions over it say. */
  fillLazyPage(pageStart: number, shadow: Uint8Array): void {
    const near = this.lazy.get(chunkOf(pageStart)) ?? [];
    for (const { start, end, flags } of [...this.vast, ...near]) {
      const from = Math.max(start, pageStart) - pageStart;
      const to = Math.min(end, pageStart + PAGE_BYTES) - pageStart;
      if (from < to) shadow.fill(flags, from, to);
    }
  }

  /** Remembers which unknown function could write to a range. */
  addClobber(start: number, size: number, by: string): void {
    this.clobbers.push({ start, end: start + size, by });
  }

  /** The function that left an address unknown. */
  clobberedBy(address: number): string | undefined {
    return this.clobbers.findLast(({ start, end }) => address >= start && address < end)?.by;
  }

  /** Every live region. */
  all(): Iterable<Region> {
    return this.live.values();
  }

  /** The region that starts exactly here. */
  startingAt(address: number): Region | undefined {
    return this.live.get(address);
  }

  /** The live region an address is in. */
  containing(address: number): Region | undefined {
    const region = this.sorted[this.countUpTo(address) - 1];
    if (region === undefined) return undefined;
    return address < region.start + region.size ? region : undefined;
  }

  /** An address in words: region and offset where one is known. */
  describe(address: number): string {
    const region = this.containing(address);
    if (region === undefined) return `address ${hex(address)}`;
    const offset = address - (region.origin ?? region.start);
    if (offset === 0) return region.name;
    return offset > 0 ? `${region.name} + ${offset}` : `${region.name} - ${-offset}`;
  }
}
