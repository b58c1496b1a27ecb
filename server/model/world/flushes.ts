import { formatAddr } from '../bits/pfn.ts';
import { queueInvalidation, syncInvalidations, type Stale } from '../hw/common/staleSet.ts';
import { putPagesList } from '../mem/iommuPages.ts';
import type { IotlbGather } from '../pt/iotlbGather.ts';
import {
  atcCommand,
  commandText,
  contextCommand,
  invalidationCommand,
  waitCommand,
} from './commands.ts';
import { atcTag, contextTag, type Device } from './device.ts';
import { applyToIotlb } from './iotlbView.ts';
import { codedRange } from './rangeCoding.ts';
import type { ModelSpace, Space } from './space.ts';
import { note } from './trace.ts';
import type { World } from './world.ts';

/**
 * What a driver does with a gather: invalidate, wait, invalidate device caches, wait, free tables. The faults of the
 * space's driver leave out or swap parts of it.
 */
export function flushGather(world: World, space: ModelSpace, gather: IotlbGather): void {
  const { faults } = space;
  const freelist = [...gather.freelist];
  if (faults.freeFirst) putPagesList(world.pages, freelist);
  if (!faults.skipFlush) {
    const gathered = {
      first: gather.start.pfn,
      last: faults.shortRange ? gather.start.pfn : gather.last.pfn,
    };
    const removedTables = freelist.length > 0 || gather.tableLevels !== 0;
    const nonLeaf = removedTables && !faults.leafOnly;
    const hasAts = [...world.devices.values()].some(
      (device) => device.ats && (device.first === space.name || device.second === space.name),
    );
    if (faults.atcFirst && hasAts) invalidateAtc(world, space, gathered);
    invalidate(world, space, gathered, nonLeaf ? 'with tables' : 'leaves only');
    if (!faults.skipSync) complete(world, space);
    if (hasAts && !faults.atcFirst) {
      invalidateAtc(world, space, gathered);
      if (!faults.skipSync) complete(world, space);
    }
  }
  if (!faults.freeFirst) putPagesList(world.pages, freelist);
}

/** Queues the invalidation of a range, coded as the architecture codes it. */
export function invalidate(
  world: World,
  space: Space,
  asked: { readonly first: number; readonly last: number },
  form: 'leaves only' | 'with tables',
): void {
  const range = codedRange(space.arch, asked);
  const text = range === undefined ? 'all' : `${page(range.first)} to ${page(range.last)}`;
  const command = commandText(invalidationCommand(space, asked, form));
  note(world.trace, 'cpu', `${command} (${space.tag}, ${text}, ${form})`);
  queueInvalidation(world.stale, {
    target: 'iotlb',
    tag: space.tag,
    range,
    nonLeaf: form === 'with tables',
    seq: world.log.next,
  });
}

/** Queues the invalidation of the devices' own caches. */
export function invalidateAtc(
  world: World,
  space: Space,
  range: { readonly first: number; readonly last: number } | undefined,
): void {
  for (const device of world.devices.values()) {
    if (!device.ats || (device.first !== space.name && device.second !== space.name)) continue;
    invalidateDeviceCache(world, device, range);
  }
  queueInvalidation(world.stale, {
    target: 'atc',
    tag: space.tag,
    range,
    nonLeaf: true,
    seq: world.log.next,
  });
}

/** Queues the invalidation of one device's own cache, whatever tables its entries came from. */
export function invalidateDeviceCache(
  world: World,
  device: Device,
  range: { readonly first: number; readonly last: number } | undefined,
): void {
  note(world.trace, 'cpu', `${commandText(atcCommand(device, range))} (${device.name})`);
  const [target, nonLeaf, seq] = ['atc' as const, true, world.log.next];
  queueInvalidation(world.stale, { target, tag: atcTag(device), range, nonLeaf, seq });
}

/** Queues the invalidation of the contexts of the devices that translate through a space. */
export function invalidateContexts(world: World, space: Space): void {
  for (const device of world.devices.values()) {
    if (device.first === space.name || device.second === space.name) {
      invalidateContext(world, device);
    }
  }
}

/** Queues the invalidation of the context of one device. */
export function invalidateContext(world: World, device: Device): void {
  note(world.trace, 'cpu', `${commandText(contextCommand(device))} (${device.name})`);
  queueInvalidation(world.stale, {
    target: 'context',
    tag: contextTag(device),
    range: undefined,
    nonLeaf: true,
    seq: world.log.next,
  });
}

/** Waits until the queued commands have completed. Gives what no cache holds any more. */
export function complete(world: World, { arch }: Pick<Space, 'arch'>): readonly Stale[] {
  note(world.trace, 'iommu', `${commandText(waitCommand(arch))}: done`);
  return completeQueued(world);
}

/** The queued commands have completed. Gives what no cache holds any more. */
export function completeQueued(world: World): readonly Stale[] {
  world.completed.push(...world.stale.queued);
  for (const command of world.stale.queued) applyToIotlb(world.iotlb, command);
  return syncInvalidations(world.stale);
}

function page(pfn: number): string {
  return formatAddr({ pfn, offset: 0 });
}
