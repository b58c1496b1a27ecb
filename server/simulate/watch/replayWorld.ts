import { attachLog, pageState, store } from '../../model/mem/physMem.ts';
import { writeContexts } from '../../model/world/contexts.ts';
import type { Device } from '../../model/world/device.ts';
import type { AtcOrder } from '../../model/hw/common/staleSet.ts';
import { watchContext } from '../../model/world/ownContexts.ts';
import type { Arch, Space } from '../../model/world/space.ts';
import { watchSpace, watchStores } from '../../model/world/watch.ts';
import type { World } from '../../model/world/world.ts';
import { createWorld } from '../../model/world/world.ts';
import type { ContextRoot } from '../iommu/port.ts';
import type { UserPage } from '../kernel/userMemory.ts';
import type { Probe } from '../situations/probe.ts';
import type { IommuDeviceSpec, TableFormat } from '../situations/spec.ts';
import { shapeFor } from '../situations/leadsTo.ts';
import type { RunLog } from './runLog.ts';

/** What a run's log is done again with. */
export interface ReplaySetting {
  readonly probes: readonly Probe[];
  /** Pages that user mappings are made of. */
  readonly userPages: readonly UserPage[];
  /** The contexts that the C writes, where it writes some. */
  readonly contexts?: WrittenContexts;
}

/** Contexts in the C's memory, and the device to which they belong. */
export interface WrittenContexts {
  readonly root: ContextRoot;
  readonly device: IommuDeviceSpec;
}

/** The model's side of a run: a world with a table and a device for each probe, by the number of the probe. */
export interface ReplayWorld {
  readonly world: World;
  readonly spaces: readonly Space[];
  /** Where software's walk of each table begins, as far as the run has come. */
  readonly tops: { pfn: number; level: number }[];
}

const PAGE = 4096;
/** Where contexts are: 4 TiB, where no situation has memory. Unit: page frame number. */
const CONTEXT_PAGES = 2 ** 30;

/** Which IOMMU walks a format, and as which stage. Source: the drivers that make these tables, by situations/domain.ts. */
function walkerOf(
  format: TableFormat,
  encrypts: boolean,
): { readonly arch: Arch; readonly stage: 'first' | 'second' } {
  switch (format) {
    case 'amdv1':
      return { arch: 'amd', stage: 'second' };
    case 'vtdss':
      return { arch: 'vtd', stage: 'second' };
    case 'x86_64':
      return { arch: encrypts ? 'amd' : 'vtd', stage: 'first' };
    case 'arm_64_lpae_s1':
      return { arch: 'smmuv3', stage: 'first' };
    case 'arm_64_lpae_s2':
      return { arch: 'smmuv3', stage: 'second' };
    case 'riscv_64':
      return { arch: 'riscv', stage: 'first' };
  }
}

/** The world as it was when the run began, with contexts as a correct driver leaves them. */
export function replayWorld(log: RunLog, setting: ReplaySetting): ReplayWorld {
  const { probes, userPages, contexts } = setting;
  const encryptionPfn = Number((probes[0]?.encryptionMask ?? 0n) / BigInt(PAGE));
  const isIncoherent = probes.some(({ incoherent }) => incoherent?.() === true);
  const world = createWorld<Space>({
    ...{
      walks: isIncoherent ? 'incoherent' : 'coherent',
      atcOrder: atcOrderOf(probes),
      encryptionPfn,
    },
  });
  world.nextContext = CONTEXT_PAGES;
  attachLog(world.mem, null);
  const { before } = log;
  for (let n = 0; n < before.count; n++) {
    store(world.mem, before.pfnAt(n), before.indexAt(n), before.loAt(n), before.hiAt(n));
  }
  for (const [pfn, pages] of log.pagesBefore) setUse(world, pfn, pages, 'table');
  for (const { pfn, kind } of userPages) setUse(world, pfn, 1, kind === 'mmio' ? 'mmio' : 'ram');
  for (const pfn of ramOf(log)) setUse(world, pfn, 1, 'ram');
  const tops = topsBefore(log, probes.length);
  const spaces = probes.map((probe, n) => makeSpace(world, probe, n, tops));
  for (const [n, space] of spaces.entries()) {
    const device = n === 0 && contexts !== undefined ? writtenFor(space, contexts) : madeFor(world, space, n); // prettier-ignore
    world.devices.set(device.name, device);
    watchContext(world, device);
  }
  world.mem.pending?.clear();
  attachLog(world.mem, world.log);
  watchStores(world);
  return { world, spaces, tops };
}

/**
 * VT-d: an invalidation of the IOTLB that comes first in the queue is enough. Source: Intel VT-d, "Device-TLB Invalidate
 * Descriptor"; kernel: intel/cache.c:cache_tag_flush_range() queues both at once.
 */
function atcOrderOf(probes: readonly Probe[]): AtcOrder {
  const isVtd = probes.every(
    ({ format, encryptionMask }) => walkerOf(format, encryptionMask !== 0n).arch === 'vtd',
  );
  return isVtd ? 'queue-order' : 'after-sync';
}

/** Says what pages are from now on. */
export function setUse(
  world: World,
  pfn: number,
  pages: number,
  use: 'table' | 'ram' | 'mmio' | 'free',
): void {
  for (let page = pfn; page < pfn + pages; page++) pageState(world.mem, page).use = use;
}

/** Pages of RAM that the run stored to as if they were tables. */
function ramOf({ operations, words }: RunLog): ReadonlySet<number> {
  const pages = new Set<number>();
  for (const operation of operations) {
    if (operation.kind !== 'store' || operation.to !== 'ram') continue;
    const { first, count } = operation;
    for (let n = first; n < first + count; n++) pages.add(words.pfnAt(n));
  }
  return pages;
}

function topsBefore(log: RunLog, count: number): { pfn: number; level: number }[] {
  const tops = Array.from({ length: count }, () => ({ pfn: 0, level: 0 }));
  for (const operation of log.operations.slice(0, count)) {
    if (operation.kind !== 'top') break;
    const { table, physical, level } = operation;
    tops[table] = { pfn: physical / PAGE, level };
  }
  return tops;
}

function makeSpace(
  world: World,
  { name, format, encryptionMask, incoherent, id, cachesNegative = false }: Probe,
  n: number,
  tops: readonly { readonly pfn: number; readonly level: number }[],
): Space {
  const { arch, stage } = walkerOf(format, encryptionMask !== 0n);
  const shape = shapeFor({ format, encryptionMask });
  const space: Space = {
    ...{ name, arch, format, stage, shape, tag: name, id: id?.() ?? n + 1 },
    top: () => tops[n]!,
    ...{ positions: new Map(), cachesNegative, coherent: incoherent?.() !== true },
  };
  world.spaces.set(name, space);
  watchSpace(world, space);
  return space;
}

/** A device with a context as a correct driver leaves it. */
function madeFor(world: World, space: Space, n: number): Device {
  const { arch, stage } = space;
  const first = stage === 'first' ? space : undefined;
  const second = stage === 'second' ? space : undefined;
  const context = { requester: n + 1, pasid: undefined, first, second, ats: false };
  return { ...deviceOf(space), requester: n + 1, contextRoot: writeContexts(world, arch, context) };
}

/** The device whose context is in the C's memory. */
function writtenFor(space: Space, { root: { page, mode }, device }: WrittenContexts): Device {
  const { requester, ats = false } = device;
  return { ...deviceOf(space), requester, ats, contextRoot: page, own: { mode } };
}

function deviceOf({ name, arch, stage }: Space): Omit<Device, 'requester' | 'contextRoot'> {
  return {
    ...{ name: `device of ${name}`, arch, pasid: undefined, ats: false, trustedBy: undefined },
    first: stage === 'first' ? name : undefined,
    second: stage === 'second' ? name : undefined,
  };
}
