import { createIotlb, invalidateRange, iotlbEntries, type Iotlb } from '../hw/common/iotlb.ts';
import type { Invalidation } from '../hw/common/staleSet.ts';

/** The concrete IOTLB of a world with the names of the address spaces in it. */
export interface IotlbView {
  readonly iotlb: Iotlb;
  /** Address spaces by their number in the IOTLB: the tags of the stages, the one that takes IOVAs first. */
  readonly spaces: (readonly string[])[];
}

/** An entry with the names of the stages that made it. Pages are page numbers, ends inclusive. */
export interface NamedIotlbEntry {
  readonly tags: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly target: number;
  readonly perms: number;
}

/** An empty IOTLB. */
export function createIotlbView(): IotlbView {
  return { iotlb: createIotlb(), spaces: [] };
}

/** Number of the address space that the stages with these tags make together. */
export function spaceNumber(view: IotlbView, tags: readonly string[]): number {
  const known = view.spaces.findIndex(
    (other) => other.length === tags.length && other.every((tag, n) => tag === tags[n]),
  );
  return known >= 0 ? known : view.spaces.push(tags) - 1;
}

/**
 * Carries out a completed command. Entries of nested translation do not know their guest-physical address, so a range of
 * the second stage drops all of them.
 */
export function applyToIotlb(view: IotlbView, command: Invalidation): void {
  if (command.target !== 'iotlb') return;
  const { tag } = command;
  if (tag === undefined) {
    invalidateRange(view.iotlb, undefined, undefined);
    return;
  }
  for (const [number, tags] of view.spaces.entries()) {
    if (!tags.includes(tag)) continue;
    invalidateRange(view.iotlb, number, tags[0] === tag ? command.range : undefined);
  }
}

/** What the IOTLB holds, for pictures. */
export function namedEntries(view: IotlbView): readonly NamedIotlbEntry[] {
  return iotlbEntries(view.iotlb).map(({ space, ...entry }) => ({
    tags: view.spaces[space]!,
    ...entry,
  }));
}
