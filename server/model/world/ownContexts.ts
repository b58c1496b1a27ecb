import { formatAddr } from '../bits/pfn.ts';
import { isSameContext, type ContextReading } from '../hw/common/contextReading.ts';
import { memBus } from '../hw/common/memBus.ts';
import { addStale, type CacheKind } from '../hw/common/staleSet.ts';
import { readVtdContext } from '../hw/vtd/contextReading.ts';
import { PHYSICAL_BITS } from '../hw/vtd/walker.ts';
import { writeContexts } from './contexts.ts';
import { atcTag, contextTag, type Device } from './device.ts';
import { liveLeaves } from './leaves.ts';
import type { Space } from './space.ts';
import type { World } from './world.ts';

/*
 * Contexts that C writes, as the hardware reads them while they change. Those of the model: contexts.ts.
 */

const WHOLE = { first: 0, last: Number.MAX_SAFE_INTEGER, level: 0 };

/** What hardware reads from the context of a device now; undefined for those that the model made, or cannot read. */
export function readContext(world: World, device: Device): ContextReading | undefined {
  const { own, arch, contextRoot, requester } = device;
  if (own === undefined || arch !== 'vtd') return undefined;
  const rootTable = { ppn: contextRoot, mode: own.mode ?? 'legacy' };
  return readVtdContext({ bus: memBus(world.mem), rootTable, hawLg2: PHYSICAL_BITS }, requester);
}

/** Begins to watch the context of a device, which is looked at at once. */
export function watchContext(world: World, device: Device): void {
  const reading = readContext(world, device);
  if (reading === undefined) return;
  world.contexts.set(device.name, reading);
  judge(world, device, reading, world.log.next);
}

/** Looks at the contexts again after a store: what hardware read before may stay in its caches. */
export function noteContexts(world: World, seq: number): void {
  for (const [name, old] of world.contexts) {
    const device = world.devices.get(name)!;
    const now = readContext(world, device)!;
    if (isSameContext(old, now)) continue;
    world.contexts.set(name, now);
    keepOld(world, device, old, seq);
    judge(world, device, now, seq);
  }
}

/** The space that a device is to translate through. */
export function spaceOf(world: World, { first, second }: Device): Space | undefined {
  const name = first ?? second;
  return name === undefined ? undefined : world.spaces.get(name);
}

/** What is wrong with a context for a device that is to translate through a space; undefined: nothing. */
export function wrongContext(
  device: Device,
  space: Space,
  reading: ContextReading,
): string | undefined {
  const context = `the context of the ${device.name}`;
  switch (reading.kind) {
    case 'blocked':
      return undefined;
    case 'invalid':
      return `${context} is invalid: ${reading.why}`;
    case 'passes':
      return `${context} lets requests through untranslated`;
    case 'translates':
  }
  const { stage, top, id, ats, snoops } = reading;
  const wanted = space.top();
  if (stage !== space.stage) return `${context} walks ${space.name} as a ${stage} stage`;
  if (top.pfn !== wanted.pfn) {
    return `${context} leads to page ${page(top.pfn)}, and ${space.name} starts at ${page(wanted.pfn)}`;
  }
  if (top.level !== wanted.level) {
    return `${context} walks ${top.level + 1} levels, and ${space.name} has ${wanted.level + 1}`;
  }
  if (id !== space.id) {
    return `${context} has the number ${id}, and commands for ${space.name} name ${space.id}`;
  }
  if (device.ats && !ats) return `${context} lets it ask for no translations, which it does`;
  if (snoops === false && space.coherent) {
    return `${context} has walks that do not snoop, and nothing cleans the tables of ${space.name}`;
  }
  return undefined;
}

function judge(world: World, device: Device, reading: ContextReading, seq: number): void {
  const space = spaceOf(world, device);
  if (space === undefined) return;
  const what = wrongContext(device, space, reading);
  if (what !== undefined) world.misled.push({ device: device.name, seq, what });
}

/** The old context, and what the IOTLB and the device hold of tables that are left. */
function keepOld(world: World, device: Device, old: ContextReading, seq: number): void {
  const space = spaceOf(world, device);
  if (space === undefined) return;
  const stale = { tag: contextTag(device), ...WHOLE, where: ['context'] as const, seq };
  if (old.kind === 'blocked') {
    if (!space.cachesNegative) return;
    addStale(world.stale, {
      ...{ ...stale, kind: 'negative', target: undefined, read: false, write: false },
    });
    return;
  }
  if (old.kind !== 'translates') return;
  const { requester, ats } = device;
  const copy: Space = { ...space, id: old.id, top: () => old.top };
  const stages = { first: old.stage === 'first' ? copy : undefined, second: old.stage === 'second' ? copy : undefined }; // prettier-ignore
  const target = writeContexts(world, device.arch, { requester, pasid: undefined, ...stages, ats });
  addStale(world.stale, { ...stale, kind: 'context', target, read: true, write: true });
  if (wrongContext(device, space, old) !== undefined) return;
  const where: readonly (readonly [string, CacheKind])[] = [
    [space.tag, 'iotlb'],
    ...(ats ? [[atcTag(device), 'atc'] as const] : []),
  ];
  for (const { first, last, pfn, read, write } of liveLeaves(world, space)) {
    for (const [tag, cache] of where) {
      const leaf = { tag, kind: 'leaf' as const, first, last, level: 0, target: pfn, read, write };
      const { id } = addStale(world.stale, { ...leaf, where: [cache], seq });
      world.left.set(id, { device: device.name, space: space.name });
    }
  }
}

function page(pfn: number): string {
  return formatAddr({ pfn, offset: 0 });
}
