import type { Observed } from '../../model/scenario/machine.ts';
import type { VectorOp } from '../../model/scenario/vectorTypes.ts';
import type { Executor } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import { bits, small } from './arguments.ts';
import type { IoPgtableDriver } from './ioPgtable.ts';
import { sharedState } from './ioPgtable.ts';
import type { TableRoot } from './tableInC.ts';
import { hex64 } from './tableInC.ts';

/** Formats of drivers/iommu/io-pgtable-arm.c, with the constant of `enum io_pgtable_fmt`. */
export const ARM_FORMAT_CONSTANTS: Readonly<Record<string, string>> = {
  arm_64_lpae_s1: 'ARM_64_LPAE_S1',
  arm_64_lpae_s2: 'ARM_64_LPAE_S2',
  arm_32_lpae_s1: 'ARM_32_LPAE_S1',
  arm_32_lpae_s2: 'ARM_32_LPAE_S2',
  arm_mali_lpae: 'ARM_MALI_LPAE',
};

const LAST_LEVEL = 3;

/** Registers of each kind of table in io_pgtable_cfg: vector name to member. */
const S1_REGISTERS = ['ips', 'tg', 'sh', 'orgn', 'irgn', 'tsz'];
const S2_REGISTERS = ['ps', 'tg', 'sh', 'orgn', 'irgn', 'sl', 'tsz'];

/** A driver in the manner of SMMUv3 around a table of io-pgtable-arm.c. */
export class ArmDriver implements IoPgtableDriver {
  private readonly machine: Executor;
  private readonly format: string;
  private pgtable = 0;
  private config!: StructView;

  constructor(machine: Executor, format: string) {
    this.machine = machine;
    this.format = format;
  }

  private make(tag: string): StructView {
    const { machine } = this;
    const size = StructView.sizeOf(machine.mainUnit, tag);
    const request = { kind: 'input' as const, name: `struct ${tag}`, size, align: 64 };
    const address = machine.allocate({ ...request, contents: 'zero' });
    return new StructView(machine.memory, machine.mainUnit, tag, address);
  }

  create(op: VectorOp): number {
    const { machine } = this;
    const flush = this.make('iommu_flush_ops');
    for (const name of ['flush_all', 'flush_walk', 'add_page']) {
      const callable = machine.callableNamed(`tlb.${name}`);
      flush.set(`tlb_${name}`, machine.addressOfFunction(callable));
    }
    const config = this.make('io_pgtable_cfg');
    config.set('quirks', bits(op, 'quirks'));
    config.set('pgsize_bitmap', bits(op, 'pgsizes'));
    config.set('ias', small(op, 'ias'));
    config.set('oas', small(op, 'oas'));
    config.set('coherent_walk', small(op, 'coherent', 1));
    config.set('tlb', flush.address);
    config.set('iommu_dev', this.make('device').address);
    const constant = machine.constant(ARM_FORMAT_CONSTANTS[this.format]!)!;
    const cookie = sharedState(machine).domain;
    const operations = Number(
      machine.call('alloc_io_pgtable_ops', [constant, config.address, cookie]),
    );
    if (operations === 0) return 0;
    this.pgtable = operations - this.view('io_pgtable', 0).at('ops');
    this.config = this.view('io_pgtable_cfg', this.view('io_pgtable', this.pgtable).at('cfg'));
    return operations;
  }

  private view(tag: string, address: number): StructView {
    return new StructView(this.machine.memory, this.machine.mainUnit, tag, address);
  }

  private data(): StructView {
    const inner = this.view('arm_lpae_io_pgtable', 0).at('iop');
    return this.view('arm_lpae_io_pgtable', this.pgtable - inner);
  }

  protection(prot: number): number {
    return prot;
  }

  /** The format itself gathers, through the driver's add_page callback. */
  afterUnmap(): void {
    return;
  }

  destroy(): void {
    const { machine } = this;
    machine.call('free_io_pgtable_ops', [sharedState(machine).operations]);
  }

  private get pgdPhysical(): number {
    return Number(this.data().get('pgd')) - this.machine.directMap;
  }

  root(): TableRoot {
    const granuleBits = BigInt(Number(this.data().get('bits_per_level')) + 3);
    return {
      physical: this.pgdPhysical,
      level: LAST_LEVEL - Number(this.data().get('start_level')),
      childOf: (entry) => ((entry & 3n) === 3n ? tableAddress(entry, granuleBits) : undefined),
    };
  }

  info(): Observed {
    const data = this.data();
    const { config } = this;
    const bitsPerLevel = Number(data.get('bits_per_level'));
    const pgdBits = Number(data.get('pgd_bits'));
    return {
      pgsize_bitmap: hex64(config.get('pgsize_bitmap')!),
      ias: config.get('ias'),
      oas: config.get('oas'),
      start_level: data.get('start_level'),
      pgd_bits: pgdBits,
      bits_per_level: bitsPerLevel,
      pgd_bytes: 8 * 2 ** pgdBits,
      pgd_pa: hex64(this.pgdPhysical),
      hw_info: this.registers(),
    };
  }

  private registers(): Observed {
    const { config, format } = this;
    if (format === 'arm_mali_lpae') {
      return {
        transtab: hex64(config.get('arm_mali_lpae_cfg.transtab')!),
        memattr: hex64(config.get('arm_mali_lpae_cfg.memattr')!),
      };
    }
    const fields = (path: string, names: readonly string[]): Observed =>
      Object.fromEntries(names.map((name) => [name, config.get(`${path}.${name}`)]));
    if (format.endsWith('_s2')) {
      return {
        vttbr: hex64(config.get('arm_lpae_s2_cfg.vttbr')!),
        vtcr: fields('arm_lpae_s2_cfg.vtcr', S2_REGISTERS),
      };
    }
    return {
      ttbr: hex64(config.get('arm_lpae_s1_cfg.ttbr')!),
      mair: hex64(config.get('arm_lpae_s1_cfg.mair')!),
      tcr: fields('arm_lpae_s1_cfg.tcr', S1_REGISTERS),
    };
  }
}

/** Physical address of the next table; with 64K granules bits 51:48 are in bits 15:12 of the entry. */
function tableAddress(entry: bigint, granuleBits: bigint): number {
  const low = entry & 0xffffffffffffn & ~((1n << granuleBits) - 1n);
  const high = granuleBits === 16n ? ((entry >> 12n) & 0xfn) << 48n : 0n;
  return Number(low | high);
}
