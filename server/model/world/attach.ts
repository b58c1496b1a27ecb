import { addStale } from '../hw/common/staleSet.ts';
import { writeContexts } from './contexts.ts';
import { atcTag, contextTag, type Device } from './device.ts';
import { complete, invalidate, invalidateContext, invalidateDeviceCache } from './flushes.ts';
import { leafAt, liveLeaves } from './leaves.ts';
import type { Space } from './space.ts';
import { note } from './trace.ts';
import type { World } from './world.ts';

/** How a device is moved to other tables. */
export type AttachManner =
  /** The context is written, and nothing else is done. */
  | 'context-only'
  /** As the kernel's driver does it. */
  | 'driver';

/** The tables that a device is to translate through. */
export interface Stages {
  readonly first: Space | undefined;
  readonly second: Space | undefined;
}

const WHOLE = { first: 0, last: Number.MAX_SAFE_INTEGER };

/** Moves a device to other tables. Gives the device as it is afterwards. */
export function attachDevice(
  world: World,
  device: Device,
  to: Stages,
  manner: AttachManner,
): Device {
  // SMMUv3 replaces the entry of a running device; the other drivers take the old one away first.
  const blocksFirst = manner === 'driver' && device.arch !== 'smmuv3';
  keepOldEntries(world, device, to);
  if (blocksFirst) {
    note(world.trace, 'cpu', `the context of ${device.name} is cleared`);
    invalidateContext(world, device);
    complete(world, device);
    forgetOldDomain(world, device);
  }
  const { arch, requester, pasid, ats, stall } = device;
  const contextRoot = writeContexts(world, arch, {
    ...{ requester, pasid, ats, stall: stall === true },
    ...to,
  });
  const moved = { ...device, first: to.first?.name, second: to.second?.name, contextRoot };
  world.devices.set(device.name, moved);
  const through = [to.first, to.second].flatMap((space) => (space === undefined ? [] : space.name));
  const where = through.length === 0 ? 'nothing' : through.join(', then ');
  note(world.trace, 'cpu', `the context of ${device.name} now leads to ${where}`);
  if (manner === 'driver') {
    invalidateContext(world, moved);
    complete(world, moved);
    if (!blocksFirst && ats) {
      invalidateDeviceCache(world, moved, undefined);
      complete(world, moved);
    }
  }
  return moved;
}

/**
 * What hardware may go on with: the old context; what the device itself cached; and, where the new tables have the
 * identifier of the old ones, all that the IOTLB holds of those.
 */
function keepOldEntries(world: World, device: Device, to: Stages): void {
  const whole = { first: 0, last: Number.MAX_SAFE_INTEGER, level: 0 };
  const seq = world.log.next;
  addStale(world.stale, {
    ...{ tag: contextTag(device), kind: 'context', ...whole, target: device.contextRoot },
    ...{ read: true, write: true, where: ['context'], seq },
  });
  const old = stagesOf(world, device);
  const taggedAlike = [to.first, to.second].find((space) =>
    old.some((other) => other !== space && other.tag === space?.tag),
  );
  for (const { first, last, target, read, write } of reachedLeaves(world, old)) {
    const leaf = { kind: 'leaf' as const, first, last, level: 0, target, read, write, seq };
    if (device.ats) addStale(world.stale, { ...leaf, tag: atcTag(device), where: ['atc'] });
    if (taggedAlike !== undefined) {
      addStale(world.stale, { ...leaf, tag: taggedAlike.tag, where: ['iotlb'] });
    }
  }
}

/**
 * Drops what is cached of the tables that a device leaves.
 * Kernel: amd/iommu.c:detach_device() with amd_iommu_domain_flush_all(), intel/pasid.c:intel_pasid_tear_down_entry(),
 * riscv/iommu.c:riscv_iommu_bond_unlink(). SMMUv3 leaves this to the end of the domain: free_io_pgtable_ops().
 */
function forgetOldDomain(world: World, device: Device): void {
  for (const space of stagesOf(world, device)) invalidate(world, space, WHOLE, 'with tables');
  complete(world, device);
  if (!device.ats) return;
  invalidateDeviceCache(world, device, undefined);
  complete(world, device);
}

/** The spaces of a device, the one that takes IOVAs first. */
function stagesOf(world: World, { first, second }: Device): readonly Space[] {
  return [first, second].flatMap((name) => (name === undefined ? [] : world.spaces.get(name)!));
}

interface ReachedLeaf {
  readonly first: number;
  readonly last: number;
  readonly target: number;
  readonly read: boolean;
  readonly write: boolean;
}

/** What one or two stages together translate, in pieces that both hold in one leaf. */
function* reachedLeaves(world: World, stages: readonly Space[]): Generator<ReachedLeaf> {
  const [upper, lower] = stages;
  if (upper === undefined) return;
  for (const leaf of liveLeaves(world, upper)) {
    const { first, last, pfn, read, write } = leaf;
    if (lower === undefined) yield { first, last, target: pfn, read, write };
    else yield* composed(world, lower, leaf);
  }
}

function* composed(
  world: World,
  lower: Space,
  leaf: { readonly pfn: number } & Omit<ReachedLeaf, 'target'>,
): Generator<ReachedLeaf> {
  for (let first = leaf.first; first <= leaf.last;) {
    const ipa = leaf.pfn + first - leaf.first;
    const under = leafAt(world, lower, ipa);
    const pages = under === undefined ? 1 : Math.min(under.last - ipa, leaf.last - first) + 1;
    if (under !== undefined) {
      const target = under.pfn + ipa - under.first;
      const permitted = { read: leaf.read && under.read, write: leaf.write && under.write };
      yield { first, last: first + pages - 1, target, ...permitted };
    }
    first += pages;
  }
}
