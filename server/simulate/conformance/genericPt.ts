import type { Observed } from '../../model/scenario/machine.ts';
import type { VectorOp } from '../../model/scenario/vectorTypes.ts';
import { sizeOf } from '../../cfront/types/layout.ts';
import type { AggregateType } from '../../cfront/types/type.ts';
import { flushListener } from '../kernel/helpers.ts';
import type { ModelBody } from '../kernel/model.ts';
import { alike, family } from '../kernel/model.ts';
import { pagePool, prepareMemoryMap } from '../kernel/pages.ts';
import type { Executor, Model } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';

import type { TableFormat } from '../situations/spec.ts';
import { childOf } from '../situations/tableEntry.ts';
import { bits, optionalBits, optionalSmall, small } from './arguments.ts';
import { commonStepInC } from './commonSteps.ts';
import { gatherRange, gatherView, genericGather, newGather } from './gather.ts';
import type { EventLine, TableInC, TableRoot } from './tableInC.ts';
import { dumpTablesInC, hex64, recordPages, restartPool, takeStoppedPlace } from './tableInC.ts';

/** The C file of each build of generic_pt. */
export const GENERIC_PT_FILES: Readonly<Record<string, string>> = {
  amdv1: 'iommu_amdv1.c',
  amdv1_mock: 'iommu_mock.c',
  x86_64: 'iommu_x86_64.c',
  vtdss: 'iommu_vtdss.c',
  riscv_64: 'iommu_riscv64.c',
};

const EOPNOTSUPP = -95;

/** What the driver around the table records; shared with the models that C calls. */
interface Recorder {
  readonly events: EventLine[];
  topLock: number;
}
const recorders = new WeakMap<Executor, Recorder>();

function recorderOf(machine: Executor): Recorder {
  let recorder = recorders.get(machine);
  if (recorder === undefined) {
    recorder = { events: [], topLock: 0 };
    recorders.set(machine, recorder);
  }
  return recorder;
}

const iotlbSync: ModelBody = (machine, args) => {
  const gather = Number(args.pointer(1));
  const { start, end, leaf_levels, table_levels, freelist } = genericGather(machine, gather);
  const line = ['sync', start, end, leaf_levels, table_levels, freelist];
  recorderOf(machine).events.push(line);
  machine.call('iommu_put_pages_list', [gatherView(machine, gather).at('freelist')]);
  return undefined;
};

/** The driver's side of a generic_pt table, and the parts of the kernel that only observe. */
export const GENERIC_PT_DRIVER: readonly Model[] = family(
  { reads: 'its arguments', writes: 'the list of events', shadows: 'observes only' },
  {
    'driver.change_top': (machine, args) => {
      recorderOf(machine).events.push(['change_top', hex64(args.bits(1)), args.number(2)]);
      return undefined;
    },
    'driver.get_top_lock': (machine) => recorderOf(machine).topLock,
    'driver.iotlb_sync': iotlbSync,
    iova_bitmap_set: (machine, args) => {
      recorderOf(machine).events.push(['dirty', hex64(args.bits(1)), hex64(args.bits(2))]);
      return undefined;
    },
    ...alike(
      `trace_map trace_unmap iommu_debug_map iommu_debug_unmap_begin iommu_debug_unmap_end
      iommu_debug_unmap_remaining`,
      () => undefined,
    ),
  },
);

/** Drives one build of generic_pt as the tree's C has it. */
export class GenericPtInC implements TableInC {
  private readonly machine: Executor;
  private readonly format: string;
  private readonly symbols: string;
  /** Tag of the struct that holds the table; the mock build shares amdv1's. */
  private readonly tag: string;
  private table = 0;
  private gather = 0;
  private alive = false;

  constructor(machine: Executor, format: string) {
    this.machine = machine;
    this.format = format;
    this.symbols = `pt_iommu_${format}`;
    this.tag = format === 'amdv1_mock' ? 'pt_iommu_amdv1' : `pt_iommu_${format}`;
    prepareMemoryMap(machine);
    recorderOf(machine).topLock = this.allocate('spinlock', 64);
    flushListener(machine).current = (address, size) => {
      this.events.push(['flush', hex64(address - machine.directMap), size]);
    };
  }

  private get events(): EventLine[] {
    return recorderOf(this.machine).events;
  }

  live(): number {
    return pagePool(this.machine).sizes.size;
  }

  private allocate(name: string, size: number): number {
    return this.machine.allocate({ kind: 'input', name, size, align: 64, contents: 'zero' });
  }

  private make(tag: string): StructView {
    const { machine } = this;
    const size = StructView.sizeOf(machine.mainUnit, tag);
    const address = this.allocate(`struct ${tag}`, size);
    return new StructView(machine.memory, machine.mainUnit, tag, address);
  }

  private view(tag: string, address: number): StructView {
    return new StructView(this.machine.memory, this.machine.mainUnit, tag, address);
  }

  private functionPointer(name: string): number {
    return this.machine.addressOfFunction(this.machine.callableNamed(name));
  }

  run(op: VectorOp): Observed | string {
    this.events.length = 0;
    if (op.op !== 'init' && !this.alive) return `${op.op} without a table`;
    const result = op.op === 'init' ? this.init(op) : this.step(op);
    if (typeof result === 'string') return result;
    return this.events.length === 0 ? result : { ...result, events: [...this.events] };
  }

  private init(op: VectorOp): Observed {
    const { machine } = this;
    const pool = restartPool(machine, optionalBits(op, 'phys'), optionalSmall(op, 'fail_alloc'));
    recordPages(pool, this.events);
    this.setMemoryEncryptionMask(bits(op, 'sme'));
    const table = this.make(this.tag);
    const config = this.make(`${this.tag}_cfg`);
    config.set('common.features', bits(op, 'feat'));
    config.set('common.hw_max_vasz_lg2', small(op, 'vasz'));
    config.set('common.hw_max_oasz_lg2', small(op, 'oasz'));
    for (const level of ['starting_level', 'top_level']) {
      if (config.has(level)) config.set(level, small(op, 'top'));
    }
    const driver = this.make('pt_iommu_driver_ops');
    driver.set('change_top', this.functionPointer('driver.change_top'));
    driver.set('get_top_lock', this.functionPointer('driver.get_top_lock'));
    table.set('iommu.driver_ops', driver.address);
    if (small(op, 'nodev') === 0) table.set('iommu.iommu_device', this.make('device').address);
    table.set('iommu.nid', -1);
    const operations = this.make('iommu_domain_ops');
    operations.set('iotlb_sync', this.functionPointer('driver.iotlb_sync'));
    operations.set('iova_to_phys', this.functionPointer(`${this.symbols}_iova_to_phys`));
    this.table = table.address;
    const domain = this.view('iommu_domain', this.table);
    const ret = machine.call(`${this.symbols}_init`, [this.table, config.address, 0]);
    domain.set('ops', operations.address);
    this.gather = newGather(machine);
    this.alive = ret === 0;
    return this.alive ? { ret, info: this.info() } : { ret };
  }

  private setMemoryEncryptionMask(mask: bigint): void {
    const { machine } = this;
    const object = machine.mainUnit.object('sme_me_mask');
    if (object === undefined) return;
    machine.memory.store64(machine.addressOfObject(machine.mainUnit, object), mask);
  }

  /** Address of a function in the table's ops, 0 where the build has none. */
  private operation(name: string): number {
    const ops = Number(this.view(this.tag, this.table).get('iommu.ops'));
    return Number(this.view('pt_iommu_ops', ops).get(name));
  }

  private callOperation(name: string, args: readonly (number | bigint)[]): number | bigint {
    return this.machine.callThrough(this.operation(name), args)!;
  }

  private step(op: VectorOp): Observed | string {
    const { machine, table, gather } = this;
    const iova = bits(op, 'iova');
    const common = commonStepInC(
      {
        ...{ machine, gather, info: () => this.info() },
        domain: () => this.view('iommu_domain', table),
        sync: () => {
          this.syncGather();
        },
      },
      op,
    );
    if (common !== undefined) return common;
    switch (op.op) {
      case 'map': {
        const mapped = this.allocate('mapped', 8);
        const range = [iova, bits(op, 'pa'), bits(op, 'len'), small(op, 'prot'), 0, mapped];
        const ret = this.callOperation('map_range', [table, ...range]);
        return { ret, mapped: hex64(machine.memory.peekBits(mapped, 8)) };
      }
      case 'iommu_map': {
        const args = [table, iova, bits(op, 'pa'), bits(op, 'len'), small(op, 'prot'), 0];
        return { ret: machine.call('iommu_map', args) };
      }
      case 'unmap': {
        const unmapped = this.callOperation('unmap_range', [table, iova, bits(op, 'len'), gather]);
        return { unmapped: hex64(unmapped), gather: genericGather(machine, gather) };
      }
      case 'iommu_unmap':
        return { unmapped: hex64(machine.call('iommu_unmap', [table, iova, bits(op, 'len')])!) };
      case 'iova_to_phys':
        return { phys: hex64(machine.call('iommu_iova_to_phys', [table, iova])!) };
      case 'set_dirty': {
        const pointer = this.operation('set_dirty');
        return { ret: pointer === 0 ? EOPNOTSUPP : machine.callThrough(pointer, [table, iova]) };
      }
      case 'read_dirty':
        return this.readDirty(op);
      case 'deinit':
        this.callOperation('deinit', [table]);
        this.alive = false;
        return { ret: 0 };
      default:
        return `${op.op} is no operation of ${this.format}`;
    }
  }

  private syncGather(): void {
    const { machine, gather, table } = this;
    const view = gatherView(machine, gather);
    if (!view.get('queued')) {
      machine.call('iommu_iotlb_sync', [table, gather]);
      return;
    }
    this.events.push(['flush_all']);
    machine.call('iommu_put_pages_list', [view.at('freelist')]);
    machine.call('iommu_iotlb_gather_init', [gather]);
  }

  private readDirty(op: VectorOp): Observed {
    const { machine, table } = this;
    const dirty = this.make('iommu_dirty_bitmap');
    const gather = newGather(machine);
    dirty.set('gather', gather);
    if (small(op, 'bitmap', 1) === 1) dirty.set('bitmap', this.allocate('bitmap', 64));
    const args = [table, bits(op, 'iova'), bits(op, 'len'), small(op, 'flags'), dirty.address];
    const ret = machine.call(`${this.symbols}_read_and_clear_dirty`, args);
    return { ret, gather: gatherRange(machine, gather) };
  }

  /** The common part of the table, which every format's struct embeds first. */
  private common(path: string): string {
    const type = this.machine.mainUnit.aggregate(this.tag) as AggregateType;
    return `${type.layout!.members[1]!.name!}.common.${path}`;
  }

  private info(): Observed {
    const { table } = this;
    const view = this.view(this.tag, table);
    const domain = this.view('iommu_domain', table);
    const info = this.make('pt_iommu_info');
    this.callOperation('get_info', [table, info.address]);
    const common = view.at(this.common('top_of_table'));
    const root = this.root();
    return {
      pgsize_bitmap: hex64(info.get('pgsize_bitmap')!),
      domain_pgsize_bitmap: hex64(domain.get('pgsize_bitmap')!),
      aperture_start: hex64(domain.get('geometry.aperture_start')!),
      aperture_end: hex64(domain.get('geometry.aperture_end')!),
      force_aperture: Boolean(domain.get('geometry.force_aperture')),
      max_vasz_lg2: view.get(this.common('max_vasz_lg2')),
      max_oasz_lg2: view.get(this.common('max_oasz_lg2')),
      features: hex64(view.get(this.common('features'))!),
      top_level: root.level,
      top_pa: hex64(root.physical),
      top_range: this.range('pt_top_range', common, 'with size'),
      upper_range: this.range('pt_upper_range', common, 'plain'),
      all_range: this.range('pt_all_range', common, 'plain'),
      set_dirty_supported: this.operation('set_dirty') !== 0,
      ...this.hardwareInfo(),
    };
  }

  /** A `struct pt_range` that one of the tree's inline functions returns. */
  private range(name: string, common: number, shape: 'with size' | 'plain'): Observed {
    const returned = this.machine.call(name, [common]);
    const view = this.view('pt_range', Number(returned));
    const plain = { va: hex64(view.get('va')!), last_va: hex64(view.get('last_va')!) };
    return shape === 'plain' ? plain : { ...plain, max_vasz_lg2: view.get('max_vasz_lg2') };
  }

  private hardwareInfo(): Observed {
    const tag = `${this.symbols}_hw_info`;
    const type = this.machine.mainUnit.aggregate(tag);
    if (type === undefined || sizeOf(type) === 0) return {};
    const info = this.make(tag);
    this.machine.call(tag, [this.table, info.address]);
    const fields = type.layout!.members.map(({ name }) => {
      const value = info.get(name!)!;
      return [name, typeof value === 'bigint' ? hex64(value) : value] as const;
    });
    return { hw_info: Object.fromEntries(fields) };
  }

  private root(): TableRoot {
    const view = this.view(this.tag, this.table);
    const top = BigInt.asUintN(64, BigInt(view.get(this.common('top_of_table'))!));
    const physical = Number(BigInt.asIntN(64, top & ~7n)) - this.machine.directMap;
    const mask = this.memoryEncryptionMask();
    return {
      physical,
      level: Number(top & 7n),
      childOf: (entry) => childOf(this.format as TableFormat, entry, mask),
    };
  }

  private memoryEncryptionMask(): bigint {
    const { machine } = this;
    const object = machine.mainUnit.object('sme_me_mask');
    if (object === undefined) return 0n;
    return machine.memory.peekBits(machine.addressOfObject(machine.mainUnit, object), 8);
  }

  tables(): ReturnType<typeof dumpTablesInC> | undefined {
    return this.alive ? dumpTablesInC(this.machine, this.root()) : undefined;
  }

  whereStopped(): string {
    return takeStoppedPlace(this.machine);
  }
}
