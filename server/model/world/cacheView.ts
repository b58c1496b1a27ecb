import { Perm } from '../hw/common/iotlb.ts';
import type { Stale } from '../hw/common/staleSet.ts';
import { namedEntries } from './iotlbView.ts';
import { leafAt } from './leaves.ts';
import type { Space } from './space.ts';
import type { World } from './world.ts';

/** One entry of the concrete IOTLB. Pages are page numbers, ends inclusive. */
export interface IotlbLine {
  readonly tags: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly target: number;
  readonly access: readonly ('read' | 'write' | 'execute')[];
  /** Whether the tables still say the same. */
  readonly state: 'live' | 'stale';
}

/** What the caches of a world hold at a moment, for pictures. */
export interface CacheView {
  /** What one IOTLB happens to hold after the accesses so far. */
  readonly iotlb: readonly IotlbLine[];
  /** Everything that some cache may still hold although memory says otherwise. */
  readonly mayHold: readonly Stale[];
}

/** Takes the picture of a world's caches. */
export function cacheView(world: World): CacheView {
  const spaces = [...world.spaces.values()];
  const iotlb = namedEntries(world.iotlb).map(({ tags, first, last, target, perms }) => ({
    ...{ tags, first, last, target, access: accessOf(perms) },
    state: isLive(world, spaces, tags, first, target) ? ('live' as const) : ('stale' as const),
  }));
  const mayHold = [...world.stale.entries.values()].map((stale) => ({
    ...stale,
    where: new Set(stale.where),
  }));
  return { iotlb, mayHold };
}

const ACCESSES = ['read', 'write', 'execute'] as const;

function accessOf(perms: number): readonly (typeof ACCESSES)[number][] {
  return ACCESSES.filter((access) => (perms & Perm[access]) !== 0);
}

/** Whether the tables with these tags, one behind the other, lead from a page to a page. Without tables pages pass. */
function isLive(
  world: World,
  spaces: readonly Space[],
  tags: readonly string[],
  page: number,
  target: number,
): boolean {
  const [tag, ...rest] = tags;
  if (tag === undefined) return page === target;
  return spaces
    .filter((space) => space.tag === tag)
    .some((space) => {
      const leaf = leafAt(world, space, page);
      return (
        leaf !== undefined && isLive(world, spaces, rest, leaf.pfn + (page - leaf.first), target)
      );
    });
}
