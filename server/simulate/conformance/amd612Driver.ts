import type { Observed } from '../../model/scenario/machine.ts';
import type { VectorOp } from '../../model/scenario/vectorTypes.ts';
import { family } from '../kernel/model.ts';
import { freePages, physicalOfPage } from '../kernel/pages.ts';
import type { Executor, Model } from '../machine/executor.ts';
import { StructView } from '../machine/fields.ts';
import { bits, small } from './arguments.ts';
import type { IoPgtableDriver } from './ioPgtable.ts';
import { sharedState } from './ioPgtable.ts';
import type { TableRoot } from './tableInC.ts';
import { hex64 } from './tableInC.ts';

/** Formats of drivers/iommu/amd before generic_pt, with their C file. */
export const AMD_612_FILES: Readonly<Record<string, string>> = {
  'amd_v1_linux6.12': 'drivers/iommu/amd/io_pgtable.c',
  'amd_v2_linux6.12': 'drivers/iommu/amd/io_pgtable_v2.c',
};

const READ = 1;
const WRITE = 2;
const PERMISSIONS_IR = 1;
const PERMISSIONS_IW = 2;

/** What the rest of the AMD driver does for its page tables: recorded, not executed. */
export const AMD_612_DRIVER: readonly Model[] = family(
  { reads: 'the domain', writes: 'the list of events', shadows: 'observes only' },
  {
    amd_iommu_update_and_flush_device_table: (machine, args) => {
      const domain = domainView(machine, Number(args.pointer(0)));
      const root = Number(domain.get('iop.root')) - machine.directMap;
      const level = Number(domain.get('iop.mode')) - 1;
      sharedState(machine).events.push(['change_top', hex64(root), level]);
      return undefined;
    },
    amd_iommu_domain_flush_pages: (machine, args) => {
      sharedState(machine).events.push(['domain_flush', hex64(args.bits(1)), hex64(args.bits(2))]);
      return undefined;
    },
    put_pages_list: (machine, args) => {
      const head = Number(args.pointer(0));
      const element = new StructView(machine.memory, machine.mainUnit, 'page', 0).at('lru');
      let node = machine.memory.loadPointer(head, 'strict') as number;
      while (node !== head) {
        const next = machine.memory.loadPointer(node, 'strict') as number;
        freePages(machine, physicalOfPage(machine, node - element));
        node = next;
      }
      return undefined;
    },
  },
);

function domainView(machine: Executor, address: number): StructView {
  return new StructView(machine.memory, machine.mainUnit, 'protection_domain', address);
}

/** The AMD driver of 6.12 around its own page tables, version 1 (host) or 2 (x86 format). */
export class Amd612Driver implements IoPgtableDriver {
  private readonly machine: Executor;
  private readonly version: 'v1' | 'v2';
  private domain!: StructView;
  private flushesExactly = false;
  private levels = 0;

  constructor(machine: Executor, format: string) {
    this.machine = machine;
    this.version = format.startsWith('amd_v2') ? 'v2' : 'v1';
  }

  create(op: VectorOp): number {
    const { machine, version } = this;
    this.flushesExactly = (bits(op, 'feat') & 1n) === 1n;
    this.levels = small(op, 'top') + 1;
    this.setGlobal('sme_me_mask', 8, bits(op, 'sme'));
    this.setGlobal('amd_iommu_gpt_level', 4, BigInt(this.levels));
    const sizes = machine.constant('(unsigned long)AMD_IOMMU_PGSIZES') ?? 0n;
    this.setGlobal('amd_iommu_pgsize_bitmap', 8, sizes);
    const size = StructView.sizeOf(machine.mainUnit, 'protection_domain');
    const address = machine.allocate({
      ...{ kind: 'input', name: 'protection domain', size, align: 64, contents: 'zero' },
    });
    this.domain = domainView(machine, address);
    const devices = this.domain.at('dev_list');
    machine.memory.storePointer(devices, devices);
    machine.memory.storePointer(devices + 8, devices);
    this.domain.set('iop.pgtbl.cfg.amd.nid', -1);
    const config = this.domain.at('iop.pgtbl.cfg');
    const made = machine.call(`${version}_alloc_pgtable`, [config, 0]);
    return made === 0 ? 0 : this.domain.at('iop.pgtbl.ops');
  }

  private setGlobal(name: string, bytes: number, value: bigint): void {
    const { machine } = this;
    const object = machine.mainUnit.object(name);
    if (object === undefined) return;
    machine.memory.storeBits(machine.addressOfObject(machine.mainUnit, object), bytes, value);
  }

  /** amd_iommu_map_pages() passes read and write on, nothing else. */
  protection(prot: number): number {
    const read = (prot & READ) !== 0 ? PERMISSIONS_IR : 0;
    return read | ((prot & WRITE) !== 0 ? PERMISSIONS_IW : 0);
  }

  /** amd_iommu_iotlb_gather_add_page(): with np-cache, disjoint ranges are flushed one by one. */
  afterUnmap(domain: number, gather: number, iova: bigint, bytes: bigint): void {
    const { machine } = this;
    if (bytes === 0n) return;
    const range = [gather, iova, bytes];
    if (this.flushesExactly && machine.call('iommu_iotlb_gather_is_disjoint', range)) {
      machine.call('iommu_iotlb_sync', [domain, gather]);
    }
    machine.call('iommu_iotlb_gather_add_range', range);
  }

  destroy(): void {
    this.machine.call(`${this.version}_free_pgtable`, [this.domain.at('iop.pgtbl')]);
  }

  root(): TableRoot {
    const sme = this.machine.constant('sme_me_mask') ?? 0n;
    const { directMap } = this.machine;
    if (this.version === 'v2') {
      const physical = Number(this.domain.get('iop.pgd')) - directMap;
      const childOf = (entry: bigint): number | undefined =>
        (entry & 0x81n) === 1n ? Number(entry & ~sme & ADDRESS) : undefined;
      return { physical, level: this.levels - 1, childOf };
    }
    const physical = Number(this.domain.get('iop.root')) - directMap;
    return {
      physical,
      level: Number(this.domain.get('iop.mode')) - 1,
      childOf: (entry) => {
        const next = (entry >> 9n) & 7n;
        const isTable = (entry & 1n) === 1n && next !== 0n && next !== 7n;
        return isTable ? Number(entry & ~sme & ADDRESS) : undefined;
      },
    };
  }

  info(): Observed {
    const { domain } = this;
    const { physical, level } = this.root();
    const top = hex64(physical);
    const isV1 = this.version === 'v1';
    const apertureBits = BigInt(12 + 9 * this.levels - 1);
    return {
      pgsize_bitmap: hex64(domain.get('iop.pgtbl.cfg.pgsize_bitmap')!),
      // The driver gives version 1 every address, version 2 the positive half.
      aperture_end: isV1 ? hex64(-1) : hex64((1n << apertureBits) - 1n),
      ias: domain.get('iop.pgtbl.cfg.ias'),
      oas: domain.get('iop.pgtbl.cfg.oas'),
      top_level: level,
      top_pa: top,
      hw_info: isV1
        ? { host_pt_root: top, mode: level + 1 }
        : { gcr3_pt: top, levels: this.levels },
    };
  }
}

const ADDRESS = 0xffffffffff000n;
