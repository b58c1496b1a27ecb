import { PAGE_BYTES } from './page.ts';
import { hex } from './values.ts';

/** What a region is. */
export type RegionKind =
  | 'global'
  | 'string'
  | 'stack'
  | 'slab'
  | 'pages'
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

/** The live regions, for naming addresses and for backing large ranges page by page. */
export class Regions {
  private readonly live = new Map<number, Region>();
  private sorted: Region[] | undefined;
  private readonly lazy: LazyRange[] = [];
  private readonly clobbers: { start: number; end: number; by: string }[] = [];

  add(region: Region): void {
    this.live.set(region.start, region);
    this.sorted = undefined;
  }

  remove(region: Region): void {
    this.live.delete(region.start);
    this.sorted = undefined;
  }

  /** Backs a large region when its pages are first touched. */
  addLazy({ start, size }: Region, flags: number): void {
    this.lazy.push({ start, end: start + size, flags });
  }

  /** Sets the shadow of a new page as the lazy regions over it say. */
  fillLazyPage(pageStart: number, shadow: Uint8Array): void {
    for (const { start, end, flags } of this.lazy) {
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
    this.sorted ??= [...this.live.values()].sort((a, b) => a.start - b.start);
    let low = 0;
    let high = this.sorted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.sorted[middle]!.start <= address) low = middle;
      else high = middle - 1;
    }
    const region = this.sorted[low];
    if (region === undefined || address < region.start) return undefined;
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
