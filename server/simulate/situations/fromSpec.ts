import { DEVICE_CORE } from '../kernel/deviceCore.ts';
import { DEVICE_MEMORY } from '../kernel/deviceMemory.ts';
import { DOMAIN_DRIVER } from '../kernel/domainDriver.ts';
import { pagePool } from '../kernel/pages.ts';
import { PCI } from '../kernel/pci.ts';
import { slabFailure } from '../kernel/slab.ts';
import { putUserMemory, userMemory } from '../kernel/userMemory.ts';
import type { Machine } from '../machine/machine.ts';
import { Stop } from '../machine/stop.ts';
import type { Value } from '../machine/values.ts';
import { deviceFiles, makeDevices, putBehindDomain, useBounceBuffers } from './device.ts';
import { makeCall, statedCall } from './calls.ts';
import { makeDomain, tableFile } from './domain.ts';
import { makeDriverDomain } from './driverDomain.ts';
import { setEncryption } from './encryption.ts';
import { DomainNumber, makeIommu, makeObjects } from './hardware.ts';
import { IOMMUFD_FILES, makeAddressSpace } from './iommufd.ts';
import { entriesIn, expectedPages, noteMappings } from './mappedRanges.ts';
import { ObjectPool } from './objects.ts';
import { makePhysical } from './physical.ts';
import type { Probe } from './probe.ts';
import { makeScatterlist } from './scatterlist.ts';
import type { DeviceWrite, Environment, Situation } from './situation.ts';
import { deviceWrites } from './deviceWrites.ts';
import type {
  CallSpec,
  Failures,
  IommuSpec,
  SituationSpec,
  StatedValue,
  TableSpec,
} from './spec.ts';
import { argumentsOf, setGlobals, setStated, statedNumber } from './stated.ts';
import { makeTask } from './task.ts';
import { IOVA_START, makeContainer } from './vfio.ts';

/** The situation that a specification describes. */
export function situationFrom(spec: SituationSpec): Situation {
  const called = spec.entry?.call;
  return {
    ...{ name: spec.name, summary: spec.summary },
    models:
      spec.iommu === undefined
        ? DOMAIN_DRIVER
        : [...DOMAIN_DRIVER, ...PCI, ...DEVICE_MEMORY, ...DEVICE_CORE],
    ...(called === undefined ? {} : { entry: String(called) }),
    units: unitsOf(spec),
    build: (machine) => build(machine, spec),
  };
}

const ALL_BITS = 2n ** 64n - 1n;

function unitsOf({ table, device, iommufd, files = [] }: SituationSpec): readonly string[] {
  const ofTable = table === undefined || table.format === 'driver' ? [] : [tableFile(table.format)];
  return [
    ...ofTable,
    ...(device === undefined ? [] : deviceFiles(device)),
    ...(iommufd === undefined ? [] : IOMMUFD_FILES),
    ...files,
  ];
}

function build(machine: Machine, spec: SituationSpec): Environment {
  const pool = new ObjectPool(machine);
  setEncryption(pool, spec);
  const ramWrites = makePhysical(machine, spec.physical ?? []);
  const made = makeParts(pool, spec);
  const { iommu } = spec;
  const number = iommu === undefined ? undefined : new DomainNumber(pool, iommu.domainId);
  const probes =
    number === undefined ? made : made.map((probe) => behindIommu(probe, iommu!, number));
  setStated(pool, spec.set ?? {});
  const ranges = noteMappings(machine);
  const isMapped = spec.vfio !== undefined || spec.iommufd !== undefined;
  const expected = isMapped ? expectedPages(machine, IOVA_START) : [];
  const { keeps = [], removes = [], leads = [] } = spec;
  const results: Record<string, StatedValue> = {};
  const written: DeviceWrite[] = [];
  let before: ReturnType<Environment['entriesBefore']> = new Map();
  return {
    supply: (type) => pool.supply(type),
    argumentsFor: (symbol) => argumentsOf(pool, symbol, { ...spec.arguments, ...results }),
    prepare: (target) => {
      for (const call of (spec.before ?? []).flatMap(repeated)) {
        const made = makeCall(pool, target, call);
        for (const name of call.result ?? []) results[name] = statedResult(call, made?.value);
        if (made !== undefined && call.written !== undefined) {
          written.push(...deviceWrites(pool, probes, made, call.written));
        }
      }
      number?.ask(target);
    },
    ...entryOf(pool, spec),
    arm: () => {
      if (probes.length === 0) machine.notePages();
      before = entriesIn(machine, probes, keeps);
      arm(machine, spec.fail ?? {});
    },
    ...(spec.device?.untrusted === undefined ? {} : { untrusted: spec.device.untrusted }),
    ...(spec.takesBack === undefined ? {} : { takesBack: spec.takesBack }),
    ...{ keeps, removes, leads, dma: spec.device?.dma, entriesBefore: () => before },
    ...{
      probes,
      expected,
      mapped: () => ranges,
      written: () => written,
      ramWrites,
      problems: pool.problems,
    },
    ...(iommu?.device === undefined ? {} : { behind: iommu.device }),
  };
}

/** Whoever watches the queue of the driver sees it flush. */
function behindIommu(
  probe: Probe,
  { cachesNegative = false }: IommuSpec,
  number: DomainNumber,
): Probe {
  return { ...probe, flushes: 'queued', cachesNegative, id: () => number.value };
}

/** The call that stands for the entry, where one is stated. */
function entryOf(pool: ObjectPool, { entry }: SituationSpec): Pick<Environment, 'entry'> {
  return entry === undefined ? {} : { entry: (target) => statedCall(pool, target, entry) };
}

function repeated(call: CallSpec): readonly CallSpec[] {
  return Array.from({ length: call.times ?? 1 }, () => call);
}

/** What a call before the entry left for it; an address with all bits set is that of a failed mapping. */
function statedResult({ call }: CallSpec, value: Value): number | bigint {
  if (value === undefined || BigInt.asUintN(64, BigInt(value)) === ALL_BITS) {
    throw new Stop('situation', `${String(call)}(), which has to run before, fails`);
  }
  return value;
}

function makeParts(pool: ObjectPool, spec: SituationSpec): Probe[] {
  const task = pool.knows('task_struct') ? makeTask(pool, spec) : undefined;
  const devices = spec.device === undefined ? [] : makeDevices(pool, spec.device);
  if (spec.objects !== undefined) makeObjects(pool, spec.objects);
  if (spec.globals !== undefined) setGlobals(pool, spec.globals);
  if (spec.iommu !== undefined) makeIommu(pool, spec.iommu);
  const listed = spec.vfio?.domains ?? spec.iommufd?.domains ?? 1;
  const probes: Probe[] = [];
  if (spec.table !== undefined) {
    const count = listed + (spec.vfio?.another === true ? 1 : 0);
    probes.push(...makeDomains(pool, spec.table, count));
  }
  const domain = pool.standingFor('iommu_domain');
  if (domain !== undefined) makeGather(pool);
  if (spec.device?.dma === 'swiotlb') useBounceBuffers(pool, devices, 'always');
  if (spec.device?.untrusted === true) useBounceBuffers(pool, devices, 'where they are asked for');
  if (spec.device?.dma === 'iommu') {
    if (domain !== undefined) putBehindDomain(pool, devices, domain);
    else pool.problem('device', 'a device behind an IOMMU needs a table', undefined);
  }
  if (spec.scatterlist !== undefined) makeScatterlist(pool, spec.scatterlist);
  if (spec.vfio !== undefined && task !== undefined) makeContainer(pool, task, probes, listed);
  if (spec.iommufd !== undefined) makeAddressSpace(pool, probes, spec.iommufd);
  return probes;
}

function makeDomains(pool: ObjectPool, table: TableSpec, count: number): Probe[] {
  const probes: Probe[] = [];
  for (let i = 1; i <= count; i++) {
    const { format } = table;
    const name = `domain ${i}`;
    const probe =
      format === 'driver'
        ? makeDriverDomain(pool, name, table.layout)
        : makeDomain(pool, { ...table, format }, name);
    if (probe !== undefined) probes.push(probe);
    const domain = pool.standingFor('iommu_domain');
    if (table.pageSizes === undefined || domain === undefined) continue;
    const sizes = statedNumber(pool, 'pageSizes', table.pageSizes);
    if (sizes !== undefined) pool.view('iommu_domain', domain)?.set('pgsize_bitmap', sizes);
  }
  return probes;
}

/** An empty gather, made by the core's own helper, for operations that are handed one. */
function makeGather(pool: ObjectPool): void {
  if (!pool.knows('iommu_iotlb_gather')) return;
  const gather = pool.makeStanding('iommu_iotlb_gather')!;
  pool.machine.call('iommu_iotlb_gather_init', [gather.address]);
}

function arm(machine: Machine, fail: Failures): void {
  if (fail.pages !== undefined) pagePool(machine).failAfter = fail.pages;
  if (fail.slab !== undefined) slabFailure(machine).remaining = fail.slab;
  if (fail.pin !== undefined) {
    putUserMemory(machine, { ...userMemory(machine), failAfter: fail.pin });
  }
}
