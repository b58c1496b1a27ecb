/**
 * Where walks led: for the regions walked last, the entries on the way down and the table they end in.
 *
 * It works as the paging-structure caches of hardware do, except that it needs no invalidation: each use compares the
 * remembered entries with memory, and where one reads differently the walk begins anew at the top. So whoever changes
 * an entry (an operation, a scenario that pokes table memory, C that runs on the model) need not know of the cache.
 * No kernel counterpart: the kernel walks from the top each time.
 */
export type WalkCache = (Walk | undefined)[];

/** A walk as it was done last. */
export interface Walk {
  /** What it is about, as `walkKey` numbers it. */
  key: number;
  /** Entries remembered: how many levels below the top the table is to which they lead. */
  depth: number;
  /** That table. Unit: page frame number. */
  table: number;
  /** The entries; those past `depth` are left over from earlier walks. */
  readonly entries: SeenEntry[];
}

/** An entry as it read when a walk passed it. */
interface SeenEntry {
  /** The chunk of memory in which it stands, and where in it. */
  readonly chunk: Int32Array;
  readonly at: number;
  readonly lo: number;
  readonly hi: number;
}

/** Walks remembered at a time: 64 regions per level. Range: a power of two. */
const SLOTS = 512;
const SLOT_MASK = SLOTS - 1;

/** A cache that remembers nothing. */
export function createWalkCache(): WalkCache {
  return new Array<Walk | undefined>(SLOTS).fill(undefined);
}

/** Forgets everything: the walks begin at another top. */
export function forgetWalks(cache: WalkCache): void {
  cache.fill(undefined);
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
 * The walk of a key, from which the caller goes on: it is as deep as remembered if all its entries are as they were,
 * and begins at the top otherwise.
 */
export function recallWalk(cache: WalkCache, key: number, topPfn: number): Walk {
  const walk = cache[key & SLOT_MASK];
  if (walk?.key === key && isUnchanged(walk)) return walk;
  return beginWalk(cache, key, topPfn);
}

function beginWalk(cache: WalkCache, key: number, topPfn: number): Walk {
  const walk = (cache[key & SLOT_MASK] ??= { key, depth: 0, table: topPfn, entries: [] });
  walk.key = key;
  walk.depth = 0;
  walk.table = topPfn;
  return walk;
}

/** Whether memory still holds the entries of a walk. */
function isUnchanged(walk: Walk): boolean {
  for (let n = 0; n < walk.depth; n++) {
    const seen = walk.entries[n]!;
    const { chunk } = seen;
    if (chunk[seen.at] !== seen.lo || chunk[seen.at + 1] !== seen.hi) return false;
  }
  return true;
}

/** Adds the entry at `chunk[at]`, which points to the table `child`, to the end of a walk. */
export function extendWalk(walk: Walk, chunk: Int32Array, at: number, child: number): void {
  walk.entries[walk.depth++] = { chunk, at, lo: chunk[at]!, hi: chunk[at + 1]! };
  walk.table = child;
}
