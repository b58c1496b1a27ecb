/**
 * Where walks led: for the regions walked last, the entries on the way down and the table they end in.
 *
 * It works as the paging-structure caches of hardware do, except that it needs no invalidation: each use compares the
 * remembered entries with memory, and where one reads differently the walk begins anew at the top. So whoever changes
 * an entry (an operation, a scenario that pokes table memory, C that runs on the model) need not know of the cache.
 * No kernel counterpart: the kernel walks from the top each time.
 */
export interface WalkCache {
  /** The walk that a slot is about, as `walkKey` numbers it; -1 for none. */
  readonly keys: Float64Array;
  /** Entries remembered per slot: how many levels below the top its table is. */
  readonly depths: Int32Array;
  /** Table that a slot leads to. Unit: page frame number. */
  readonly tables: Float64Array;
  /** Where each remembered entry stands, and its two halves; `MAX_DEPTH` per slot. */
  readonly chunks: Int32Array[];
  readonly places: Int32Array;
  readonly lo: Int32Array;
  readonly hi: Int32Array;
}

/** Walks remembered at a time: eight regions per level. Range: a power of two. */
const SLOTS = 64;
/** Levels above the lowest one that any format has at most. */
const MAX_DEPTH = 5;

/** A cache that remembers nothing. */
export function createWalkCache(): WalkCache {
  const entries = SLOTS * MAX_DEPTH;
  const nowhere = new Int32Array(0);
  return {
    keys: new Float64Array(SLOTS).fill(-1),
    depths: new Int32Array(SLOTS),
    tables: new Float64Array(SLOTS),
    chunks: Array.from({ length: entries }, () => nowhere),
    places: new Int32Array(entries),
    lo: new Int32Array(entries),
    hi: new Int32Array(entries),
  };
}

/** Forgets everything: the walks begin at another top. */
export function forgetWalks(cache: WalkCache): void {
  cache.keys.fill(-1);
}

/**
 * Number of the walk to the table of a level in which a region lies.
 * The level is part of it, so that a walk that ends early never stands for one that goes on.
 * Range of `level`: 0 to 7. Range of `region`: 0 to 2^50-1.
 */
export function walkKey(region: number, level: number): number {
  return region * LEVELS + level;
}

const LEVELS = 8;

/**
 * The slot for a walk, from which the caller goes on: it is as deep as remembered if all its entries are as they
 * were, and begins at the top otherwise.
 */
export function recallWalk(cache: WalkCache, key: number, topPfn: number): number {
  const slot = key & (SLOTS - 1);
  if (cache.keys[slot]! !== key || !isUnchanged(cache, slot)) {
    cache.keys[slot] = key;
    cache.depths[slot] = 0;
    cache.tables[slot] = topPfn;
  }
  return slot;
}

/** Whether memory still holds the entries of a slot. */
function isUnchanged(cache: WalkCache, slot: number): boolean {
  const { chunks, places, lo, hi } = cache;
  const first = slot * MAX_DEPTH;
  const end = first + cache.depths[slot]!;
  for (let n = first; n < end; n++) {
    const chunk = chunks[n]!;
    const at = places[n]!;
    if (chunk[at]! !== lo[n]! || chunk[at + 1]! !== hi[n]!) return false;
  }
  return true;
}

/** Adds the entry at `chunk[at]`, which points to the table `child`, to the end of a slot's walk. */
export function extendWalk(
  cache: WalkCache,
  slot: number,
  chunk: Int32Array,
  at: number,
  child: number,
): void {
  const n = slot * MAX_DEPTH + cache.depths[slot]!++;
  cache.chunks[n] = chunk;
  cache.places[n] = at;
  cache.lo[n] = chunk[at]!;
  cache.hi[n] = chunk[at + 1]!;
  cache.tables[slot] = child;
}
