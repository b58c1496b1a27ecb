import type { CallSpec, SituationSpec } from '../spec.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4, M2 } from './builtIn.ts';
import { asked, map } from './coreCalls.ts';

/*
 * A RISC-V IOMMU with its command queue, and one device behind it.
 * Source of the bits: RISC-V IOMMU Architecture Specification 1.0, "IOMMU capabilities".
 * Kernel: drivers/iommu/riscv/iommu-bits.h, RISCV_IOMMU_CAPABILITIES_*.
 */

/** Not aligned to what the range spans: a command that covers it has to begin before it, and to have its size coded. */
const IOVA = 0x40200000;
const RAM = 0x80200000;
/** Three large pages, of which the first is made of small ones, and a small page. */
const BYTES = 3 * M2 + K4;

/** A value at a bit. */
const at = (bit: number, value: number): bigint => BigInt(value) << BigInt(bit);
const register = (...fields: readonly bigint[]): string =>
  `0x${fields.reduce((a, b) => a | b).toString(16)}`;

/** Version 1.0, Sv39 and Sv48, physical addresses of 56 bits; NL and S: commands may mean tables, and ranges. */
const CAPABILITIES = register(at(0, 0x10), at(9, 0b11), at(32, 56), at(42, 0b11));
/** So few entries that of two commands that the entry queues the second one is the first of the queue again. */
const QUEUE_MASK = 7;

const UNIT: Pick<SituationSpec, 'objects' | 'iommu' | 'table' | 'physical' | 'files'> = {
  objects: {
    riscv_iommu_device: {
      ...{ caps: CAPABILITIES, dev: '&device', irqs: 1, irqs_count: 1 },
      // RISCV_IOMMU_QUEUE_INIT(), with the offsets of cqb and cqcsr.
      ...{ 'cmdq.qbr': 0x18, 'cmdq.qcr': 0x48, 'cmdq.mask': QUEUE_MASK },
    },
    riscv_iommu_info: {},
    iommu_fwspec: { num_ids: 1 },
    dev_iommu: {
      ...{ priv: '&riscv_iommu_info', fwspec: '&iommu_fwspec' },
      iommu_dev: '&riscv_iommu_device.iommu',
    },
    device: { iommu: '&dev_iommu' },
  },
  iommu: {
    ...{ kind: 'riscv', registers: ['riscv_iommu_device.reg'] },
    ...{ domainId: 'riscv_iommu_domain.pscid', tells: { '0x0': CAPABILITIES } },
  },
  table: { format: 'driver', layout: 'riscv_64' },
  physical: [{ start: RAM, bytes: 6 * M2, fill: 'zero', buffer: true }],
  files: [
    ...['drivers/iommu/riscv/iommu.c', 'drivers/iommu/generic_pt/fmt/iommu_riscv64.c'],
    ...['drivers/iommu/iommu.c', 'lib/idr.c', 'lib/xarray.c'],
  ],
};

/** The driver's own init of the parts that a command goes through, and a device that is attached. */
const START: readonly CallSpec[] = [
  { call: 'riscv_iommu_iodir_alloc' },
  {
    call: 'riscv_iommu_queue_alloc',
    arguments: { 1: '&riscv_iommu_device.cmdq', 2: 16 },
  },
  {
    call: 'riscv_iommu_queue_enable',
    arguments: { 1: '&riscv_iommu_device.cmdq', 2: 0 },
  },
  { call: 'riscv_iommu_iodir_set_mode', arguments: { 1: 'RISCV_IOMMU_DDTP_IOMMU_MODE_1LVL' } },
  { call: 'iommu_domain.ops.attach_dev', arguments: { 2: 0 } },
  { call: 'riscv_iommu_cmd_sync', arguments: { 1: 1000 } },
];

/** A page behind the range that is unmapped: it stays. */
const BEHIND = { iova: IOVA + BYTES, bytes: K4 };

/** What is unmapped, from two places in RAM: the first is at no multiple of 2M, so that a table goes. */
const MAPPED: readonly CallSpec[] = [
  map(IOVA, RAM + 4 * M2 + K4, M2),
  map(IOVA + M2, RAM, 2 * M2 + K4),
  map(BEHIND.iova, RAM + 2 * M2 + 2 * K4, BEHIND.bytes),
];

const unmap = (iova: number, bytes: number): CallSpec => ({
  ...{ call: 'iommu_unmap', arguments: asked(iova, RAM, bytes) },
});

/** A table that holds nothing any more, and that a larger leaf takes the place of. */
const EMPTY_TABLE: readonly CallSpec[] = [
  map(IOVA, RAM + K4, 2 * K4),
  unmap(IOVA, K4),
  unmap(IOVA + K4, K4),
];

/** The driver of RISC-V IOMMUs as a whole: what the core asks of it, down to the commands in the queue. */
export const RISCV: readonly BuiltIn[] = [
  {
    ...{ takes: [], makes: [], driver: 'riscv_iommu_device' },
    spec: {
      ...UNIT,
      name: 'riscv-unmap',
      summary:
        'the core unmaps 6M and 4K of a domain with a device, a table goes; RISC-V, first stage, command queue',
      before: [...START, ...MAPPED],
      entry: { call: 'iommu_unmap', arguments: asked(IOVA, RAM, BYTES) },
      keeps: [BEHIND],
      removes: [{ iova: IOVA, bytes: BYTES }],
    },
  },
  {
    ...{ takes: [], makes: [], driver: 'riscv_iommu_device' },
    spec: {
      ...UNIT,
      name: 'riscv-map-over-table',
      summary:
        'the core maps 2M where an empty table is; RISC-V, first stage, command queue, a device is attached',
      before: [...START, ...EMPTY_TABLE],
      entry: { call: 'iommu_map', arguments: asked(IOVA, RAM, M2) },
      leads: [{ iova: IOVA, bytes: M2, to: RAM }],
    },
  },
];
