import type { Observed } from '../../model/scenario/machine.ts';
import type { VectorOp } from '../../model/scenario/vectorTypes.ts';
import type { ModelBody } from '../kernel/model.ts';
import { alike, family, stateOf } from '../kernel/model.ts';
import { pagePool, prepareMemoryMap } from '../kernel/pages.ts';
import type { Executor, Model } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import { bits, optionalBits, optionalSmall, small } from './arguments.ts';
import { commonStepInC } from './commonSteps.ts';
import { gatherView, newGather, pageSizeGather } from './gather.ts';
import type { EventLine, TableInC, TableRoot } from './tableInC.ts';
import { dumpTablesInC, hex64, recordPages, restartPool, takeStoppedPlace } from './tableInC.ts';

/** What differs between the drivers that own an io_pgtable. */
export interface IoPgtableDriver {
  /** Makes a table; gives the address of its `struct io_pgtable_ops`, 0 when that fails. */
  create(op: VectorOp): number;
  /** The protection bits that this driver's map_pages passes on. */
  protection(prot: number): number;
  /** After pages of one size were unmapped by the core; drivers that gather in the format do nothing. */
  afterUnmap(domain: number, gather: number, iova: bigint, bytes: bigint): void;
  info(): Observed;
  root(): TableRoot;
  destroy(): void;
}

/** What the models below share with the table that is driven. */
interface Shared {
  readonly events: EventLine[];
  driver: IoPgtableDriver | undefined;
  operations: number;
  domain: number;
}

/** The state that an io_pgtable table and its driver's models share. */
export function sharedState(machine: Executor): Shared {
  return stateOf<Shared>(machine, 'io-pgtable', () => ({
    ...{ events: [], driver: undefined, operations: 0, domain: 0 },
  }));
}

function operation(machine: Executor, name: string): number {
  const { operations } = sharedState(machine);
  const view = new StructView(machine.memory, machine.mainUnit, 'io_pgtable_ops', operations);
  return view.has(name) ? Number(view.get(name)) : 0;
}

const event =
  (name: string, describe: (args: readonly bigint[]) => readonly unknown[]): ModelBody =>
  (machine, args) => {
    const values = Array.from({ length: args.count }, (_, i) => args.bits(i));
    sharedState(machine).events.push([name, ...describe(values)]);
    return undefined;
  };

/** Physical address of a byte that C names by its struct page. */
function physicalOf(machine: Executor, page: bigint, offset: bigint): bigint {
  const text = `(unsigned long)page_to_phys((struct page *)${BigInt.asUintN(64, page)}UL)`;
  return BigInt(machine.evaluate(text) ?? 0) + offset;
}

/** The driver's side of an io_pgtable: callbacks, and the DMA API of a device that does not snoop. */
export const IO_PGTABLE_DRIVER: readonly Model[] = family(
  { reads: 'its arguments', writes: 'the list of events', shadows: 'observes only' },
  {
    'driver.map_pages': (machine, args) => {
      const { driver, operations } = sharedState(machine);
      const values = [1, 2, 3, 4].map((i) => args.bits(i));
      const prot = driver!.protection(args.number(5));
      const to = operation(machine, 'map_pages');
      const rest = [prot, args.bits(6), args.pointer(7)];
      return machine.callThrough(to, [operations, ...values, ...rest]);
    },
    'driver.unmap_pages': (machine, args) => {
      const { driver, operations } = sharedState(machine);
      const [domain, gather] = [Number(args.pointer(0)), Number(args.pointer(4))];
      const range = [args.bits(1), args.bits(2), args.bits(3)];
      const to = operation(machine, 'unmap_pages');
      const bytes = BigInt(machine.callThrough(to, [operations, ...range, gather])!);
      driver!.afterUnmap(domain, gather, args.bits(1), bytes);
      return bytes;
    },
    'driver.iova_to_phys': (machine, args) =>
      machine.callThrough(operation(machine, 'iova_to_phys'), [
        sharedState(machine).operations,
        args.bits(1),
      ]),
    'driver.iotlb_sync': (machine, args) => {
      const view = gatherView(machine, Number(args.pointer(1)));
      // The core of 7.3 leaves an empty gather alone; older ones call the driver, which flushes nothing.
      if (BigInt(view.get('start')!) >= BigInt(view.get('end')!)) return undefined;
      const line = ['start', 'end', 'pgsize'].map((name) => hex64(view.get(name)!));
      sharedState(machine).events.push(['sync', ...line]);
      return undefined;
    },
    'tlb.flush_all': event('tlb_flush_all', () => []),
    'tlb.flush_walk': event('tlb_flush_walk', ([iova, size, granule]) =>
      [iova!, size!, granule!].map(hex64),
    ),
    'tlb.add_page': (machine, args) => {
      const { domain } = sharedState(machine);
      const range = [args.bits(1), args.bits(2)];
      machine.call('iommu_iotlb_gather_add_page', [domain, args.pointer(0), ...range]);
      return undefined;
    },
    iova_bitmap_set: event('dirty', ([, iova, length]) => [hex64(iova!), hex64(length!)]),
    dma_map_page_attrs: (machine, args) => {
      const physical = physicalOf(machine, args.bits(1), args.bits(2));
      sharedState(machine).events.push(['dma_map', hex64(physical), args.number(3)]);
      return physical;
    },
    dma_map_phys: (machine, args) => {
      sharedState(machine).events.push(['dma_map', hex64(args.bits(1)), args.number(2)]);
      return args.bits(1);
    },
    ...alike(
      'dma_unmap_page_attrs dma_unmap_phys',
      event('dma_unmap', ([, address, size]) => [hex64(address!), Number(size)]),
    ),
    ...alike(
      '__dma_sync_single_for_device dma_sync_single_for_device',
      event('flush', ([, address, size]) => [hex64(address!), Number(size)]),
    ),
    ...alike(
      `trace_map trace_unmap iommu_debug_map iommu_debug_unmap_begin iommu_debug_unmap_end
      iommu_debug_unmap_remaining debug_dma_mapping_error`,
      () => undefined,
    ),
  },
);

/** Drives an io_pgtable as the tree's C has it, through its ops and through the iommu core. */
export class IoPgtableInC implements TableInC {
  private readonly machine: Executor;
  private readonly format: string;
  private readonly driver: IoPgtableDriver;
  private readonly gather: number;
  private readonly shared: Shared;
  private alive = false;

  constructor(machine: Executor, format: string, driver: IoPgtableDriver) {
    this.machine = machine;
    this.format = format;
    this.driver = driver;
    this.shared = sharedState(machine);
    this.shared.driver = driver;
    prepareMemoryMap(machine);
    this.shared.domain = this.makeDomain();
    this.gather = newGather(machine);
  }

  live(): number {
    return pagePool(this.machine).sizes.size;
  }

  whereStopped(): string {
    return takeStoppedPlace(this.machine);
  }

  tables(): ReturnType<typeof dumpTablesInC> | undefined {
    return this.alive ? dumpTablesInC(this.machine, this.driver.root()) : undefined;
  }

  private allocate(name: string, size: number): number {
    return this.machine.allocate({ kind: 'input', name, size, align: 64, contents: 'zero' });
  }

  private make(tag: string): StructView {
    const { machine } = this;
    const size = StructView.sizeOf(machine.mainUnit, tag);
    return new StructView(machine.memory, machine.mainUnit, tag, this.allocate(tag, size));
  }

  private makeDomain(): number {
    const { machine } = this;
    const domain = this.make('iommu_domain');
    const operations = this.make('iommu_domain_ops');
    for (const name of ['map_pages', 'unmap_pages', 'iova_to_phys', 'iotlb_sync']) {
      const callable = machine.callableNamed(`driver.${name}`);
      operations.set(name, machine.addressOfFunction(callable));
    }
    domain.set('ops', operations.address);
    const paging = machine.constant('__IOMMU_DOMAIN_PAGING') ?? 1n;
    domain.set('type', paging);
    return domain.address;
  }

  private domainView(): StructView {
    const { machine, shared } = this;
    return new StructView(machine.memory, machine.mainUnit, 'iommu_domain', shared.domain);
  }

  run(op: VectorOp): Observed | string {
    const { events } = this.shared;
    events.length = 0;
    if (op.op !== 'init' && !this.alive) return `${op.op} without a table`;
    const result = op.op === 'init' ? this.init(op) : this.step(op);
    if (typeof result === 'string') return result;
    return events.length === 0 ? result : { ...result, events: [...events] };
  }

  private init(op: VectorOp): Observed {
    const { machine, shared } = this;
    const pool = restartPool(machine, optionalBits(op, 'phys'), optionalSmall(op, 'fail_alloc'));
    recordPages(pool, shared.events);
    shared.operations = this.driver.create(op);
    this.alive = shared.operations !== 0;
    machine.call('iommu_iotlb_gather_init', [this.gather]);
    if (!this.alive) return { ret: ENOMEM };
    const info = this.driver.info();
    this.domainView().set('pgsize_bitmap', BigInt(info['pgsize_bitmap'] as string));
    return { ret: 0, info };
  }

  private step(op: VectorOp): Observed | string {
    const { machine, gather, shared } = this;
    const { domain, operations } = shared;
    const iova = bits(op, 'iova');
    const length = bits(op, 'len');
    const common = commonStepInC(
      {
        ...{ machine, gather, info: () => this.driver.info() },
        domain: () => this.domainView(),
        sync: () => {
          this.syncGather();
        },
      },
      op,
    );
    if (common !== undefined) return common;
    switch (op.op) {
      case 'map':
      case 'iommu_map': {
        const name = op.op === 'map' ? 'iommu_map_nosync' : 'iommu_map';
        const args = [domain, iova, bits(op, 'pa'), length, small(op, 'prot'), 0];
        const ret = machine.call(name, args);
        // The core undoes a map that failed on its way.
        return op.op === 'map' ? { ret, mapped: hex64(ret === 0 ? length : 0n) } : { ret };
      }
      case 'unmap': {
        const unmapped = machine.call('iommu_unmap_fast', [domain, iova, length, gather])!;
        return { unmapped: hex64(unmapped), gather: pageSizeGather(machine, gather) };
      }
      case 'iommu_unmap':
        return { unmapped: hex64(machine.call('iommu_unmap', [domain, iova, length])!) };
      case 'map_pages': {
        const mapped = this.allocate('mapped', 8);
        const pages = [bits(op, 'pgsize'), small(op, 'pgcount'), small(op, 'prot'), 0, mapped];
        const args = [operations, iova, bits(op, 'pa'), ...pages];
        const ret = machine.callThrough(operation(machine, 'map_pages'), args);
        return { ret, mapped: hex64(machine.memory.peekBits(mapped, 8)) };
      }
      case 'unmap_pages': {
        const args = [operations, iova, bits(op, 'pgsize'), small(op, 'pgcount'), gather];
        const unmapped = machine.callThrough(operation(machine, 'unmap_pages'), args)!;
        return { unmapped: hex64(unmapped), gather: pageSizeGather(machine, gather) };
      }
      case 'iova_to_phys':
        return { phys: hex64(machine.call('iommu_iova_to_phys', [domain, iova])!) };
      case 'walk':
        return this.walk(iova);
      case 'read_dirty':
        return this.readDirty(op);
      case 'deinit':
        this.driver.destroy();
        this.alive = false;
        return { ret: 0 };
      default:
        return `${op.op} is no operation of ${this.format}`;
    }
  }

  private syncGather(): void {
    const { machine, gather, shared } = this;
    if (gatherView(machine, gather).get('queued')) {
      shared.events.push(['flush_all']);
      machine.call('iommu_iotlb_gather_init', [gather]);
    } else machine.call('iommu_iotlb_sync', [shared.domain, gather]);
  }

  private walk(iova: bigint): Observed {
    const { machine, shared } = this;
    const data = this.make('arm_lpae_io_pgtable_walk_data');
    const args = [shared.operations, iova, data.address];
    const ret = machine.callThrough(operation(machine, 'pgtable_walk'), args);
    const ptes = [0, 1, 2, 3].map((i) => hex64(machine.memory.peekBits(data.address + i * 8, 8)));
    return { ret, ptes };
  }

  private readDirty(op: VectorOp): Observed {
    const { machine, shared } = this;
    const dirty = this.make('iommu_dirty_bitmap');
    const gather = newGather(machine);
    dirty.set('gather', gather);
    if (small(op, 'bitmap', 1) === 1) dirty.set('bitmap', this.allocate('bitmap', 64));
    const range = [bits(op, 'iova'), bits(op, 'len'), small(op, 'flags')];
    const to = operation(machine, 'read_and_clear_dirty');
    const args = [shared.operations, ...range, dirty.address];
    const ret = to === 0 ? EINVAL : machine.callThrough(to, args);
    return { ret, gather: pageSizeGather(machine, gather) };
  }
}

const ENOMEM = -12;
const EINVAL = -22;
