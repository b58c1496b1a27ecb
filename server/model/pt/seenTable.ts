import { INV_POW2 } from '../bits/pow2.ts';
import { chunkOf, pageBase, type PhysMem } from '../mem/physMem.ts';

/**
 * A table of the tree as walks found it last, with the tables below it that they came to.
 *
 * Walks go down these instead of decoding every entry, as hardware does with its paging-structure caches, except that
 * nothing has to be invalidated: a walk compares each entry on its way with the words that it had when it was decoded,
 * and decodes it anew where they differ. So whoever changes an entry (an operation, a scenario that pokes table memory,
 * C that runs on the model) need not know of this.
 * No kernel counterpart: the kernel decodes the entries of each walk.
 */
export interface SeenTable {
  /** First page. Unit: page frame number. */
  readonly pfn: number;
  /** Level as its page-table code numbers it. */
  readonly level: number;
  /** Words of the entry that led here; a top table has none. */
  readonly lo: number;
  readonly hi: number;
  /** The chunk of memory in which the table begins, and where its first item stands in it. */
  readonly chunk: Int32Array;
  readonly base: number;
  /** How an address is turned into an index: see `itemIn`. Pages or granules, as the page-table code counts. */
  readonly shift: number;
  readonly perItem: number;
  readonly lastIndex: number;
  /** Tables below, by the index of their entry. */
  readonly children: (SeenTable | undefined)[];
}

/** What a table is, before anything was seen below it. */
export interface TableShape {
  readonly pfn: number;
  readonly level: number;
  /** What one item translates. Unit: lg2 of pages or granules. */
  readonly itemLg2: number;
  readonly lastIndex: number;
  /** Whether the level has tables below it. */
  readonly leads: boolean;
}

/** Integers that a shift takes whole. Unit: bits. */
const SHIFTED_BITS = 32;
/** Shift of a table whose indices come from bits beyond those. */
const BY_PRODUCT = -1;

/** Stands for the top of a table that has none yet. */
export const UNSEEN: SeenTable = {
  pfn: 0,
  level: 0,
  lo: 0,
  hi: 0,
  chunk: new Int32Array(0),
  base: 0,
  shift: 0,
  perItem: 1,
  lastIndex: 0,
  children: [],
};

/** Remembers a table, and the words of the entry that leads to it. */
export function seeTable(mem: PhysMem, shape: TableShape, lo: number, hi: number): SeenTable {
  const { pfn, level, itemLg2, lastIndex } = shape;
  const isLow = itemLg2 + SHIFTED_BITS - Math.clz32(lastIndex) <= SHIFTED_BITS;
  return {
    pfn,
    level,
    lo,
    hi,
    chunk: chunkOf(mem, pfn),
    base: pageBase(pfn),
    shift: isLow ? itemLg2 : BY_PRODUCT,
    perItem: INV_POW2[itemLg2]!,
    lastIndex,
    children: shape.leads ? new Array<undefined>(lastIndex + 1).fill(undefined) : [],
  };
}

/** Index of an address in a table. */
export function itemIn({ shift, perItem, lastIndex }: SeenTable, va: number): number {
  return shift >= 0 ? (va >>> shift) & lastIndex : (va * perItem) & lastIndex;
}

/** Whether an entry still holds the words with which it led to a table. */
export function isLedTo(child: SeenTable, lo: number, hi: number): boolean {
  return child.lo === lo && child.hi === hi;
}
