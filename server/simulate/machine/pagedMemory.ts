import type { Page } from './page.ts';
import { makePage, PAGE_BYTES } from './page.ts';
import type { Region } from './regions.ts';
import { Regions } from './regions.ts';

/** The pages behind a memory, made when they are first touched, and walks over ranges of them. */
export class PagedMemory {
  readonly regions: Regions = new Regions();
  private readonly pages = new Map<number, Page>();
  private lastIndex = NaN;
  private lastPage!: Page;

  /** Gives pages that exist already the contents of a large region over them. */
  protected refillPages({ start, size }: Region, flags: number): void {
    const first = Math.floor(start / PAGE_BYTES);
    const last = Math.floor((start + size - 1) / PAGE_BYTES);
    const isSmall = last - first < this.pages.size;
    const inside = isSmall ? pagesFrom(first, last) : this.pages.keys();
    for (const index of inside) {
      if (isSmall && !this.pages.has(index)) continue;
      const from = Math.max(start, index * PAGE_BYTES);
      const to = Math.min(start + size, (index + 1) * PAGE_BYTES);
      if (from < to) this.fill(from, to - from, flags);
    }
  }

  /** The bytes of a range as they are, whatever is known of them. */
  bytesAt(start: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.eachRun(start, size, (page, offset, at, count) => {
      bytes.set(page.bytes.subarray(offset, offset + count), at);
    });
    return bytes;
  }

  /** The pages of a region that were touched, with their addresses. */
  *pagesIn({ start, size }: Region): Iterable<{ readonly page: Page; readonly start: number }> {
    const last = Math.floor((start + size - 1) / PAGE_BYTES);
    for (let index = Math.floor(start / PAGE_BYTES); index <= last; index++) {
      const page = this.pages.get(index);
      if (page !== undefined) yield { page, start: index * PAGE_BYTES };
    }
  }

  protected fill(start: number, size: number, flags: number): void {
    let at = start;
    const end = start + size;
    while (at < end) {
      const index = Math.floor(at / PAGE_BYTES);
      const offset = at - index * PAGE_BYTES;
      const count = Math.min(end - at, PAGE_BYTES - offset);
      const page = this.page(index);
      page.bytes.fill(0, offset, offset + count);
      page.shadow.fill(flags, offset, offset + count);
      at += count;
    }
  }

  protected fillShadow(start: number, size: number, flags: number): void {
    let at = start;
    const end = start + size;
    while (at < end) {
      const index = Math.floor(at / PAGE_BYTES);
      const offset = at - index * PAGE_BYTES;
      const count = Math.min(end - at, PAGE_BYTES - offset);
      this.page(index).shadow.fill(flags, offset, offset + count);
      at += count;
    }
  }

  /** The page at an index; created without backing, or as a lazy region says. */
  protected page(index: number): Page {
    if (index === this.lastIndex) return this.lastPage;
    let page = this.pages.get(index);
    if (page === undefined) {
      page = makePage(0);
      this.regions.fillLazyPage(index * PAGE_BYTES, page.shadow);
      this.pages.set(index, page);
    }
    this.lastIndex = index;
    this.lastPage = page;
    return page;
  }

  /** The low and high half of an aligned word of 8 bytes as they are, backed or not: what hardware reads. */
  halvesAt(address: number): readonly [lo: number, hi: number] {
    const index = Math.floor(address / PAGE_BYTES);
    const { data } = this.page(index);
    const offset = address - index * PAGE_BYTES;
    return [data.getInt32(offset, true), data.getInt32(offset + 4, true)];
  }

  protected eachRun(
    start: number,
    size: number,
    visit: (page: Page, offset: number, at: number, count: number) => void,
  ): void {
    let at = 0;
    while (at < size) {
      const index = Math.floor((start + at) / PAGE_BYTES);
      const offset = start + at - index * PAGE_BYTES;
      const count = Math.min(size - at, PAGE_BYTES - offset);
      visit(this.page(index), offset, at, count);
      at += count;
    }
  }
}

function* pagesFrom(first: number, last: number): Iterable<number> {
  for (let index = first; index <= last; index++) yield index;
}
