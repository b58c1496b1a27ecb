import { logPage, logRange } from './events.ts';
import { cleanLines, flush, pageState, zeroPages, type PhysMem } from './physMem.ts';

/**
 * Allocator of page-table memory with predictable addresses: a bump pointer that never reuses what was freed.
 * Kernel: drivers/iommu/iommu-pages.c, with the page allocator below it replaced.
 */
export interface IommuPages {
  readonly mem: PhysMem;
  /** First page. Unit: page frame number. */
  readonly basePfn: number;
  /** Pages handed out so far, padding included. */
  used: number;
  /** Allocations not freed yet. */
  live: number;
  /** The n-th allocation from now fails once; -1 for none. */
  failAt: number;
  /** Pages of each allocation ever made, by its first page. */
  readonly sizes: Map<number, number>;
  /** How table memory reaches an incoherent walker: x86 cleans cache lines, other architectures use the DMA API. */
  readonly cleaning: 'clflush' | 'dma-api';
}

const PAGE_BYTES = 4096;

/** Where the first table lands unless told otherwise: 4 GiB, above the legacy hole. Unit: page frame number. */
export const DEFAULT_BASE_PFN = 0x100000;

/** Makes an allocator on top of memory. */
export function createIommuPages(
  mem: PhysMem,
  options: { basePfn?: number; cleaning?: 'clflush' | 'dma-api' } = {},
): IommuPages {
  return {
    mem,
    basePfn: options.basePfn ?? DEFAULT_BASE_PFN,
    used: 0,
    live: 0,
    failAt: -1,
    sizes: new Map(),
    cleaning: options.cleaning ?? 'clflush',
  };
}

/**
 * Allocates zeroed, naturally aligned table memory. Gives the first page, or -1 where a failure was injected.
 * Kernel: iommu_alloc_pages_node_sz().
 */
export function allocPages(pages: IommuPages, byteCount: number): number {
  const { mem } = pages;
  let count = 1;
  while (count * PAGE_BYTES < byteCount) count *= 2;
  if (pages.failAt >= 0 && pages.failAt-- === 0) {
    if (mem.log !== null) logPage(mem.log, 'alloc_fail', 0, count * PAGE_BYTES);
    return -1;
  }
  const offset = Math.ceil(pages.used / count) * count;
  const pfn = pages.basePfn + offset;
  pages.used = offset + count;
  pages.live++;
  pages.sizes.set(pfn, count);
  zeroPages(mem, pfn, count);
  for (let page = pfn; page < pfn + count; page++) {
    const state = pageState(mem, page);
    state.use = 'table';
    state.allocSeq = mem.log === null ? -1 : mem.log.next;
  }
  if (mem.log !== null) logPage(mem.log, 'alloc', pfn, count * PAGE_BYTES);
  return pfn;
}

/** Bytes of the allocation that begins at a page; one page where none does. */
export function allocatedBytes(pages: IommuPages, pfn: number): number {
  return (pages.sizes.get(pfn) ?? 1) * PAGE_BYTES;
}

/** Frees one allocation. Kernel: iommu_free_pages(). */
export function freePages(pages: IommuPages, pfn: number): void {
  const { mem } = pages;
  if (mem.log !== null) logPage(mem.log, 'free', pfn);
  pages.live--;
  const count = pages.sizes.get(pfn) ?? 1;
  for (let page = pfn; page < pfn + count; page++) {
    const state = pageState(mem, page);
    state.use = 'free';
    state.freeSeq = mem.log === null ? -1 : mem.log.next - 1;
  }
}

/** Frees a list of allocations in order. Kernel: iommu_put_pages_list(). */
export function putPagesList(pages: IommuPages, list: readonly number[]): void {
  for (let n = 0; n < list.length; n++) freePages(pages, list[n]!);
}

/** Makes fresh table memory visible to an incoherent walker. Kernel: iommu_pages_start_incoherent(). */
export function startIncoherent(pages: IommuPages, pfn: number): void {
  const byteCount = allocatedBytes(pages, pfn);
  if (pages.cleaning === 'clflush') {
    flush(pages.mem, pfn, 0, byteCount);
    return;
  }
  if (pages.mem.log !== null) logRange(pages.mem.log, 'dma_map', pfn, 0, byteCount);
  cleanLines(pages.mem, pfn, 0, byteCount);
}

/** Frees table memory of an incoherent walker. Kernel: iommu_pages_free_incoherent(). */
export function freeIncoherent(pages: IommuPages, pfn: number): void {
  if (pages.cleaning === 'dma-api' && pages.mem.log !== null) {
    logRange(pages.mem.log, 'dma_unmap', pfn, 0, allocatedBytes(pages, pfn));
  }
  freePages(pages, pfn);
}
