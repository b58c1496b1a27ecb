import { addr } from '../bits/pfn.ts';
import type { DmaOutcome } from '../hw/common/dma.ts';
import { fill, findPage, Perm } from '../hw/common/iotlb.ts';
import { walkerOf } from './access.ts';
import type { Device } from './device.ts';
import { spaceNumber } from './iotlbView.ts';
import type { World } from './world.ts';

/** Accesses of one device through the concrete IOTLB: what one piece of hardware does, as fast as can be. */
export interface CachedAccess {
  /** The page that an access reaches, or -1; then `refusal` says why. */
  readonly access: (page: number, kind: 'read' | 'write' | 'execute') => number;
  /** What the last walk that reached nothing gave. */
  refusal: DmaOutcome | undefined;
}

const PAGE_LG2 = 12;

/** Makes the accesses of a device: an IOTLB hit answers, else the tables are walked and the IOTLB is filled. */
export function cachedAccess(world: World, device: Device): CachedAccess {
  const walk = walkerOf(world, device, () => 'now');
  const tags = [device.first, device.second].flatMap((name) => {
    const space = name === undefined ? undefined : world.spaces.get(name);
    return space === undefined ? [] : [space.tag];
  });
  const { iotlb } = world.iotlb;
  const space = spaceNumber(world.iotlb, tags);
  const path: CachedAccess = {
    refusal: undefined,
    access: (page, kind) => {
      const cached = findPage(iotlb, space, page, Perm[kind]);
      if (cached >= 0) return cached;
      const outcome = walk(addr(page), kind);
      if (outcome.kind !== 'reached') {
        path.refusal = outcome;
        return -1;
      }
      const { read, write, execute, pageLg2, spa } = outcome;
      const perms =
        (read ? Perm.read : 0) | (write ? Perm.write : 0) | (execute ? Perm.execute : 0);
      fill(iotlb, space, { page, lg2: pageLg2 - PAGE_LG2, target: spa.pfn, perms });
      return spa.pfn;
    },
  };
  return path;
}
