import type { CallSpec, IommuSpec, SituationSpec } from '../spec.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4, M2 } from './builtIn.ts';
import { asked, map } from './coreCalls.ts';

/*
 * A VT-d remapping unit with its invalidation queue, and one device behind it.
 * Source of the bits: Intel VT-d, "Capability Register" and "Extended Capability Register".
 * Kernel: drivers/iommu/intel/iommu.h, cap_*() and ecap_*().
 */

/** Not aligned to what the range spans: one descriptor has to begin before it. */
const IOVA = 0x40200000;
const RAM = 0x80200000;
/** A table of small pages, which goes with them, a large page, and one small page of a table that stays. */
const BYTES = 2 * M2 + K4;

/** A value at a bit. */
const at = (bit: number, value: number): bigint => BigInt(value) << BigInt(bit);
const register = (...fields: readonly bigint[]): string =>
  `0x${fields.reduce((a, b) => a | b).toString(16)}`;

/** 256 domains, tables of 39 and 48 bits, large pages, ranges of up to 2^18 pages in one descriptor. */
const CAPABILITIES = register(
  ...[at(0, 2), at(8, 0b110), at(16, 47), at(24, 0x20), at(34, 0b11), at(39, 1), at(48, 18)],
);
/** The same, and it remembers what is not there: a unit that a hypervisor makes. */
const CACHING = register(BigInt(CAPABILITIES), at(7, 1));
/** Tables are read coherently; there is an invalidation queue. Legacy mode: no scalable-mode tables. */
const EXTENDED = register(at(0, 1), at(1, 1), at(8, 0x10));

/** What every situation here states. */
type UnitSpec = Required<Pick<SituationSpec, 'objects' | 'iommu' | 'table' | 'physical' | 'files'>>;

const UNIT: UnitSpec = {
  objects: {
    intel_iommu: {
      ...{ cap: CAPABILITIES, ecap: EXTENDED, agaw: 2, msagaw: 2, node: -1 },
      ...{ 'max_domain_id?': 256, drhd: '&dmar_drhd_unit' },
    },
    device_domain_info: { iommu: '&intel_iommu', dev: '&device', devfn: 0x10 },
    dev_iommu: { priv: '&device_domain_info', iommu_dev: '&intel_iommu.iommu' },
    device: { iommu: '&dev_iommu' },
    // By which 6.1 finds the unit of a device.
    dmar_dev_scope: { dev: '&device', devfn: 0x10 },
    dmar_drhd_unit: { iommu: '&intel_iommu', devices: '&dmar_dev_scope', devices_cnt: 1 },
  },
  iommu: {
    ...{ kind: 'vtd', registers: ['intel_iommu.reg'], domainId: 'domain_id_iommu' },
    device: { requester: 0x10 },
    tells: { '0x8': CAPABILITIES, '0x10': EXTENDED },
  },
  table: { format: 'driver', layout: 'vtdss' },
  physical: [{ start: RAM, bytes: 5 * M2, fill: 'zero', buffer: true }],
  files: [
    ...['drivers/iommu/intel/iommu.c', 'drivers/iommu/generic_pt/fmt/iommu_vtdss.c'],
    ...['drivers/iommu/iommu.c', 'lib/idr.c', 'lib/xarray.c'],
  ],
};

/** The same unit with caching mode. */
const CACHING_UNIT: UnitSpec = {
  ...UNIT,
  objects: { ...UNIT.objects, intel_iommu: { ...UNIT.objects['intel_iommu'], cap: CACHING } },
  iommu: {
    ...{ ...UNIT.iommu, cachesNegative: true },
    tells: { '0x8': CACHING, '0x10': EXTENDED },
  },
};

/** Scalable mode with a first stage and a second one, coherent walks, device TLBs. */
const SCALABLE = register(
  ...[at(0, 1), at(1, 1), at(2, 1), at(8, 0x10), at(43, 1), at(46, 1), at(47, 1), at(48, 1)],
);
/** 00:02.0. */
const REQUESTER = 0x10;

/** The same unit in scalable mode, and a PCI device with a device TLB. */
const SCALABLE_UNIT: UnitSpec & Pick<SituationSpec, 'globals'> = {
  ...UNIT,
  objects: {
    pci_bus: { sysdata: '&pci_sysdata' },
    pci_sysdata: { node: -1 },
    pci_dev: {
      ...{ bus: '&pci_bus', devfn: REQUESTER },
      ...{ 'dev.bus': '&pci_bus_type', 'dev.iommu': '&dev_iommu' },
    },
    ...UNIT.objects,
    intel_iommu: { ...UNIT.objects['intel_iommu'], ecap: SCALABLE },
    device_domain_info: {
      ...{ iommu: '&intel_iommu', dev: '&pci_dev.dev', devfn: REQUESTER },
      ...{ ats_supported: 1, ats_enabled: 1, ats_qdep: 4 },
    },
    dev_iommu: { ...UNIT.objects['dev_iommu'], priv: '&device_domain_info' },
  },
  globals: { intel_iommu_sm: 1 },
  iommu: {
    ...UNIT.iommu,
    device: { requester: REQUESTER, ats: true },
    tells: { '0x8': CAPABILITIES, '0x10': SCALABLE },
  },
  table: { format: 'driver', layout: 'x86_64' },
  files: [
    ...UNIT.files,
    ...['drivers/iommu/intel/pasid.c', 'drivers/iommu/generic_pt/fmt/iommu_x86_64.c'],
    'drivers/pci/search.c',
  ],
};

/** The unit with its queue and an empty root table: intel/iommu.c:init_dmars(), as far as it is about one unit. */
const START: readonly CallSpec[] = [
  // Who numbers domains: an allocator of the unit, before that a bitmap of its own (6.12 and before).
  { call: 'ida_init?', arguments: { 0: '&intel_iommu.domain_ida' } },
  { call: 'iommu_init_domains?' },
  { call: 'iommu_alloc_root_entry' },
  { call: 'intel_iommu_init_qi' },
  { call: 'dmar_register_drhd_unit' },
  { call: 'iommu_set_root_entry' },
  { call: 'iommu_enable_translation' },
];
/** No domain is there then. */
const BLOCK: CallSpec = { call: 'device_block_translation' };
/** No domain was there before. */
const ATTACH: CallSpec = { call: 'intel_iommu_attach_device', arguments: { 2: 0 } };

/** A page behind the range that is unmapped: it stays. */
const BEHIND = { iova: IOVA + BYTES, bytes: K4 };

/** What is unmapped, from two places in RAM: the first is at no multiple of 2M. */
const MAPPED: readonly CallSpec[] = [
  map(IOVA, RAM + 3 * M2 + K4, M2),
  map(IOVA + M2, RAM, M2 + K4),
  map(BEHIND.iova, RAM + M2 + 2 * K4, BEHIND.bytes),
];

const SMALL: readonly CallSpec[] = [map(IOVA, RAM, M2)];
/** The same unit, and its device is no longer behind the domain when the entry returns. */
function blocked({ iommu }: UnitSpec): IommuSpec {
  return { ...iommu, device: { ...iommu.device!, after: 'blocked' } };
}

const PCI_DEVICE = '&pci_dev.dev';
/** intel/iommu.c:intel_iommu_probe_device(), as far as scalable mode is concerned. */
const PASID_TABLES: readonly CallSpec[] = [
  { call: 'intel_pasid_alloc_table', arguments: { 0: PCI_DEVICE } },
  { call: 'intel_pasid_setup_sm_context', arguments: { 0: PCI_DEVICE } },
];
const ATTACH_PCI: CallSpec = { ...ATTACH, arguments: { 1: PCI_DEVICE, 2: 0 } };

/**
 * Each queues a descriptor and one that waits: with those by which the root table was set, the next two are the last
 * ones before the queue begins anew.
 */
const NEARLY_AROUND: CallSpec = { call: 'qi_global_iec', times: 125 };

/** The driver of VT-d as a whole: what the core asks of it, down to the descriptors in the queue. */
export const VTD: readonly BuiltIn[] = [
  {
    ...{ takes: [], makes: [], driver: 'intel_iommu' },
    spec: {
      ...UNIT,
      name: 'vtd-unmap',
      summary:
        'the core unmaps 4M and 4K of a domain with a device, a table goes; VT-d, legacy mode, queue',
      before: [...START, ATTACH, ...MAPPED, NEARLY_AROUND],
      entry: { call: 'iommu_unmap', arguments: asked(IOVA, RAM, BYTES) },
      keeps: [BEHIND],
      removes: [{ iova: IOVA, bytes: BYTES }],
    },
  },
  {
    ...{ takes: [], makes: [], driver: 'intel_iommu' },
    spec: {
      ...CACHING_UNIT,
      name: 'vtd-attach',
      summary:
        'a device is attached to a domain with mappings; VT-d with caching mode, legacy mode, queue',
      // Where a domain takes the width of its first unit, it has done so.
      before: [...START, ATTACH, BLOCK, ...SMALL],
      entry: ATTACH,
    },
  },
  {
    ...{ takes: [], makes: [], driver: 'intel_iommu' },
    spec: {
      ...{ ...UNIT, iommu: blocked(UNIT) },
      name: 'vtd-block',
      summary: 'a device leaves its domain; VT-d, legacy mode, queue',
      before: [...START, ATTACH, ...SMALL],
      entry: BLOCK,
    },
  },
  {
    // Releases before 7.0 have first stages of their own making, which cannot be looked at.
    ...{ takes: [], makes: [], driver: 'intel_iommu', release: 'pt_iommu_x86_64' },
    spec: {
      ...SCALABLE_UNIT,
      name: 'vtd-first-stage',
      summary:
        'the core unmaps 4M and 4K of a first stage with a device that has a TLB, a table goes; VT-d, scalable mode, queue',
      before: [...START, ...PASID_TABLES, ATTACH_PCI, ...MAPPED],
      entry: { call: 'iommu_unmap', arguments: asked(IOVA, RAM, BYTES) },
      keeps: [BEHIND],
      removes: [{ iova: IOVA, bytes: BYTES }],
    },
  },
  {
    ...{ takes: [], makes: [], driver: 'intel_iommu', release: 'pt_iommu_x86_64' },
    spec: {
      ...SCALABLE_UNIT,
      name: 'vtd-first-stage-attach',
      summary:
        'a device with a TLB is attached to a first stage with mappings; VT-d, scalable mode, queue',
      before: [...START, ...PASID_TABLES, ...SMALL],
      entry: ATTACH_PCI,
    },
  },
  {
    ...{ takes: [], makes: [], driver: 'intel_iommu', release: 'pt_iommu_x86_64' },
    spec: {
      ...{ ...SCALABLE_UNIT, iommu: blocked(SCALABLE_UNIT) },
      name: 'vtd-first-stage-block',
      summary: 'a device with a TLB leaves its first stage; VT-d, scalable mode, queue',
      before: [...START, ...PASID_TABLES, ATTACH_PCI, ...SMALL],
      entry: { call: 'device_block_translation', arguments: { 0: PCI_DEVICE } },
    },
  },
  {
    ...{ takes: [], makes: [], driver: 'intel_iommu' },
    spec: {
      ...CACHING_UNIT,
      name: 'vtd-map-caching',
      summary: 'the core maps 2M and 4K in a domain with a device; VT-d with caching mode, queue',
      before: [...START, ATTACH],
      entry: map(IOVA, RAM, M2 + K4),
      leads: [{ iova: IOVA, bytes: M2 + K4, to: RAM }],
    },
  },
];
