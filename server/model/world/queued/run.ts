import { formatAddr } from '../../bits/pfn.ts';
import type { Word64 } from '../../bits/pte64.ts';
import { decodeRecord, recordText, type RecordSet } from '../../hw/common/record.ts';
import { AMD_COMMANDS } from '../../hw/amd/commands.ts';
import { queueInvalidation } from '../../hw/common/staleSet.ts';
import { SMMU_COMMANDS } from '../../hw/smmuv3/queues.ts';
import { RISCV_COMMANDS } from '../../hw/riscv/faultQueue.ts';
import { VTD_DESCRIPTORS } from '../../hw/vtd/queuedInvalidation.ts';
import { atcTag, contextTag, type Device } from '../device.ts';
import { completeQueued } from '../flushes.ts';
import type { Arch } from '../space.ts';
import type { World } from '../world.ts';
import type { CommandEffect, EffectOf, Whose } from './effect.ts';
import { amdEffect } from './amd.ts';
import { smmuEffect } from './smmuv3.ts';
import { riscvEffect } from './riscv.ts';
import { vtdEffect } from './vtd.ts';

/** The commands of an architecture with what they do. */
interface CommandSet {
  readonly records: RecordSet;
  readonly effect: EffectOf;
}

const SETS: Readonly<Partial<Record<Arch, CommandSet>>> = {
  amd: { records: AMD_COMMANDS, effect: amdEffect },
  smmuv3: { records: SMMU_COMMANDS, effect: smmuEffect },
  riscv: { records: RISCV_COMMANDS, effect: riscvEffect },
  vtd: { records: VTD_DESCRIPTORS, effect: vtdEffect },
};

/** A command that software queued, in words, with what it does. */
export interface QueuedEffect {
  readonly text: string;
  readonly effect: CommandEffect;
}

/** Reads a command as the IOMMU takes it from its queue. */
export function readCommand(arch: Arch, words: readonly Word64[]): QueuedEffect {
  const set = SETS[arch];
  if (set === undefined) return { text: 'a command', effect: { kind: 'other' } };
  const record = decodeRecord(set.records, words);
  if (record === undefined) {
    return { text: 'an unknown command', effect: { kind: 'illegal', why: 'no such command' } };
  }
  return { text: recordText(record), effect: set.effect(record) };
}

/**
 * Does to the caches of a world what a command says that software queued. Invalidations take effect with the wait that
 * follows them, so that who does not wait is promised nothing.
 */
export function runQueuedCommand(world: World, arch: Arch, words: readonly Word64[]): QueuedEffect {
  const read = readCommand(arch, words);
  const { effect } = read;
  if (effect.kind === 'waits') completeQueued(world);
  if (effect.kind !== 'invalidates') return read;
  const { target, range, nonLeaf, whose, reach, leafLevel } = effect;
  const how = {
    ...{ range, nonLeaf },
    ...(reach === undefined ? {} : { reach }),
    ...(leafLevel === undefined ? {} : { leafLevel }),
  };
  for (const one of target === 'iommu' ? (['iotlb', 'context'] as const) : [target]) {
    for (const tag of tagsOf(world, one, whose)) {
      queueInvalidation(world.stale, { target: one, tag, ...how, seq: world.log.next });
    }
  }
  return read;
}

/**
 * A command in words: its fields as the manual names them, and what goes of which spaces of a world. Addresses are
 * those of the pages that are promised to go.
 */
export function toldCommand(world: World, arch: Arch, words: readonly Word64[]): string {
  const { text, effect } = readCommand(arch, words);
  if (effect.kind === 'illegal') return `${text}: ${effect.why}`;
  if (effect.kind !== 'invalidates') return text;
  if (effect.target === 'context' || effect.target === 'iommu') return text;
  const { target, range, nonLeaf, whose } = effect;
  const what = `${target === 'atc' ? 'device cache: ' : ''}${nonLeaf ? 'leaves and tables' : 'leaves'}`;
  const span = range === undefined ? 'all' : `${formatAddr({ pfn: range.first, offset: 0 })}-${formatAddr({ pfn: range.last, offset: 0xfff })}`; // prettier-ignore
  const tags = tagsOf(world, target, whose);
  const of = tags.length === 0 ? 'no domain of this run' : tags[0] === undefined ? 'every domain' : tags.join(', '); // prettier-ignore
  return `${text} (${what} of ${span} in ${of})`;
}

/** What caches tag the entries with that a command means; undefined: whatever their tag. */
function tagsOf(
  world: World,
  target: 'iotlb' | 'atc' | 'context',
  whose: Whose,
): readonly (string | undefined)[] {
  if (whose === 'all') return [undefined];
  if (whose === 'none') return [];
  if ('requester' in whose) {
    const { requester } = whose;
    const devices = [...world.devices.values()].filter((one) => one.requester === requester);
    if (target === 'context') return devices.map(contextTag);
    // What went from the tables is known by their tag, what is left of other tables by that of the device.
    return devices.flatMap((device) => [...spaceTags(world, device), atcTag(device)]);
  }
  const { id, stage } = whose;
  return [...world.spaces.values()]
    .filter((space) => (id ?? space.id) === space.id && (stage ?? space.stage) === space.stage)
    .map(({ tag }) => tag);
}

function spaceTags(world: World, { first, second }: Device): readonly string[] {
  return [first, second].flatMap((name) => world.spaces.get(name ?? '')?.tag ?? []);
}
