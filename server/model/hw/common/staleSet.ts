/*
 * What hardware may still hold after memory changed.
 * Hardware may prefetch any translation that a live context reaches, keep it until it is required to drop it, and drop
 * anything at any time. So entries are created by writes to tables and contexts, not by accesses, and are cleared only by
 * an invalidation that is guaranteed to cover them, once it has completed.
 */

/** The caches that can hold something. `walk` holds pointers to tables. */
export type CacheKind = 'iotlb' | 'walk' | 'context' | 'atc';

/** Something that may still be used although memory says otherwise. Pages are IOVA page numbers, ends inclusive. */
export interface Stale {
  readonly id: number;
  /** Address space it belongs to: domain id, DID and PASID, ASID and VMID, PSCID and GSCID, as the architecture tags it. */
  readonly tag: string;
  readonly kind: 'leaf' | 'table' | 'context' | 'negative';
  /** IOVA span of the entry as it was: the whole contiguous leaf, or the whole subtree. */
  readonly first: number;
  readonly last: number;
  readonly level: number;
  /** Leaf: first page it translated to. Table: the page of the table. */
  readonly target: number | undefined;
  readonly read: boolean;
  readonly write: boolean;
  /** Caches that may hold it; it is gone when none is left. */
  readonly where: Set<CacheKind>;
  /** Event that made it stale. */
  readonly seq: number;
}

/** An invalidation command, as far as it drops entries. */
export interface Invalidation {
  readonly target: 'iotlb' | 'atc' | 'context';
  /** Undefined: every address space. */
  readonly tag: string | undefined;
  /** Undefined: the whole address space. Page numbers, ends inclusive. */
  readonly range: { readonly first: number; readonly last: number } | undefined;
  /** Table pointers are meant too (PDE=1, IH=0, Leaf=0, NL=1). */
  readonly nonLeaf: boolean;
  /** How much of an entry the range has to hold; absent: all of it. SMMUv3 drops an entry by any address in it. */
  readonly reach?: 'any address';
  /** Only leaves of this level, and tables above it; absent: whatever the level. */
  readonly leafLevel?: number;
  /** Event of the command. */
  readonly seq: number;
}

/** How an architecture orders invalidations of the IOMMU and of the devices' caches. */
export type AtcOrder =
  /** A device may refill from the IOTLB until the invalidation there has completed. */
  | 'after-sync'
  /** Commands take effect in the order of the queue. */
  | 'queue-order';

/** The stale entries and the commands that have not completed. */
export interface StaleSet {
  readonly entries: Map<number, Stale>;
  readonly queued: Invalidation[];
  readonly atcOrder: AtcOrder;
  nextId: number;
}

/** An empty set. */
export function createStaleSet(atcOrder: AtcOrder): StaleSet {
  return { entries: new Map(), queued: [], atcOrder, nextId: 0 };
}

/** Adds an entry that a store has just made stale. */
export function addStale(
  set: StaleSet,
  stale: Omit<Stale, 'id' | 'where'> & { readonly where: readonly CacheKind[] },
): Stale {
  const added: Stale = { ...stale, id: set.nextId++, where: new Set(stale.where) };
  set.entries.set(added.id, added);
  return added;
}

/** Queues a command. It has no effect before {@link syncInvalidations}. */
export function queueInvalidation(set: StaleSet, command: Invalidation): void {
  set.queued.push(command);
}

/** Completes the queued commands. Gives the entries that no cache holds any more. */
export function syncInvalidations(set: StaleSet): readonly Stale[] {
  const gone: Stale[] = [];
  // What the IOTLB held when the commands were queued decides whether a device may refill in between.
  const heldBefore = new Map(
    [...set.entries.values()].map((stale) => [stale.id, holdsInIommu(stale)]),
  );
  for (const command of set.queued) {
    for (const stale of set.entries.values()) {
      // A write after the command made a new entry, which the command does not reach.
      if (stale.seq > command.seq || !covers(command, stale)) continue;
      for (const cache of dropped(
        command,
        stale,
        set.atcOrder,
        heldBefore.get(stale.id) === true,
      )) {
        stale.where.delete(cache);
      }
      if (stale.where.size > 0) continue;
      set.entries.delete(stale.id);
      gone.push(stale);
    }
  }
  set.queued.length = 0;
  return gone;
}

function holdsInIommu(stale: Stale): boolean {
  return stale.where.has('iotlb') || stale.where.has('walk') || stale.where.has('context');
}

/**
 * Only an entry that is wholly contained is promised to go, unless any address of it will do. Kernel:
 * include/linux/generic_pt/common.h on ranges.
 */
function covers({ tag, range, reach, leafLevel }: Invalidation, stale: Stale): boolean {
  if (tag !== undefined && tag !== stale.tag) return false;
  const { kind, level, first, last } = stale;
  if (leafLevel !== undefined && (kind === 'leaf' ? level !== leafLevel : level <= leafLevel)) {
    return false;
  }
  if (range === undefined) return true;
  return reach === 'any address'
    ? first <= range.last && last >= range.first
    : first >= range.first && last <= range.last;
}

function dropped(
  command: Invalidation,
  stale: Stale,
  atcOrder: AtcOrder,
  heldBefore: boolean,
): readonly CacheKind[] {
  switch (command.target) {
    case 'context':
      return ['context'];
    case 'atc': {
      const refillable = atcOrder === 'after-sync' ? heldBefore : holdsInIommu(stale);
      return refillable ? [] : ['atc'];
    }
    case 'iotlb':
      if (stale.kind === 'table') return command.nonLeaf ? ['iotlb', 'walk'] : [];
      return stale.kind === 'context' ? [] : ['iotlb', 'walk'];
  }
}

/** The entries of an address space that an access to a page may meet. */
export function staleAt(set: StaleSet, tag: string, page: number): readonly Stale[] {
  return [...set.entries.values()].filter(
    (stale) => stale.tag === tag && page >= stale.first && page <= stale.last,
  );
}

/** The entries through which a physical page can still be reached. */
export function staleReaching(set: StaleSet, pfn: number): readonly Stale[] {
  return [...set.entries.values()].filter(({ kind, target, first, last }) => {
    if (target === undefined) return false;
    const pages = kind === 'leaf' ? last - first + 1 : 1;
    return pfn >= target && pfn < target + pages;
  });
}
