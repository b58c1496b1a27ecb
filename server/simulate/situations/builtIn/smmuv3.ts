import type { CallSpec, SituationSpec } from '../spec.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4, M2 } from './builtIn.ts';
import { asked, map } from './coreCalls.ts';

/*
 * An SMMUv3 with its command queue, and one device behind it.
 * Source of the bits: Arm SMMUv3 (IHI 0070), "SMMU_IDR0", "SMMU_IDR1", "SMMU_IDR3" and "SMMU_IDR5".
 * Kernel: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h, IDR0_*, IDR1_*, IDR3_*, IDR5_*.
 */

const IOVA = 0x40200000;
const RAM = 0x80200000;
/** Small pages of a table that stays: as many as no single range command names. */
const FEW = 33 * K4;
/** A table of small pages, which goes with them, a large page, and small pages of a table that stays. */
const BYTES = 2 * M2 + FEW;
/** StreamID of the device. */
const STREAM = 5;

/** A value at a bit. */
const at = (bit: number, value: number): bigint => BigInt(value) << BigInt(bit);
const register = (...fields: readonly bigint[]): string =>
  `0x${fields.reduce((a, b) => a | b).toString(16)}`;

/** Tables of AArch64, little-endian, read coherently; ASIDs of 16 bits; no stalls; a linear stream table. */
const COMMON = [at(3, 1), at(4, 1), at(12, 1), at(18, 1), at(21, 2), at(24, 1)];
const STAGE_1 = at(1, 1);
const STAGE_2 = at(0, 1);
/** A CMD_SYNC that is done writes to memory. */
const MSI = at(13, 1);
/** 128 commands, 128 events, StreamIDs of 6 bits. */
const SIZES = register(at(21, 7), at(16, 7), at(0, 6));
/** Invalidations of ranges, with the level of what they mean. */
const RANGES = register(at(10, 1));
/** Pages of 4 KiB, addresses of 48 bits. */
const ADDRESSES = register(at(4, 1), at(0, 5));

/** The firmware says that walks are coherent. Kernel: ARM_SMMU_FEAT_COHERENCY. */
const COHERENT = 1 << 8;

const UNIT: Pick<SituationSpec, 'objects' | 'physical' | 'files'> = {
  objects: {
    platform_device: {},
    arm_smmu_device: { dev: '&platform_device.dev', features: COHERENT },
    arm_smmu_master: { dev: '&device', smmu: '&arm_smmu_device' },
    iommu_fwspec: {},
    dev_iommu: {
      ...{ priv: '&arm_smmu_master', fwspec: '&iommu_fwspec' },
      iommu_dev: '&arm_smmu_device.iommu',
    },
    device: { iommu: '&dev_iommu' },
  },
  physical: [{ start: RAM, bytes: 5 * M2, fill: 'zero', buffer: true }],
  files: [
    ...['drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c', 'drivers/iommu/io-pgtable-arm.c'],
    ...['drivers/iommu/io-pgtable.c', 'drivers/iommu/iommu.c', 'lib/idr.c', 'lib/xarray.c'],
    ...['lib/rbtree.c', 'lib/sort.c', 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c'],
    'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c',
  ],
};

/** The driver's own probe and reset, and the streams of the device. */
const START: readonly CallSpec[] = [
  { call: 'arm_smmu_device_hw_probe' },
  { call: 'arm_smmu_init_structures' },
  { call: 'arm_smmu_device_reset', arguments: { '(bool)': 0 } },
  { call: 'iommu_fwspec_add_ids', arguments: { 1: STREAM, 2: 1 } },
  { call: 'arm_smmu_insert_master' },
];

/** A page behind the range that is unmapped: it stays. */
const BEHIND = { iova: IOVA + BYTES, bytes: K4 };

/** What is unmapped, from two places in RAM: the first is at no multiple of 2M. */
const MAPPED: readonly CallSpec[] = [
  map(IOVA, RAM + 3 * M2 + K4, M2),
  map(IOVA + M2, RAM, M2 + FEW),
  map(BEHIND.iova, RAM + M2 + FEW + K4, BEHIND.bytes),
];

const ATTACH: CallSpec = { call: 'iommu_domain.ops.attach_dev', arguments: { 2: 0 } };

const REGISTERS = ['arm_smmu_device.base', 'arm_smmu_device.page1'];

/** More small pages than a batch of commands names, nearly as many as the queue holds; one more stays. */
const MANY = 124 * K4;
const BEHIND_MANY = { iova: IOVA + MANY, bytes: K4 };

const SPECS: readonly SituationSpec[] = [
  {
    ...UNIT,
    name: 'smmuv3-unmap',
    summary:
      'the core unmaps 4M and 33 small pages of a domain with a device, a table goes; SMMUv3, stage 1, ranges',
    table: { format: 'driver', layout: 'arm_64_lpae_s1' },
    iommu: {
      ...{ kind: 'smmuv3', registers: REGISTERS, start: START },
      tells: {
        '0x0': register(...COMMON, STAGE_1),
        ...{ '0x4': SIZES, '0xc': RANGES, '0x14': ADDRESSES },
      },
      domainId: ['arm_smmu_domain.cd.asid', 'arm_smmu_domain.s1_cfg.cd.asid'],
    },
    before: [ATTACH, ...MAPPED],
    entry: { call: 'iommu_unmap', arguments: asked(IOVA, RAM, BYTES) },
    keeps: [BEHIND],
    removes: [{ iova: IOVA, bytes: BYTES }],
  },
  {
    ...UNIT,
    name: 'smmuv3-unmap-stage-2',
    summary:
      'the core unmaps 124 small pages; SMMUv3, stage 2, no ranges, the queue wraps around, waits end by MSI',
    table: { format: 'driver', layout: 'arm_64_lpae_s2' },
    iommu: {
      ...{ kind: 'smmuv3', registers: REGISTERS, start: START },
      tells: {
        '0x0': register(...COMMON, STAGE_2, MSI),
        ...{ '0x4': SIZES, '0x14': ADDRESSES },
      },
      domainId: 'arm_smmu_domain.s2_cfg.vmid',
    },
    before: [ATTACH, map(IOVA, RAM + K4, MANY + K4)],
    entry: { call: 'iommu_unmap', arguments: asked(IOVA, RAM, MANY) },
    keeps: [BEHIND_MANY],
    removes: [{ iova: IOVA, bytes: MANY }],
  },
];

/** The driver of SMMUv3 as a whole, with the page tables of io-pgtable-arm: what the core asks of it, down to the commands. */
export const SMMUV3: readonly BuiltIn[] = ['arm_smmu_cmdq', 'arm_lpae_io_pgtable'].flatMap(
  (driver) => SPECS.map((spec) => ({ ...{ takes: [], makes: [] }, driver, spec })),
);
