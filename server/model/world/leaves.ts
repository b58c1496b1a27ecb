import type { Word64 } from '../bits/pte64.ts';
import { load } from '../mem/physMem.ts';
import type { Space } from './space.ts';
import type { World } from './world.ts';

/** A leaf that the tables hold now, contiguous items counted once. */
export interface LiveLeaf {
  /** IOVA pages, ends inclusive. */
  readonly first: number;
  readonly last: number;
  /** First page it translates to. */
  readonly pfn: number;
  readonly lg2: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly level: number;
  /** Where its first item stands. */
  readonly table: number;
  readonly index: number;
  readonly word: Word64;
}

const PAGE_LG2 = 12;

/** The leaves of a space, by the hardware's reading of memory as the CPU sees it. */
export function* liveLeaves(world: World, space: Space): Generator<LiveLeaf> {
  for (const [table, { level, base }] of space.positions) {
    const itemPages = 2 ** (space.shape.itemLg2(level) - PAGE_LG2);
    for (let index = 0; index < space.shape.items; index++) {
      const word = load(world.mem, table, index);
      if ((word.lo | word.hi) === 0) continue;
      const reading = space.shape.read(word, level);
      if (reading.kind !== 'leaf') continue;
      const pages = 2 ** (reading.lg2 - PAGE_LG2);
      const at = base + index * itemPages;
      const first = at - (at % pages);
      if (at !== first) continue;
      const { pfn, lg2, read, write } = reading;
      yield { first, last: first + pages - 1, pfn, lg2, read, write, level, table, index, word };
    }
  }
}

/** The leaf that translates an IOVA page, if any. */
export function leafAt(world: World, space: Space, page: number): LiveLeaf | undefined {
  for (const leaf of liveLeaves(world, space)) {
    if (page >= leaf.first && page <= leaf.last) return leaf;
  }
  return undefined;
}

/** Leaves through which physical pages can be reached. */
export function* leavesReaching(
  world: World,
  space: Space,
  first: number,
  last: number,
): Generator<LiveLeaf> {
  for (const leaf of liveLeaves(world, space)) {
    const end = leaf.pfn + (leaf.last - leaf.first);
    if (leaf.pfn <= last && end >= first) yield leaf;
  }
}
