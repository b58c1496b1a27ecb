import { addr, type Addr } from '../bits/pfn.ts';
import { getField, word } from '../bits/pte64.ts';
import { granuleCheck } from '../cc/gpt.ts';
import { rmpCheck } from '../cc/rmp.ts';
import { contentOf } from '../cc/sme.ts';
import { translate as translateAmd } from '../hw/amd/walker.ts';
import type { Bus } from '../hw/common/bus.ts';
import { memBus, type PendingChoice } from '../hw/common/memBus.ts';
import type { DmaOutcome, DmaRequest, Reached } from '../hw/common/dma.ts';
import { staleAt, type Stale } from '../hw/common/staleSet.ts';
import { capabilities, ddtp, featureControl } from '../hw/riscv/registers.ts';
import { riscvIommu, translate as translateRiscv } from '../hw/riscv/walker.ts';
import { Event } from '../hw/smmuv3/events.ts';
import { translate as translateSmmu } from '../hw/smmuv3/walker.ts';
import { PHYSICAL_BITS, translate as translateVtd } from '../hw/vtd/walker.ts';
import { pageState } from '../mem/physMem.ts';
import { DEVICE_TABLE_PAGES } from './contexts.ts';
import { atcTag, contextTag, type Device } from './device.ts';
import { leafAt } from './leaves.ts';
import type { Space } from './space.ts';
import type { World } from './world.ts';

/** How an outcome comes about. */
export type Via =
  'walk' | 'walk before the flush' | 'stale entry' | 'stale table' | 'stale context';

/** One thing that hardware may do with an access. */
export interface PossibleOutcome {
  readonly via: Via;
  readonly outcome: DmaOutcome;
  /** The stale entry that makes it possible. */
  readonly stale?: Stale;
  /** What the device gets, where it reaches memory. */
  readonly content?: string;
}

/** Sizes that the hardware of scenarios implements. Unit: bits. */
const ARM_OUTPUT_BITS = 48;
const STREAMS_LG2 = 9;
/** RISC-V: Sv39 to Sv57 in both stages, PD8 to PD20, 56-bit addresses. */
const RISCV_CAPS = capabilities(word(0xe0e10, 0x1c0 | 56));

/** Everything that hardware may do with an access, each way once. The first is the walk of memory as it is. */
export function possibleOutcomes(
  world: World,
  device: Device,
  iova: Addr,
  access: DmaRequest['access'],
): readonly PossibleOutcome[] {
  const found: PossibleOutcome[] = [];
  const add = (one: PossibleOutcome): void => {
    const judged = judge(world, device, one, access);
    if (!found.some((other) => isSameOutcome(other, judged))) found.push(judged);
  };
  add({ via: 'walk', outcome: walk(world, device, iova, access, () => 'now') });
  if (world.mem.pending !== null && world.mem.pending.size > 0) {
    add({
      via: 'walk before the flush',
      outcome: walk(world, device, iova, access, () => 'older'),
    });
  }
  for (const stale of staleAt(world.stale, contextTag(device), 0)) {
    if (stale.kind !== 'context') {
      add(fromStale(stale as TableStale, iova, access));
      continue;
    }
    // The old context still stands where it stood, or a copy of it; the walk goes through it.
    const before = { ...device, contextRoot: stale.target!, own: undefined };
    const outcome = walk(world, before, iova, access, () => 'now');
    add({ via: 'stale context', outcome, stale });
  }
  for (const stale of staleAt(world.stale, atcTag(device), iova.pfn)) {
    add(fromStale(stale as TableStale, iova, access));
  }
  // Without a context nobody knows whose entries of the IOTLB would be meant.
  const isRefused = device.own !== undefined && isWithoutContext(found[0]!.outcome);
  for (const name of isRefused ? [] : [device.first, device.second]) {
    const space = name === undefined ? undefined : world.spaces.get(name);
    if (space === undefined) continue;
    for (const stale of staleAt(world.stale, space.tag, iova.pfn)) {
      add(fromStale(stale as TableStale, iova, access));
      const conflict = conflictOf(world, space, stale, iova.pfn);
      if (conflict !== undefined) add({ via: 'stale entry', outcome: conflict, stale });
    }
  }
  return found;
}

/**
 * Two entries of different sizes for one page, on Arm. Below BBML 1 that is a conflict; whether BBML 1 reports one is
 * open (MODEL section 13); from BBML 2 on either entry is used.
 */
function conflictOf(
  world: World,
  space: Space,
  stale: Stale,
  page: number,
): DmaOutcome | undefined {
  if (space.arch !== 'smmuv3' || stale.kind !== 'leaf') return undefined;
  const level = world.bbmLevels['smmu'] ?? 0;
  const live = leafAt(world, space, page);
  if (level >= 2 || live === undefined) return undefined;
  if (live.first === stale.first && live.last === stale.last) return undefined;
  if (level === 1) {
    return {
      kind: 'unknown',
      why: 'whether an SMMU with BBML 1 reports a TLB conflict or may report one is not said',
    };
  }
  const [code, name] = Event.tlbConflict;
  const why = 'two cached entries of different sizes translate the page';
  return { kind: 'fault', stage: space.stage, code, name, why, reported: true };
}

function isWithoutContext(outcome: DmaOutcome): boolean {
  return outcome.kind === 'fault' && outcome.stage === 'context';
}

/** A stale entry of a table; those of contexts are walked through instead. */
type TableStale = Stale & { readonly kind: Exclude<Stale['kind'], 'context'> };

/** What one stale entry makes of an access. */
function fromStale(stale: TableStale, iova: Addr, access: DmaRequest['access']): PossibleOutcome {
  const permitted = access === 'write' ? stale.write : stale.read;
  switch (stale.kind) {
    case 'leaf': {
      const lg2 = Math.log2(stale.last - stale.first + 1) + 12;
      const reached: Reached = {
        kind: 'reached',
        spa: addr(stale.target! + (iova.pfn - stale.first), iova.offset),
        pageLg2: lg2,
        lastStageLg2: lg2,
        read: stale.read,
        write: stale.write,
        execute: stale.read,
        attributes: {},
      };
      const outcome: DmaOutcome = permitted
        ? reached
        : refused('the stale entry permits no such access');
      return { via: 'stale entry', outcome, stale };
    }
    case 'table':
      return {
        via: 'stale table',
        outcome: {
          kind: 'unknown',
          why: `the walk goes on through page 0x${stale.target!.toString(16)}000, whatever it holds now`,
        },
        stale,
      };
    case 'negative':
      return {
        via: 'stale entry',
        outcome: refused('the hardware remembers that nothing was there'),
        stale,
      };
  }
}

function refused(why: string): DmaOutcome {
  return { kind: 'fault', stage: 'second', code: 0, name: 'fault', why, reported: true };
}

/** Translates for one device; what is the same for all its accesses is made once. */
export type Walker = (iova: Addr, access: DmaRequest['access']) => DmaOutcome;

function walk(
  world: World,
  device: Device,
  iova: Addr,
  access: DmaRequest['access'],
  choose: PendingChoice,
): DmaOutcome {
  return walkerOf(world, device, choose)(iova, access);
}

/** The walker of a device's IOMMU. `choose` says what it sees of lines that the CPU has not written back. */
export function walkerOf(world: World, device: Device, choose: PendingChoice): Walker {
  const bus = memBus(world.mem, choose);
  const { requester, pasid, contextRoot } = device;
  const withPasid = pasid === undefined ? {} : { pasid };
  const requestOf = (iova: Addr, access: DmaRequest['access']): DmaRequest => ({
    requester,
    ...withPasid,
    iova,
    access,
    privileged: false,
  });
  switch (device.arch) {
    case 'amd': {
      const deviceTable = { ppn: contextRoot, pages: DEVICE_TABLE_PAGES };
      const iommu = { bus, deviceTable, encryptionPfn: world.cc.encryptionPfn };
      return (iova, access) => translateAmd(iommu, requestOf(iova, access));
    }
    case 'vtd': {
      const rootTable = { ppn: contextRoot, mode: device.own?.mode ?? 'scalable' };
      const iommu = { bus, rootTable, hawLg2: PHYSICAL_BITS };
      return (iova, access) => translateVtd(iommu, requestOf(iova, access));
    }
    case 'smmuv3': {
      const streamTable = { base: addr(contextRoot), sizeLg2: STREAMS_LG2, splitLg2: undefined };
      const smmu = { bus, streamTable, oasLg2: ARM_OUTPUT_BITS };
      return (iova, access) => translateSmmu(smmu, requestOf(iova, access));
    }
    case 'riscv':
      return riscvWalker(device, bus);
  }
}

/** ddtp.iommu_mode of the directories that the model's drivers make. */
const TWO_LEVELS = 3;

/** A walker without caches: what caches may hold is the business of the stale set. */
function riscvWalker({ requester, pasid, contextRoot }: Device, bus: Bus): Walker {
  return (iova, access) => {
    const iommu = riscvIommu({
      caps: RISCV_CAPS,
      fctl: featureControl(word(0)),
      ddtp: ddtp(word((contextRoot << 10) | TWO_LEVELS, contextRoot >>> 22)),
      bus,
      bareLg2: 30,
    });
    const found = translateRiscv(iommu, {
      deviceId: requester,
      ...(pasid === undefined ? {} : { processId: pasid }),
      privileged: false,
      execute: access === 'execute',
      noWrite: false,
      at: 'untranslated',
      access: access === 'write' ? 'write' : 'read',
      iova,
    });
    if (found.kind === 'unknown') return found;
    if (found.kind === 'fault') {
      const { cause, logged: reported, iotval2 } = found;
      const name = `cause ${cause}`;
      const ipa = addr(getField(iotval2, 63, 12), getField(iotval2, 11, 2) * 4);
      return { kind: 'fault', stage: 'second', code: cause, name, why: name, reported, ipa };
    }
    const { pa: spa, pageLg2, pbmt } = found;
    const permissions = { read: true, write: access === 'write', execute: access === 'execute' };
    const attributes = { PBMT: pbmt };
    return { kind: 'reached', spa, pageLg2, lastStageLg2: pageLg2, ...permissions, attributes };
  };
}

const TDX_CONNECT =
  'the tables of a device that a TD trusts are not described: 7.3-rc7 has no IOMMU part of TDX Connect (MODEL section 13)';

/** Applies what stands behind the IOMMU: reverse map, granule protection, memory encryption. */
function judge(
  world: World,
  device: Device,
  possible: PossibleOutcome,
  access: DmaRequest['access'],
): PossibleOutcome {
  const { outcome } = possible;
  if (outcome.kind !== 'reached') return possible;
  const pfn = outcome.spa.pfn;
  if (device.arch === 'vtd' && device.trustedBy !== undefined) {
    return { ...possible, outcome: { kind: 'unknown', why: TDX_CONNECT } };
  }
  if (device.arch === 'amd' && world.cc.rmp.entries.size > 0) {
    const verdict = rmpCheck(
      world.cc.rmp,
      {
        pfn,
        leafLg2: outcome.lastStageLg2 ?? outcome.pageLg2,
        singleStageS1: device.first !== undefined && device.second === undefined,
        access: access === 'write' ? 'write' : 'read',
        trustedBy: device.trustedBy,
      },
      world.cc.rmpPolicy,
    );
    if (verdict.kind === 'unknown') return { ...possible, outcome: verdict };
    if (verdict.kind === 'fault') {
      const name = `RMP_PAGE_FAULT (${verdict.because})`;
      return {
        ...possible,
        outcome: {
          kind: 'fault',
          stage: 'second',
          code: 0xd,
          name,
          why: verdict.why,
          reported: true,
        },
      };
    }
  }
  if (device.arch === 'smmuv3') {
    const from = device.trustedBy === undefined ? 'ns' : 'realm';
    if (granuleCheck(world.cc.gpt, pfn, from) === 'fault') {
      const why = 'the granule belongs to another physical address space';
      return {
        ...possible,
        outcome: {
          kind: 'fault',
          stage: 'second',
          code: 0,
          name: 'granule protection fault',
          why,
          reported: true,
        },
      };
    }
  }
  const { use } = pageState(world.mem, pfn);
  if (
    world.cc.encryptionPfn !== 0 &&
    'C' in outcome.attributes &&
    (use === 'ram' || use === 'mmio')
  ) {
    const content = contentOf(outcome.attributes['C'] === 1, { use, cpuEncrypted: use === 'ram' });
    return {
      ...possible,
      content: content.kind === 'plain' ? 'plain' : `${content.kind}: ${content.why}`,
    };
  }
  return possible;
}

function isSameOutcome(a: PossibleOutcome, b: PossibleOutcome): boolean {
  if (a.outcome.kind !== b.outcome.kind) return false;
  if (a.outcome.kind === 'reached' && b.outcome.kind === 'reached') {
    return (
      a.outcome.spa.pfn === b.outcome.spa.pfn &&
      a.outcome.spa.offset === b.outcome.spa.offset &&
      a.content === b.content
    );
  }
  return a.via === b.via && JSON.stringify(a.outcome) === JSON.stringify(b.outcome);
}
