import { findField } from '../machine/fields.ts';
import { Stop } from '../machine/stop.ts';
import type { StaticObject } from '../../cfront/parse/ast.ts';
import type { AggregateType, Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import { sizeOf } from '../../cfront/types/layout.ts';
import { topOf } from './domain.ts';
import type { ObjectPool } from './objects.ts';
import type { Probe, TableTop } from './probe.ts';
import type { TableFormat } from './spec.ts';

/** `__IOMMU_DOMAIN_PAGING`: what iommu_domain_alloc() asks a driver for. */
const UNMANAGED = 'IOMMU_DOMAIN_UNMANAGED';

/**
 * A domain that the driver under review makes itself, through its `struct iommu_ops`, with what the core
 * does afterwards (drivers/iommu/iommu.c:iommu_domain_init()). The struct around it stands for its type.
 */
export function makeDriverDomain(
  pool: ObjectPool,
  name: string,
  layout: TableFormat | undefined,
): Probe | undefined {
  const { machine } = pool;
  const found = driverOf(machine.program.all);
  if (found === undefined) {
    pool.problem('iommu_ops', `${machine.mainUnit.path} defines no struct iommu_ops`, undefined);
    return undefined;
  }
  const { unit, object } = found;
  const ops = pool.view('iommu_ops', machine.addressOfObject(unit, object))!;
  const domain = allocate(pool, (member) => (ops.has(member) ? Number(ops.get(member)) : 0));
  if (domain === undefined) return undefined;
  const view = pool.view('iommu_domain', domain)!;
  view.set('type', machine.constant(UNMANAGED) ?? 1n);
  if (view.get('ops') === 0 && ops.has('default_domain_ops')) {
    view.set('ops', Number(ops.get('default_domain_ops')));
  }
  if (view.get('pgsize_bitmap') === 0n && ops.has('pgsize_bitmap')) {
    view.set('pgsize_bitmap', ops.get('pgsize_bitmap')!);
  }
  pool.stand('iommu_domain', domain);
  standContainer(pool, unit, domain);
  const about = { name, domain, encryptionMask: 0n, flushes: 'unseen' as const };
  return (
    (layout === undefined ? undefined : probeOfLayout(pool, layout, about)) ?? probeOf(pool, about)
  );
}

/** The first file of the program that defines a driver. */
function driverOf(
  units: readonly Unit[],
): { readonly unit: Unit; readonly object: StaticObject } | undefined {
  for (const unit of units) {
    const [object] = unit.definedObjects('iommu_ops');
    if (object !== undefined) return { unit, object };
  }
  return undefined;
}

/** What is known of a probe before its table was found. */
type ProbeStart = Pick<Probe, 'name' | 'domain' | 'encryptionMask' | 'flushes'>;

/** The table of a driver that embeds one of generic_pt in its own struct. */
function probeOfLayout(
  pool: ObjectPool,
  format: TableFormat,
  about: ProbeStart,
): Probe | undefined {
  if (format === 'arm_64_lpae_s1' || format === 'arm_64_lpae_s2') {
    return probeOfPgtable(pool, format, about);
  }
  const tag = `pt_iommu_${format}`;
  for (const holder of pool.standingTags()) {
    const type = pool.unitOf(holder)?.aggregate(holder);
    const offset = type === undefined ? undefined : offsetOf(type, tag);
    const address = offset === undefined ? undefined : pool.standingFor(holder);
    if (address === undefined || offset === undefined) continue;
    const table = pool.view(tag, address + offset)!;
    return { ...about, format, top: () => topOf(pool, tag, table) };
  }
  return undefined;
}

/**
 * The table of a driver that keeps the operations of one of io-pgtable (drivers/iommu/io-pgtable-arm.c), which it may
 * make no sooner than a device is attached.
 */
function probeOfPgtable(
  pool: ObjectPool,
  format: 'arm_64_lpae_s1' | 'arm_64_lpae_s2',
  about: ProbeStart,
): Probe | undefined {
  for (const holder of pool.standingTags()) {
    const type = pool.unitOf(holder)?.aggregate(holder);
    const member = type?.layout?.members.find(({ type: inner }) =>
      pointsTo(inner, 'io_pgtable_ops'),
    );
    if (member === undefined) continue;
    const at = pool.standingFor(holder)! + member.offset;
    return { ...about, format, top: () => pgtableTop(pool, format, at) };
  }
  return undefined;
}

function pointsTo(type: Type, tag: string): boolean {
  return type.kind === 'pointer' && type.to.kind === 'aggregate' && type.to.tag === tag;
}

const ARM_LAST_LEVEL = 3;

/** Where a table of io-pgtable-arm starts, by the address of the pointer to its operations. */
function pgtableTop(pool: ObjectPool, format: TableFormat, at: number): TableTop {
  const ops = Number(pool.machine.memory.loadPointer(at, 'strict'));
  const guess = ops === 0 ? undefined : pool.view('arm_lpae_io_pgtable', ops);
  if (guess === undefined) throw new Stop('not-parsed', 'the driver has made no table');
  const table = pool.view('arm_lpae_io_pgtable', 2 * ops - guess.at('iop.ops'))!;
  const root = format === 'arm_64_lpae_s1' ? 'arm_lpae_s1_cfg.ttbr' : 'arm_lpae_s2_cfg.vttbr';
  return {
    physical: Number(table.get(`iop.cfg.${root}`)),
    level: ARM_LAST_LEVEL - Number(table.get('start_level')),
  };
}

/** Where a struct holds one of a tag; undefined: nowhere. Unit: bytes. */
function offsetOf(type: AggregateType, tag: string): number | undefined {
  for (const { type: inner, offset } of type.layout?.members ?? []) {
    if (inner.kind !== 'aggregate') continue;
    if (inner.tag === tag) return offset;
    const within = inner.tag === undefined ? offsetOf(inner, tag) : undefined;
    if (within !== undefined) return offset + within;
  }
  return undefined;
}

/**
 * The table of drivers that keep it in their own struct: VT-d before generic_pt, with its levels as agaw
 * (drivers/iommu/intel/iommu.h:agaw_to_level()). Others cannot be looked at from outside.
 */
function probeOf(pool: ObjectPool, about: ProbeStart): Probe | undefined {
  const hostTable = probeOfHostTable(pool, about);
  if (hostTable !== undefined) return hostTable;
  const address = pool.standingFor('dmar_domain');
  const own = address === undefined ? undefined : pool.view('dmar_domain', address);
  if (own?.has('pgd') !== true || !own.has('agaw')) return undefined;
  const top = (): TableTop => ({
    physical: Number(own.get('pgd')) - pool.machine.directMap,
    level: Number(own.get('agaw')) + 1,
  });
  // drivers/iommu/intel/iommu.c:domain_flush_cache() cleans unless this is set, which is known once a device is attached.
  const incoherent = (): boolean =>
    own.has('iommu_coherency') && Number(own.get('iommu_coherency')) === 0;
  return { ...about, format: 'vtdss', incoherent, top };
}

/**
 * The host table of AMD drivers before generic_pt: the root, and as mode the number of levels, in a struct of the domain
 * (drivers/iommu/amd/io_pgtable.c).
 */
function probeOfHostTable(pool: ObjectPool, about: ProbeStart): Probe | undefined {
  const address = pool.standingFor('protection_domain');
  const own = address === undefined ? undefined : pool.view('protection_domain', address);
  if (own?.has('iop.root') !== true || !own.has('iop.mode')) return undefined;
  const top = (): TableTop => ({
    physical: Number(own.get('iop.root')) - pool.machine.directMap,
    level: Number(own.get('iop.mode')) - 1,
  });
  return { ...about, format: 'amdv1', top };
}

function allocate(pool: ObjectPool, member: (name: string) => number): number | undefined {
  const { machine } = pool;
  const device = pool.device();
  const ways: readonly (readonly [string, readonly (number | bigint)[]])[] = [
    ['domain_alloc_paging_flags', [device, 0, 0]],
    ['domain_alloc_paging', [device]],
    ['domain_alloc', [machine.constant(UNMANAGED) ?? 1n]],
  ];
  for (const [name, args] of ways) {
    const pointer = member(name);
    if (pointer === 0) continue;
    const domain = Number(machine.callThrough(pointer, args) ?? 0);
    // NULL, or an ERR_PTR in the last page of addresses.
    if (domain === 0 || (domain < 0 && domain >= -4095)) {
      throw new Stop('bug', `${name} of the driver gives no domain`);
    }
    return domain;
  }
  pool.problem('iommu_ops', 'the struct iommu_ops here allocates no domains', undefined);
  return undefined;
}

/** The driver's struct around a domain is the one of its size that has the domain at that offset. */
function standContainer(pool: ObjectPool, unit: Unit, domain: number): void {
  const region = pool.machine.memory.regions.containing(domain);
  if (region === undefined) return;
  for (const tag of containersIn(unit, region.size, domain - region.start)) {
    pool.stand(tag, region.start);
  }
}

const CONTAINERS = new WeakMap<Unit, Map<string, readonly string[]>>();

/** Structs of a size that hold a domain at an offset. Looking at every struct of a unit is slow: it is done once. */
function containersIn(unit: Unit, size: number, offset: number): readonly string[] {
  const known = CONTAINERS.get(unit) ?? new Map<string, readonly string[]>();
  CONTAINERS.set(unit, known);
  const key = `${size} ${offset}`;
  let found = known.get(key);
  if (found === undefined) {
    found = unit.aggregateTags().filter((tag) => {
      const type = tag === 'iommu_domain' ? undefined : unit.aggregate(tag);
      return type !== undefined && sizeOf(type) === size && holdsDomainAt(type, offset);
    });
    known.set(key, found);
  }
  return found;
}

function holdsDomainAt(type: AggregateType, offset: number): boolean {
  return (type.layout?.members ?? []).some(({ type: inner, offset: at }) => {
    if (inner.kind !== 'aggregate' || offset < at || offset >= at + sizeOf(inner)) return false;
    return (isDomain(inner) && offset === at) || holdsDomainAt(inner, offset - at);
  });
}

function isDomain(type: Type): boolean {
  return (
    type.kind === 'aggregate' && type.tag === 'iommu_domain' && findField(type, 'ops') !== undefined
  );
}
