import { INV_POW2, POW2 } from '../../bits/pow2.ts';

/*
 * A concrete IOTLB: what one piece of hardware may hold after certain accesses. It serves pictures and fast accesses;
 * verdicts come from the stale set, which knows what *any* hardware may hold.
 */

/** Permissions of an entry, and what an access needs. */
export const Perm = { read: 1, write: 2, execute: 4 } as const;

/** What happened to an entry. `drop` is an invalidation, `evict` the loss of its place to another one. */
export type IotlbEventKind = 'fill' | 'hit' | 'evict' | 'drop';

/** An entry as pictures show it. Pages are page numbers, ends inclusive. */
export interface IotlbEntry {
  /** Address space that the entry belongs to. */
  readonly space: number;
  readonly first: number;
  readonly last: number;
  /** First page that it translates to. */
  readonly target: number;
  /** Bits of {@link Perm}. */
  readonly perms: number;
}

/** How often each thing happened. */
export interface IotlbCounts {
  hits: number;
  misses: number;
  fills: number;
  evictions: number;
  dropped: number;
}

/** A 4-way set-associative cache of leaves of all sizes, in typed arrays. Make it with {@link createIotlb}. */
export interface Iotlb {
  readonly setsLg2: number;
  /** Address space of each slot, plus one; 0 is a free slot. */
  readonly spaces: Int32Array;
  /** log2 of the pages of each slot's leaf. */
  readonly sizes: Uint8Array;
  readonly firsts: Float64Array;
  readonly targets: Float64Array;
  readonly perms: Uint8Array;
  /** The way of each set that goes next when all are taken. */
  readonly victims: Uint8Array;
  /** Slots in use of each size: sizes that nobody uses are not looked for. */
  readonly usedBySize: Int32Array;
  /** Sizes in use, the order of their first use kept. */
  readonly sizesInUse: number[];
  readonly counts: IotlbCounts;
  /** Is told of every event while it is set. */
  listener: ((kind: IotlbEventKind, entry: IotlbEntry) => void) | undefined;
}

/** Ways of a set. Choice of the model: no manual promises a number. */
export const WAYS = 4;
/** Sets by default: 256 entries. Choice of the model. Unit: lg2. */
const DEFAULT_SETS_LG2 = 6;
/** log2 of the pages of the largest leaf: 2^52 pages are all of a 64-bit address space. Choice of the model. */
const LARGEST_LG2 = 52;
/** Spreads address spaces over the sets. Source: Knuth, TAOCP 3, section 6.4: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

/** An empty IOTLB of 4 ways in 2^setsLg2 sets. Range of `setsLg2`: 0 to 16. */
export function createIotlb(setsLg2: number = DEFAULT_SETS_LG2): Iotlb {
  const sets = POW2[setsLg2]!;
  const slots = sets * WAYS;
  return {
    setsLg2,
    spaces: new Int32Array(slots),
    sizes: new Uint8Array(slots),
    firsts: new Float64Array(slots),
    targets: new Float64Array(slots),
    perms: new Uint8Array(slots),
    victims: new Uint8Array(sets),
    usedBySize: new Int32Array(LARGEST_LG2 + 1),
    sizesInUse: [],
    counts: { hits: 0, misses: 0, fills: 0, evictions: 0, dropped: 0 },
    listener: undefined,
  };
}

/** First slot of the set that a leaf of 2^lg2 pages with this number belongs to. */
function setOf(iotlb: Iotlb, space: number, number: number, lg2: number): number {
  const mixed = (number | 0) ^ (number * INV_POW2[iotlb.setsLg2]!) ^ Math.imul(space + lg2, SPREAD);
  return (mixed & (POW2[iotlb.setsLg2]! - 1)) * WAYS;
}

/**
 * The page that an IOVA page translates to for an access that needs certain permissions, or -1.
 * An entry that lacks a permission does not answer: the walk says which fault it is.
 */
export function findPage(iotlb: Iotlb, space: number, page: number, needs: number): number {
  const { spaces, sizes, firsts, perms, sizesInUse } = iotlb;
  for (let n = 0; n < sizesInUse.length; n++) {
    const lg2 = sizesInUse[n]!;
    const number = Math.floor(page * INV_POW2[lg2]!);
    const first = number * POW2[lg2]!;
    const base = setOf(iotlb, space, number, lg2);
    for (let slot = base; slot < base + WAYS; slot++) {
      if (spaces[slot] !== space + 1 || firsts[slot] !== first || sizes[slot] !== lg2) continue;
      if ((perms[slot]! & needs) !== needs) continue;
      iotlb.counts.hits++;
      if (iotlb.listener !== undefined) iotlb.listener('hit', entryAt(iotlb, slot));
      return iotlb.targets[slot]! + (page - first);
    }
  }
  iotlb.counts.misses++;
  return -1;
}

/** Keeps a leaf of 2^lg2 pages that holds an IOVA page; another entry may have to go. */
export function fill(
  iotlb: Iotlb,
  space: number,
  leaf: {
    readonly page: number;
    readonly lg2: number;
    readonly target: number;
    readonly perms: number;
  },
): void {
  const lg2 = Math.min(leaf.lg2, LARGEST_LG2);
  const number = Math.floor(leaf.page * INV_POW2[lg2]!);
  const first = number * POW2[lg2]!;
  const base = setOf(iotlb, space, number, lg2);
  const slot = slotFor(iotlb, space, first, lg2, base);
  iotlb.spaces[slot] = space + 1;
  iotlb.sizes[slot] = lg2;
  iotlb.firsts[slot] = first;
  iotlb.targets[slot] = leaf.target - (leaf.page - first);
  iotlb.perms[slot] = leaf.perms;
  if (iotlb.usedBySize[lg2]!++ === 0) iotlb.sizesInUse.push(lg2);
  iotlb.counts.fills++;
  if (iotlb.listener !== undefined) iotlb.listener('fill', entryAt(iotlb, slot));
}

/** A place in a set: that of the same leaf, a free one, or the next victim's. It is free afterwards. */
function slotFor(iotlb: Iotlb, space: number, first: number, lg2: number, base: number): number {
  const { spaces, firsts, sizes, victims } = iotlb;
  let free = -1;
  for (let slot = base; slot < base + WAYS; slot++) {
    if (spaces[slot] === 0) {
      if (free < 0) free = slot;
    } else if (spaces[slot] === space + 1 && firsts[slot] === first && sizes[slot] === lg2) {
      release(iotlb, slot);
      return slot;
    }
  }
  if (free >= 0) return free;
  const set = base / WAYS;
  const victim = base + victims[set]!;
  victims[set] = (victims[set]! + 1) % WAYS;
  iotlb.counts.evictions++;
  if (iotlb.listener !== undefined) iotlb.listener('evict', entryAt(iotlb, victim));
  release(iotlb, victim);
  return victim;
}

function release(iotlb: Iotlb, slot: number): void {
  const lg2 = iotlb.sizes[slot]!;
  iotlb.spaces[slot] = 0;
  if (--iotlb.usedBySize[lg2]! > 0) return;
  iotlb.sizesInUse.splice(iotlb.sizesInUse.indexOf(lg2), 1);
}

/**
 * Drops what an invalidation names: every entry that overlaps the range, as hardware does. `space` undefined means all
 * address spaces, `range` undefined all addresses. Gives the number of entries that are gone.
 */
export function invalidateRange(
  iotlb: Iotlb,
  space: number | undefined,
  range: { readonly first: number; readonly last: number } | undefined,
): number {
  const { spaces, firsts, sizes } = iotlb;
  let gone = 0;
  for (let slot = 0; slot < spaces.length; slot++) {
    if (spaces[slot] === 0 || (space !== undefined && spaces[slot] !== space + 1)) continue;
    const first = firsts[slot]!;
    const last = first + POW2[sizes[slot]!]! - 1;
    if (range !== undefined && (first > range.last || last < range.first)) continue;
    if (iotlb.listener !== undefined) iotlb.listener('drop', entryAt(iotlb, slot));
    release(iotlb, slot);
    gone++;
  }
  iotlb.counts.dropped += gone;
  return gone;
}

function entryAt(iotlb: Iotlb, slot: number): IotlbEntry {
  const first = iotlb.firsts[slot]!;
  return {
    space: iotlb.spaces[slot]! - 1,
    first,
    last: first + POW2[iotlb.sizes[slot]!]! - 1,
    target: iotlb.targets[slot]!,
    perms: iotlb.perms[slot]!,
  };
}

/** What the IOTLB holds, by address space and IOVA. */
export function iotlbEntries(iotlb: Iotlb): readonly IotlbEntry[] {
  const found: IotlbEntry[] = [];
  for (let slot = 0; slot < iotlb.spaces.length; slot++) {
    if (iotlb.spaces[slot] !== 0) found.push(entryAt(iotlb, slot));
  }
  return found.sort((a, b) => a.space - b.space || a.first - b.first || a.last - b.last);
}
