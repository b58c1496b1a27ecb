import type { Executor, Model } from '../machine/executor.ts';
import { fieldOf, StructView } from '../machine/fields.ts';
import { Stop } from '../machine/stop.ts';
import { hex } from '../machine/values.ts';
import type { ModelBody } from './model.ts';
import { alike, family, stateOf } from './model.ts';

/** Something the page allocator did, in order. Addresses are physical, sizes in bytes. */
export type PageEvent =
  | { readonly kind: 'alloc'; readonly physical: number; readonly bytes: number }
  | { readonly kind: 'alloc_fail'; readonly bytes: number }
  | { readonly kind: 'free'; readonly physical: number };

/**
 * The page allocator: a bump pointer over physical memory. Freed pages are not reused, so a table
 * that is still referenced after it was freed is found by the first access.
 */
export interface PagePool {
  /** Physical address of the first page. Unit: bytes. */
  base: number;
  offset: number;
  /** Allocations that are live: physical address to bytes. */
  readonly sizes: Map<number, number>;
  /** Sizes of freed allocations, which their contents may still be asked about. */
  readonly freed: Map<number, number>;
  /** Allocations that still succeed before one fails; undefined: none fails. */
  failAfter: number | undefined;
  listener: ((event: PageEvent) => void) | undefined;
}

const PAGE = 4096;
/** The largest order that the page allocator serves. Kernel: MAX_PAGE_ORDER. */
const MAX_ORDER = 10;
/** Where page-table memory starts unless a situation says otherwise; above all slab memory. */
const DEFAULT_BASE = 0x100000000;

/** The page allocator of a machine. */
export function pagePool(machine: Executor): PagePool {
  return stateOf<PagePool>(machine, 'pages', () => ({
    base: DEFAULT_BASE,
    offset: 0,
    sizes: new Map<number, number>(),
    freed: new Map<number, number>(),
    failAfter: undefined,
    listener: undefined,
  }));
}

/** What handing out a page takes, so that a loop which does nothing else comes to its end. Unit: steps. */
const STEPS_PER_PAGE = 32;

/** Allocates `2^order` pages. Gives the physical address, or undefined when the allocation fails. */
export function allocatePages(
  machine: Executor,
  order: number,
  zero: boolean,
  kind: 'pages' | 'buffer' = 'pages',
): number | undefined {
  if (order > MAX_ORDER) return undefined;
  const pool = pagePool(machine);
  const bytes = PAGE * 2 ** order;
  if (pool.failAfter !== undefined && pool.failAfter-- === 0) {
    pool.failAfter = undefined;
    pool.listener?.({ kind: 'alloc_fail', bytes });
    return undefined;
  }
  pool.offset = Math.ceil(pool.offset / bytes) * bytes;
  const physical = pool.base + pool.offset;
  pool.offset += bytes;
  pool.sizes.set(physical, bytes);
  const start = machine.directMap + physical;
  const region = {
    kind,
    name: `page ${hex(physical)}`,
    start,
    size: bytes,
    physical,
  };
  machine.spend((bytes / PAGE) * STEPS_PER_PAGE);
  machine.memory.back(region, zero ? 'zero' : 'unwritten');
  initializeStructPage(machine, physical, order);
  pool.listener?.({ kind: 'alloc', physical, bytes });
  return physical;
}

/** Frees the allocation at a physical address. */
export function freePages(machine: Executor, physical: number): void {
  const pool = pagePool(machine);
  const bytes = pool.sizes.get(physical);
  if (bytes === undefined) {
    throw new Stop('bad-pointer', `frees page ${hex(physical)}, which is not allocated`);
  }
  pool.sizes.delete(physical);
  pool.freed.set(physical, bytes);
  pool.listener?.({ kind: 'free', physical });
  const region = machine.memory.regions.startingAt(machine.directMap + physical);
  if (region !== undefined) machine.memory.free(region);
}

/** What C reads from the struct page of a fresh allocation: its reference and, for a folio, its order. */
function initializeStructPage(machine: Executor, physical: number, order: number): void {
  const unit = machine.mainUnit;
  if (unit.aggregate('page') === undefined) return;
  const address = pageStructOf(machine, physical);
  const page = new StructView(machine.memory, unit, 'page', address);
  const head = unit.enumerator('PG_head') ?? 6n;
  const flags = page.has('flags.f') ? 'flags.f' : 'flags';
  page.set(flags, order > 0 ? 1n << head : 0n);
  machine.memory.storeSmall(page.at('_refcount'), 4, 1);
  if (order > 0 && unit.aggregate('folio') !== undefined) {
    const folio = new StructView(machine.memory, unit, 'folio', address);
    if (folio.has('_flags_1')) folio.set('_flags_1', order);
    else if (folio.has('_folio_order')) folio.set('_folio_order', order);
  }
}

/** Address of the struct page of a physical address, as the tree's own pfn_to_page() computes it. */
export function pageStructOf(machine: Executor, physical: number): number {
  const { base, size } = memoryMap(machine);
  return base + Math.floor(physical / PAGE) * size;
}

/** Physical address of the page a struct page describes; what lies between two of them stops the run. */
export function physicalOfPage(machine: Executor, page: number): number {
  const { base, size } = memoryMap(machine);
  const number = (page - base) / size;
  if (!Number.isInteger(number)) throw new Stop('bad-pointer', `${hex(page)} is no struct page`);
  return number * PAGE;
}

interface MemoryMap {
  readonly base: number;
  /** Unit: bytes of struct page. */
  readonly size: number;
}

/** Pages that have a struct page: 46 bits of physical addresses, what fits below the kernel image. */
const MAX_PAGES = 2 ** 34;

function memoryMap(machine: Executor): MemoryMap {
  return stateOf<MemoryMap>(machine, 'memory-map', () => {
    const base = machine.evaluate('(unsigned long)pfn_to_page(0UL)');
    const start = Number(BigInt.asIntN(64, BigInt(base ?? 0)));
    const size = StructView.sizeOf(machine.mainUnit, 'page');
    machine.memory.back(
      { kind: 'struct-page', name: 'struct page array', start, size: size * MAX_PAGES },
      'zero',
    );
    return { base: start, size };
  });
}

/** Backs the struct pages before C touches one. */
export function prepareMemoryMap(machine: Executor): void {
  if (machine.mainUnit.aggregate('page') !== undefined) memoryMap(machine);
}

function wantsZero(machine: Executor, gfp: number): boolean {
  const bit = stateOf(
    machine,
    'gfp-zero',
    () => machine.constant('(unsigned int)__GFP_ZERO') ?? 0x100n,
  );
  return (BigInt(gfp) & bit) !== 0n;
}

/** An allocator that returns a struct page; `gfp` and `order` are argument positions. */
const pageStruct =
  (gfp: number, order: number): ModelBody =>
  (machine, args) => {
    const physical = allocatePages(
      machine,
      args.number(order),
      wantsZero(machine, args.number(gfp)),
    );
    return physical === undefined ? 0 : pageStructOf(machine, physical);
  };

/** An allocator that returns a virtual address. */
const pageAddress =
  (gfp: number, order: number | undefined): ModelBody =>
  (machine, args) => {
    const count = order === undefined ? 0 : args.number(order);
    const zero = order === undefined || wantsZero(machine, args.number(gfp));
    const physical = allocatePages(machine, count, zero);
    return physical === undefined ? 0 : BigInt.asUintN(64, BigInt(machine.directMap + physical));
  };

const freeStruct: ModelBody = (machine, args, { name }) => {
  const page = Number(args.pointer(0));
  // A page that was made up for a pointer nobody set is one that somebody else allocated.
  if (machine.memory.regions.containing(page)?.kind === 'input') {
    machine.record({ kind: 'model', name, text: 'a page that was there before' });
    return undefined;
  }
  freePages(machine, physicalOfPage(machine, page));
  return undefined;
};

const freeAddress: ModelBody = (machine, args) => {
  const address = Number(BigInt.asIntN(64, args.bits(0)));
  if (address !== 0) freePages(machine, address - machine.directMap);
  return undefined;
};

/** Drops a reference of every page of a list, which is empty then. Source: mm/swap.c of the tree. */
const putPagesList: ModelBody = (machine, args) => {
  const unit = machine.mainUnit;
  const head = Number(args.pointer(0));
  const list = (at: number): StructView => new StructView(machine.memory, unit, 'list_head', at);
  const nextOf = (at: number): number => Number(list(at).get('next'));
  for (let at = nextOf(head); at !== head;) {
    const next = nextOf(at);
    const start = at - fieldOf(unit, 'page', 'lru').offset;
    const count = new StructView(machine.memory, unit, 'page', start).at('_refcount');
    const left = Number(machine.memory.peekBits(count, 4)) - 1;
    machine.memory.storeSmall(count, 4, left);
    if (left === 0) freePages(machine, physicalOfPage(machine, start));
    at = next;
  }
  list(head).set('next', head);
  list(head).set('prev', head);
  return undefined;
};

const facts = {
  reads: 'the failure injection of the situation',
  writes: 'the pages (zero with __GFP_ZERO), and flags, order and reference of their struct page',
};

/** The page allocator's entry points over the versions. */
export const PAGES: readonly Model[] = family(facts, {
  ...alike('__alloc_pages_noprof __alloc_pages alloc_pages_noprof alloc_pages', pageStruct(0, 1)),
  ...alike('alloc_pages_node_noprof alloc_pages_node', pageStruct(1, 2)),
  ...alike('__folio_alloc_noprof __folio_alloc folio_alloc_noprof folio_alloc', pageStruct(0, 1)),
  ...alike('__alloc_frozen_pages_noprof alloc_frozen_pages_noprof', pageStruct(0, 1)),
  ...alike('get_free_pages_noprof __get_free_pages', pageAddress(0, 1)),
  ...alike('get_zeroed_page_noprof get_zeroed_page', pageAddress(0, undefined)),
  ...alike('__free_pages __folio_put free_frozen_pages free_unref_page __put_page', freeStruct),
  ...alike('free_pages', freeAddress),
  put_pages_list: putPagesList,
  ...alike(
    `__mod_node_page_state mod_node_page_state __mod_lruvec_page_state __lruvec_stat_mod_folio
    lruvec_stat_mod_folio mod_lruvec_page_state inc_node_page_state __inc_node_page_state
    dec_node_page_state __dec_node_page_state mod_zone_page_state mod_lruvec_state
    __mod_lruvec_state __mod_zone_page_state`,
    () => undefined,
  ),
});
