import type { CallSpec, SituationSpec } from '../spec.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4, M2 } from './builtIn.ts';
import { asked, map } from './coreCalls.ts';

/*
 * An AMD IOMMU with its command buffer, and one PCI device behind it.
 * Kernel: drivers/iommu/amd/init.c, amd_iommu_types.h.
 */

/** Not aligned to what the range spans: a command that covers it has to begin before it, and to have its size coded. */
const IOVA = 0x40200000;
const RAM = 0x80200000;
/** Three large pages, of which the first is made of small ones, and a small page. */
const BYTES = 3 * M2 + K4;
/** 00:02.0. */
const REQUESTER = 0x10;
/** So many requesters that a command for each of their numbers, and one that waits, leave one place in the buffer. */
const LAST_REQUESTER = 509;
/** Of the tables of all requesters: 32, 2 and 8 bytes each. */
const TABLE_BYTES = { dev_table_size: 4 * K4, 'alias_table_size?': K4, 'rlookup_table_size?': K4 };

const UNIT: Pick<SituationSpec, 'objects' | 'globals' | 'iommu' | 'table' | 'physical' | 'files'> =
  {
    objects: {
      pci_bus: { sysdata: '&pci_sysdata' },
      pci_sysdata: { node: -1 },
      amd_iommu_pci_seg: {
        ...{ last_bdf: LAST_REQUESTER, 'list.next': '&amd_iommu_pci_seg_list' },
        ...TABLE_BYTES,
      },
      amd_iommu: { pci_seg: '&amd_iommu_pci_seg', dev: '&pci_dev' },
      iommu_dev_data: { dev: '&pci_dev.dev', devid: REQUESTER },
      dev_iommu: { priv: '&iommu_dev_data', iommu_dev: '&amd_iommu.iommu' },
      device: { iommu: '&dev_iommu' },
      pci_dev: {
        ...{ bus: '&pci_bus', devfn: REQUESTER },
        ...{ 'dev.bus': '&pci_bus_type', 'dev.iommu': '&dev_iommu' },
      },
    },
    globals: {
      amd_iommu_pci_seg_list: '&amd_iommu_pci_seg.list',
      ...{ 'amd_iommu_hpt_vasize?': 48, 'amd_iommus?': '&amd_iommu', 'amd_iommus_present?': 1 },
      // Of domain numbers, where releases before 6.13 have no IDA: 0 is taken.
      'amd_iommu_pd_alloc_bitmap?': '*0x1',
    },
    iommu: { kind: 'amd', registers: ['amd_iommu.mmio_base'], domainId: 'protection_domain.id' },
    table: { format: 'driver', layout: 'amdv1' },
    physical: [{ start: RAM, bytes: 6 * M2, fill: 'zero', buffer: true }],
    files: [
      ...[
        'drivers/iommu/amd/iommu.c',
        'drivers/iommu/amd/init.c',
        'drivers/iommu/amd/io_pgtable.c',
      ],
      ...['drivers/iommu/generic_pt/fmt/iommu_amdv1.c', 'drivers/iommu/iommu.c'],
      ...['lib/idr.c', 'lib/xarray.c'],
    ],
  };

/** The driver's own init of the parts that a command goes through, and a device that is attached. */
const START: readonly CallSpec[] = [
  { call: 'alloc_dev_table' },
  { call: 'alloc_rlookup_table' },
  { call: 'alloc_alias_table' },
  { call: 'alloc_cwwb_sem' },
  { call: 'alloc_command_buffer' },
  { call: 'amd_iommu_set_rlookup_table', arguments: { 1: REQUESTER } },
  { call: 'iommu_set_device_table' },
  { call: 'iommu_enable_command_buffer' },
  { call: 'iommu_enable' },
  { call: 'iommu_domain.ops.attach_dev', arguments: { 1: '&pci_dev.dev', 2: 0 } },
];

/** A page behind the range that is unmapped: it stays. */
const BEHIND = { iova: IOVA + BYTES, bytes: K4 };

/** What is unmapped, from two places in RAM: the first is at no multiple of 2M, so that a table goes. */
const MAPPED: readonly CallSpec[] = [
  map(IOVA, RAM + 4 * M2 + K4, M2),
  map(IOVA + M2, RAM, 2 * M2 + K4),
  map(BEHIND.iova, RAM + 2 * M2 + 2 * K4, BEHIND.bytes),
];

/** The next command is the last one before the buffer begins anew. */
const NEARLY_AROUND: readonly CallSpec[] = [
  { call: 'amd_iommu_reset_cmd_buffer' },
  { call: 'amd_iommu_flush_tlb_all' },
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

/** The driver of AMD IOMMUs as a whole: what the core asks of it, down to the commands in the buffer. */
export const AMD: readonly BuiltIn[] = [
  {
    ...{ takes: [], makes: [], driver: 'amd_iommu' },
    spec: {
      ...UNIT,
      name: 'amd-unmap',
      summary:
        'the core unmaps 6M and 4K of a domain with a device, a table goes; AMD, host table, command buffer',
      before: [...START, ...MAPPED, ...NEARLY_AROUND],
      entry: { call: 'iommu_unmap', arguments: asked(IOVA, RAM, BYTES) },
      keeps: [BEHIND],
      removes: [{ iova: IOVA, bytes: BYTES }],
    },
  },
  {
    ...{ takes: [], makes: [], driver: 'amd_iommu' },
    spec: {
      ...UNIT,
      name: 'amd-map-over-table',
      summary:
        'the core maps 2M where an empty table is; AMD, host table, command buffer, a device is attached',
      before: [...START, ...EMPTY_TABLE],
      entry: { call: 'iommu_map', arguments: asked(IOVA, RAM, M2) },
      leads: [{ iova: IOVA, bytes: M2, to: RAM }],
    },
  },
];
