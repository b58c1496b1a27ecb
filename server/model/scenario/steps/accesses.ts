import { addr, formatAddr, isBelow, type Addr } from '../../bits/pfn.ts';
import type { DmaRequest, Refused } from '../../hw/common/dma.ts';
import {
  outstanding,
  requestPage,
  respond as answer,
  type PageResponse,
} from '../../hw/common/pri.ts';
import type { Claim } from '../../check/violation.ts';
import { eventsSince } from '../../mem/events.ts';
import { load as readItem } from '../../mem/physMem.ts';
import { readAndClearDirty, setDirty } from '../../pt/dirty.ts';
import { createGather, iommuIotlbSync } from '../../pt/iotlbGather.ts';
import { cachedAccess } from '../../world/cachedAccess.ts';
import type { Device } from '../../world/device.ts';
import { faultRecord, faultRecordText } from '../../world/faultRecords.ts';
import { possibleOutcomes, type PossibleOutcome } from '../../world/access.ts';
import { commandText, responseCommand } from '../../world/commands.ts';
import { complete, invalidate } from '../../world/flushes.ts';
import { liveLeaves } from '../../world/leaves.ts';
import { note } from '../../world/trace.ts';
import type { ModelSpace } from '../../world/space.ts';
import type { ModelWorld } from '../../world/world.ts';
import { deviceOf, gives, pagesOf, spaceOf, type Execute, type StepProblem } from './step.ts';

/** An outcome as scenarios write it: `reached 0x80000000`, `fault F_TRANSLATION`, `unknown: why`. */
export function outcomeText({ outcome, content }: PossibleOutcome): string {
  switch (outcome.kind) {
    case 'reached': {
      const what =
        content === undefined || content === 'plain' ? '' : `, ${content.split(':')[0]!}`;
      return `reached ${formatAddr(outcome.spa)}${what}`;
    }
    case 'fault':
      return outcome.stalled === true ? `stalled ${outcome.name}` : `fault ${outcome.name}`;
    case 'unknown':
      return `unknown: ${outcome.why}`;
  }
}

/** `access`. */
export const access: Execute = (world, args) => {
  const device = deviceOf(world, args.name('device'));
  if ('problem' in device) return device;
  const iova = args.at('iova');
  const kind = (args.text('kind') ?? 'read') as 'read' | 'write' | 'execute';
  return gives(...accessOf(world, device, iova, kind));
};

/** One access: its outcomes with the records that they leave, and the concrete IOTLB beside them. */
function accessOf(
  world: ModelWorld,
  device: Device,
  iova: Addr,
  kind: DmaRequest['access'],
): readonly string[] {
  const outcomes = possibleOutcomes(world, device, iova, kind);
  for (const one of outcomes) {
    const { outcome } = one;
    const why = outcome.kind === 'fault' ? ` (${outcome.why})` : '';
    const text = `${device.name} ${kind} ${formatAddr(iova)}, ${one.via}: ${outcomeText(one)}${why}`;
    note(world.trace, 'device', text);
    if (outcome.kind === 'fault') noteFault(world, device, iova, kind, outcome);
  }
  cachedAccess(world, device).access(iova.pfn, kind);
  return outcomes.map(outcomeText);
}

/** What the IOMMU tells software of a refused access, and what waits for the answer. */
function noteFault(
  world: ModelWorld,
  device: Device,
  iova: Addr,
  access: DmaRequest['access'],
  refused: Refused,
): void {
  const stallTag =
    refused.stalled === true
      ? requestPage(world.requests, device.name, spaceName(device), iova.pfn, { iova, access })
      : undefined;
  const record = faultRecord({ device, iova, access, refused, stallTag });
  if (record !== undefined) note(world.trace, 'iommu', `record: ${faultRecordText(record)}`);
  else if (!refused.reported) note(world.trace, 'iommu', 'no record: reporting is off');
}

/** The table whose domain has to answer for a device. */
function spaceName({ first, second }: Device): string {
  return second ?? first ?? '';
}

function dirtySpace(world: ModelWorld, name: string): ModelSpace | StepProblem {
  const space = spaceOf(world, name);
  if ('problem' in space) return space;
  return space.table === undefined
    ? { problem: `dirty tracking of ${space.format} is not modelled` }
    : space;
}

/** `device-write`. */
export const deviceWrite: Execute = (world, args) => {
  const device = deviceOf(world, args.name('device'));
  if ('problem' in device) return device;
  const space = dirtySpace(world, spaceName(device));
  if ('problem' in space) return space;
  const iova = args.at('iova');
  const ret = setDirty(space.table!, iova);
  note(world.trace, 'device', `${device.name} writes to ${formatAddr(iova)}`);
  if (ret !== 0) return gives(String(ret));
  const written = world.written.get(space.name) ?? new Set<number>();
  written.add(iova.pfn);
  world.written.set(space.name, written);
  return gives('0');
};

/** `read-dirty`. */
export const readDirty: Execute = (world, args) => {
  const space = dirtySpace(world, args.name('table'));
  if ('problem' in space) return space;
  const [iova, length] = [args.at('iova'), args.at('length')];
  const recorded = new Set<number>();
  const gather = createGather();
  const dirtyBefore = new Set(dirtyLeaves(world, space));
  const since = world.log.next;
  const ret = readAndClearDirty(space.table!, iova, length, 0, {
    record: (at, bytes) => {
      for (let page = at.pfn; page < at.pfn + pagesOf(bytes); page++) recorded.add(page);
    },
    gather,
  });
  const [first, last] = [iova.pfn, iova.pfn + pagesOf(length) - 1];
  const dirtyAfter = new Set(dirtyLeaves(world, space));
  const cleared = new Set([...dirtyBefore].filter((page) => !dirtyAfter.has(page)));
  const isEmpty = !isBelow(gather.start, gather.last);
  const claim: Claim = {
    kind: 'dirty-read',
    space: space.name,
    first,
    last,
    recorded,
    cleared,
    gathered: isEmpty ? undefined : { first: gather.start.pfn, last: gather.last.pfn },
  };
  if (args.flag('sync', true)) iommuIotlbSync(space.domain, gather);
  const stores = eventsSince(world.log, since).filter(({ kind }) => kind === 'store').length;
  note(
    world.trace,
    'cpu',
    `read_and_clear_dirty(${space.name}) = ${ret}: ${recorded.size} pages recorded, ${stores} entries cleared`,
  );
  return { results: [`${recorded.size} pages`], claims: [claim] };
};

/** IOVA pages of leaves whose dirty bit is set, by software's reading. */
function* dirtyLeaves(world: ModelWorld, space: ModelSpace): Generator<number> {
  const { dirtyLo } = space.table!.format;
  for (const leaf of liveLeaves(world, space)) {
    if (!isDirty(world, space, leaf.table, leaf.index, dirtyLo)) continue;
    for (let page = leaf.first; page <= leaf.last; page++) yield page;
  }
}

function isDirty(
  world: ModelWorld,
  space: ModelSpace,
  table: number,
  index: number,
  dirtyLo: number,
): boolean {
  const items = contiguousItems(world, space, table, index);
  return items.some((lo) => (lo & dirtyLo) !== 0);
}

/** Low halves of the items of the leaf that begins at an entry. */
function contiguousItems(
  world: ModelWorld,
  space: ModelSpace,
  table: number,
  index: number,
): readonly number[] {
  const { level } = space.positions.get(table)!;
  const found: number[] = [];
  const word = readItem(world.mem, table, index);
  const reading = space.shape.read(word, level);
  if (reading.kind !== 'leaf') return [];
  const count = 2 ** (reading.lg2 - space.shape.itemLg2(level));
  for (let n = 0; n < count; n++) found.push(readItem(world.mem, table, index + n).lo);
  return found;
}

/** `page-request`. */
export const pageRequest: Execute = (world, args) => {
  const device = deviceOf(world, args.name('device'));
  if ('problem' in device) return device;
  const page = args.at('iova').pfn;
  const id = requestPage(world.requests, device.name, spaceName(device), page);
  note(
    world.trace,
    'device',
    `${device.name} asks for page ${formatAddr(addr(page))} (request ${id})`,
  );
  return gives(`request ${id}`);
};

/** `respond`. */
export const respond: Execute = (world, args) => {
  const id = args.count('request', 0);
  const with_ = (args.text('answer') ?? 'success') as PageResponse;
  if (!answer(world.requests, id, with_)) return { problem: `there is no request ${id}` };
  note(world.trace, 'cpu', `request ${id} is answered: ${with_}`);
  const device = world.devices.get(world.requests.groups[id]!.device)!;
  const command = responseCommand(device, id, with_);
  if (command !== undefined) note(world.trace, 'cpu', `${commandText(command)} (${device.name})`);
  const { stalled } = world.requests.groups[id]!;
  if (stalled === undefined) return gives('ok');
  if (with_ === 'success') return gives(...accessOf(world, device, stalled.iova, stalled.access));
  note(world.trace, 'device', `${device.name} gets an abort for ${formatAddr(stalled.iova)}`);
  return gives('aborted');
};

/** `free-domain`. */
export const freeDomain: Execute = (world, args) => {
  const name = args.name('table');
  const space = spaceOf(world, name);
  if ('problem' in space) return space;
  note(
    world.trace,
    'cpu',
    `the domain of ${name} goes, ${outstanding(world.requests, name).length} requests open`,
  );
  // Its ASID or VMID can be given out again. Kernel: free_io_pgtable_ops() with arm_smmu_tlb_inv_context().
  if (space.arch === 'smmuv3') {
    invalidate(world, space, { first: 0, last: Number.MAX_SAFE_INTEGER }, 'with tables');
    complete(world, space);
  }
  return { results: ['ok'], claims: [{ kind: 'domain-freed', space: name }] };
};
