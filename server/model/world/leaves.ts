import type { Word64 } from '../bits/pte64.ts';
import { load } from '../mem/physMem.ts';
import type { PageRange } from './rangeCoding.ts';
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
/** Tables that a root may consist of. Source: Arm ARM (DDI 0487), "Concatenated translation tables". */
const CONCATENATED = 16;

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

/**
 * The leaves that translate something of a span, found from the top down; the rest of the tables is not looked at.
 * The span has to lie within the addresses that the table translates.
 */
export function* leavesWithin(world: World, space: Space, span: PageRange): Generator<LiveLeaf> {
  const { pfn, level } = space.top();
  yield* below(world, space, pfn, level, 0, span);
}

function* below(
  world: World,
  space: Space,
  table: number,
  level: number,
  base: number,
  span: PageRange,
): Generator<LiveLeaf> {
  const itemPages = 2 ** (space.shape.itemLg2(level) - PAGE_LG2);
  // A root may be several tables in a row; below it indices end with the table.
  const tables = table === space.top().pfn ? CONCATENATED : 1;
  const end = tables * space.shape.items - 1;
  const to = Math.min(end, Math.floor((span.last - base) / itemPages));
  let next = Math.max(0, Math.floor((span.first - base) / itemPages));
  while (next <= to) {
    const index = next++;
    const word = load(world.mem, table, index);
    const reading = space.shape.read(word, level);
    const at = base + index * itemPages;
    if (reading.kind === 'table') {
      yield* below(world, space, reading.pfn, reading.nextLevel, at, span);
    }
    if (reading.kind !== 'leaf') continue;
    const { pfn, lg2, read, write } = reading;
    const pages = 2 ** (lg2 - PAGE_LG2);
    const first = at - (at % pages);
    const start = index - (at - first) / itemPages;
    // The further items of a contiguous leaf say the same.
    next = start + Math.max(1, pages / itemPages);
    const place = { level, table, index: start, word };
    yield { first, last: first + pages - 1, pfn, lg2, read, write, ...place };
  }
}

/** The leaf that translates an IOVA page, if any. */
export function leafAt(world: World, space: Space, page: number): LiveLeaf | undefined {
  for (const leaf of leavesWithin(world, space, { first: page, last: page })) return leaf;
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
