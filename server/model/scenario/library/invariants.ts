import type { InvariantId } from '../../check/violation.ts';
import type { MachineText, Scenario, StepText } from '../form/scenario.ts';

/*
 * For each invariant one scenario that breaks it and one that comes close and does not.
 * `also` names invariants that break together with the one at hand because they say the same of another layer.
 */

const IOVA = '0x40000000';
const PA = '0x80000000';

interface Pair {
  readonly source: string;
  readonly machine?: MachineText;
  readonly nearMachine?: MachineText;
  readonly trip: readonly StepText[];
  readonly tripTitle: string;
  readonly also?: readonly InvariantId[];
  readonly near: readonly StepText[];
  readonly nearTitle: string;
}

type Extra = Readonly<Record<string, string | number | boolean>>;

const table = (more: Extra = {}): StepText => ({
  do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss', ...more,
}); // prettier-ignore
const device = (more: Extra = {}): StepText => ({
  do: 'device', name: 'nic', arch: 'vtd', second: 'dom', ...more,
}); // prettier-ignore
const amd = (more: Extra = {}): readonly StepText[] => [
  table({ arch: 'amd', format: 'amdv1', ...more }),
  device({ arch: 'amd' }),
];
const arm = (more: Extra = {}): readonly StepText[] => [
  table({ arch: 'smmuv3', format: 'arm_64_lpae_s2', ...more }),
  device({ arch: 'smmuv3' }),
];
const map = (length: string, iova = IOVA, pa = PA, prot = 'read write'): StepText => ({
  do: 'map', table: 'dom', iova, pa, length, prot,
}); // prettier-ignore
const unmap = (length: string, iova = IOVA): StepText => ({
  do: 'unmap',
  table: 'dom',
  iova,
  length,
});
const fast = (length: string): StepText => ({ do: 'unmap-fast', table: 'dom', iova: IOVA, length });
const sync: StepText = { do: 'sync', table: 'dom' };
const release = (length: string): StepText => ({ do: 'release', at: PA, length });

/** 512 pages that cannot become a leaf of 2 MiB, and their removal as a whole: a table page goes. */
const pages: readonly StepText[] = [map('1M', IOVA, PA), map('1M', `${IOVA}+1M`, '0x90000000')];
const whole = unmap('2M');

const CONTRACT =
  'include/linux/iommu.h, struct iommu_iotlb_gather; include/linux/generic_pt/common.h';
const COHERENCE = 'drivers/iommu/generic_pt/iommu_pt.h, PT_FEAT_DMA_INCOHERENT';
const DIRTY = 'drivers/iommu/generic_pt/iommu_pt.h:record_dirty()';
const BBM = 'Arm ARM (DDI 0487), break-before-make; seed 001';

const PAIRS: Readonly<Record<InvariantId, Pair>> = {
  'I-REACH-1': {
    source: CONTRACT,
    tripTitle: 'iommu_unmap() of a driver that does not flush',
    trip: [table({ driver: 'skip-flush' }), device(), map('2M'), unmap('2M')],
    nearTitle: 'iommu_unmap_fast(), flushed later: nothing was promised before',
    near: [table(), device(), map('2M'), fast('2M'), sync],
  },
  'I-REACH-2': {
    source: 'iommu_unmap_fast(): pages may not be reused before iommu_iotlb_sync()',
    tripTitle: 'unpinned between iommu_unmap_fast() and iommu_iotlb_sync()',
    trip: [table(), device(), map('2M'), fast('2M'), release('2M'), sync],
    nearTitle: 'unpinned after iommu_iotlb_sync()',
    near: [table(), device(), map('2M'), fast('2M'), sync, release('2M')],
  },
  'I-LIFE-1': {
    source: CONTRACT,
    tripTitle: 'table pages freed before the flush',
    trip: [table({ driver: 'free-first' }), device(), ...pages, whole],
    nearTitle: 'table pages freed after the flush',
    near: [table(), device(), ...pages, whole],
  },
  'I-LIFE-2': {
    source: 'drivers/iommu/amd/iommu.c, CMD_INV_IOMMU_PAGES_PDE_MASK; intel/cache.c, IH',
    tripTitle: 'tables removed, leaves invalidated',
    trip: [table({ driver: 'leaf-only' }), device(), ...pages, whole],
    also: ['I-LIFE-1'],
    nearTitle: 'only a leaf removed, leaves invalidated',
    near: [table({ driver: 'leaf-only' }), device(), map('2M'), map('2M', `${IOVA}+2M`), unmap('2M')],
  },
  'I-LIFE-3': {
    source: 'seed 002, row B of 6.1',
    tripTitle: 'a table entry stored to RAM',
    trip: [{ do: 'memory', at: PA, length: '4K', use: 'ram' }, { do: 'store', at: `${PA}+0x18`, value: '0x0' }, { do: 'store', at: `${PA}+0x18`, value: '0x3' }],
    nearTitle: 'a table entry stored to a table',
    near: [table(), device(), map('4K'), { do: 'store-entry', table: 'dom', iova: IOVA, level: 0, value: '0x90000003' }],
  },
  'I-FMT-1': {
    source: 'Intel VT-d, second-stage paging entries: reserved bits',
    tripTitle: 'a 2 MiB leaf that is not aligned',
    trip: [table(), device(), map('2M'), { do: 'store-entry', table: 'dom', iova: IOVA, level: 1, value: '0x80001083' }],
    nearTitle: 'another valid 2 MiB leaf',
    near: [table(), device(), map('2M'), { do: 'store-entry', table: 'dom', iova: IOVA, level: 1, value: '0x80200083' }],
  },
  'I-FMT-2': {
    source: 'Intel VT-d: R and W are what makes an entry present; generic_pt/fmt/vtdss.h takes any entry that is not 0',
    tripTitle: 'an entry without R and W',
    trip: [table(), device(), map('4K'), { do: 'store-entry', table: 'dom', iova: IOVA, level: 0, value: '0x80000000' }],
    nearTitle: 'an entry without W',
    near: [table(), device(), map('4K'), { do: 'store-entry', table: 'dom', iova: IOVA, level: 0, value: '0x80000001' }],
  },
  'I-FMT-3': {
    source: 'drivers/iommu/generic_pt/fmt/iommu_vtdss.c, PT_SUPPORTED_FEATURES',
    tripTitle: 'a feature that only the debug build takes',
    trip: [table({ kernel: 'debug', features: 'FLUSH_RANGE_NO_GAPS' })],
    nearTitle: 'the same feature in a release build: refused',
    near: [{ ...table({ features: 'FLUSH_RANGE_NO_GAPS' }), expect: 'pt_iommu_init gives -95' }],
  },
  'I-COH-1': {
    source: COHERENCE,
    machine: { walks: 'incoherent' },
    tripTitle: 'an incoherent walker and a table without DMA_INCOHERENT',
    trip: [table(), device(), map('2M')],
    nearTitle: 'the same with DMA_INCOHERENT',
    near: [table({ features: 'DMA_INCOHERENT' }), device(), map('2M')],
  },
  'I-COH-2': {
    source: COHERENCE,
    machine: { walks: 'incoherent' },
    tripTitle: 'a pointer to a table whose entries are still in the CPU’s cache',
    trip: [
      table({ features: 'DMA_INCOHERENT' }),
      device(),
      map('2M'),
      { do: 'memory', at: '0x100010000', length: '4K', use: 'ram' },
      { do: 'unmap', table: 'dom', iova: IOVA, length: '2M' },
      { do: 'store-table', at: '0x100010000' },
      { do: 'store', at: '0x100010000', value: '0x80000003' },
      { do: 'store-entry', table: 'dom', iova: IOVA, level: 1, value: '0x100010003' },
    ],
    nearTitle: 'the same with the line flushed before',
    near: [
      table({ features: 'DMA_INCOHERENT' }),
      device(),
      map('2M'),
      { do: 'unmap', table: 'dom', iova: IOVA, length: '2M' },
      { do: 'store-table', at: '0x100010000' },
      { do: 'store', at: '0x100010000', value: '0x80000003', flush: true },
      { do: 'store-entry', table: 'dom', iova: IOVA, level: 1, value: '0x100010003' },
    ],
  },
  'I-COH-3': {
    source: COHERENCE,
    machine: { walks: 'incoherent' },
    tripTitle: 'tables freed while the store that unlinked them is in the CPU’s cache',
    trip: [table(), device(), ...pages, { do: 'clean' }, whole],
    also: ['I-COH-1'],
    nearTitle: 'the same with DMA_INCOHERENT',
    near: [table({ features: 'DMA_INCOHERENT' }), device(), ...pages, whole],
  },
  'I-BBM-1': {
    source: BBM,
    machine: { bbml: { smmu: 2, cpu: 0 } },
    nearMachine: { bbml: { smmu: 2, cpu: 3 } },
    tripTitle: 'a live block split while one observer needs a break',
    trip: [...arm(), map('2M'), { do: 'split', table: 'dom', iova: IOVA }],
    also: ['I-BBM-2'],
    nearTitle: 'the same with no observer that needs one',
    near: [...arm(), map('2M'), { do: 'split', table: 'dom', iova: IOVA }],
  },
  'I-BBM-2': {
    source: BBM,
    tripTitle: 'pages mapped where a block of 2M is still cached',
    trip: [...arm({ driver: 'skip-flush' }), map('2M'), fast('2M'), map('4K')],
    also: ['I-BBM-1'],
    nearTitle: 'the same after the invalidation has completed',
    near: [...arm(), map('2M'), fast('2M'), sync, map('4K')],
  },
  'I-GATH-1': {
    source: CONTRACT,
    tripTitle: 'a gather that was emptied',
    trip: [table(), device(), map('2M'), { ...fast('2M'), lose: true }],
    nearTitle: 'a gather that holds the leaf',
    near: [table(), device(), map('2M'), fast('2M'), sync],
  },
  'I-DIRTY-1': {
    source: DIRTY,
    tripTitle: '7.3: the last item of a contiguous leaf is not recorded',
    trip: [...amd(), map('8K'), { do: 'device-write', device: 'nic', iova: `${IOVA}+4K` }, { do: 'read-dirty', table: 'dom', iova: IOVA, length: '8K' }],
    also: ['I-DIRTY-2'],
    nearTitle: 'the same as intended',
    near: [...amd({ profile: 'intended' }), map('8K'), { do: 'device-write', device: 'nic', iova: `${IOVA}+4K` }, { do: 'read-dirty', table: 'dom', iova: IOVA, length: '8K' }],
  },
  'I-DIRTY-2': {
    source: DIRTY,
    tripTitle: '7.3: what is cleared is more than what is recorded',
    trip: [...amd(), map('0x10000'), { do: 'device-write', device: 'nic', iova: IOVA }, { do: 'read-dirty', table: 'dom', iova: IOVA, length: '0x10000' }],
    nearTitle: '7.3: a leaf of 4K',
    near: [...amd(), map('4K'), { do: 'device-write', device: 'nic', iova: IOVA }, { do: 'read-dirty', table: 'dom', iova: IOVA, length: '4K' }],
  },
  'I-PAIR-1': {
    source: 'drivers/iommu/iommufd/pages.c:iommu_unmap_nofail()',
    tripTitle: 'half of what one map made',
    trip: [table(), device(), map('2M'), unmap('1M')],
    nearTitle: 'two maps in one unmap',
    near: [table(), device(), map('2M'), map('2M', `${IOVA}+2M`, '0x90000000'), unmap('4M')],
  },
  'I-PAIR-2': {
    source: 'drivers/iommu/iommufd/pages.c: the unmap path may not allocate',
    tripTitle: 'a leaf cut on the unmap path',
    trip: [table(), device(), map('2M'), { do: 'cut', table: 'dom', iova: `${IOVA}+4K`, within: 'unmap' }],
    nearTitle: 'cut before, in an operation that may fail',
    near: [table(), device(), map('2M'), { do: 'cut', table: 'dom', iova: `${IOVA}+4K` }, unmap('4K')],
  },
  'I-TOP-1': {
    source: 'drivers/iommu/generic_pt/iommu_pt.h:increase_top(); amd/iommu.c:amd_iommu_change_top()',
    tripTitle: 'the device table entry keeps the old top',
    trip: [...amd({ levels: 3, bits: 64, driver: 'late-top' }), map('4K', '0x8000000000')],
    nearTitle: 'the entry is written when the top grows',
    near: [...amd({ levels: 3, bits: 64 }), map('4K', '0x8000000000')],
  },
  'I-CTX-1': {
    source: 'drivers/iommu/amd/iommu.c:update_dte256()',
    tripTitle: 'a device table entry replaced word by word',
    trip: [{ do: 'write-context', kind: 'dte', from: '0x6000000080000603 0x5 0x0 0x0', to: '0x6000000090000803 0x6 0x0 0x0', order: 'ascending' }],
    nearTitle: 'replaced by two stores of 128 bits',
    near: [{ do: 'write-context', kind: 'dte', from: '0x6000000080000603 0x5 0x0 0x0', to: '0x6000000090000803 0x6 0x0 0x0' }],
  },
  'I-CC-1': {
    source: 'seed 000, and row S000-12b of its table',
    tripTitle: 'a T=0 mapping of a granule that goes to the realms',
    trip: [...arm(), map('2M'), { do: 'delegate', at: `${PA}+0x7000` }],
    nearTitle: 'unmapped and flushed before',
    near: [...arm(), map('2M'), unmap('2M'), { do: 'delegate', at: `${PA}+0x7000` }],
  },
  'I-CC-2': {
    source: 'seed 003; drivers/iommu/generic_pt/fmt/amdv1.h:amdv1pt_iommu_set_prot()',
    machine: { cbit: 51 },
    tripTitle: 'MMIO mapped without IOMMU_MMIO',
    trip: [{ do: 'memory', at: PA, length: '4K', use: 'mmio' }, ...amd(), map('4K')],
    nearTitle: 'MMIO mapped with IOMMU_MMIO',
    near: [{ do: 'memory', at: PA, length: '4K', use: 'mmio' }, ...amd(), map('4K', IOVA, PA, 'read write mmio')],
  },
  'I-RMP-1': {
    source: 'seed 000',
    tripTitle: 'a 4K leaf over a 2M entry',
    trip: [{ do: 'rmp', at: PA, size: '2M' }, table({ arch: 'amd', format: 'amdv1' }), device({ arch: 'amd', guest: 1 }), map('4K')],
    nearTitle: 'a 4M leaf over two 2M entries',
    near: [
      { do: 'rmp', at: PA, size: '2M' },
      { do: 'rmp', at: `${PA}+2M`, size: '2M' },
      table({ arch: 'amd', format: 'amdv1' }),
      device({ arch: 'amd', guest: 1 }),
      map('4M'),
    ],
  },
  'I-DMA-1': {
    source: 'include/linux/dma-mapping.h, DMA_ATTR_CC_SHARED',
    tripTitle: 'a private page mapped as if it were shared',
    trip: [{ do: 'dma-map', ops: 'direct', 'cc-shared': true, page: 'private' }],
    nearTitle: 'a private page bounced',
    near: [{ do: 'dma-map', ops: 'direct', page: 'private', expect: 'bounced' }],
  },
  'I-PKVM-1': {
    source: 'seed 001',
    tripTitle: 'a page donated while a device maps it',
    trip: [...arm(), map('2M'), { do: 'donate', at: `${PA}+0x3000` }],
    nearTitle: 'a page next to the mapping donated',
    near: [...arm(), map('2M'), { do: 'donate', at: `${PA}+2M` }],
  },
  'I-FAULT-1': {
    source: 'drivers/iommu/io-pgfault.c',
    tripTitle: 'one request answered twice',
    trip: [table(), device(), { do: 'page-request', device: 'nic', iova: IOVA }, { do: 'respond' }, { do: 'respond' }],
    nearTitle: 'every request answered once before the domain goes',
    near: [
      table(),
      device(),
      { do: 'page-request', device: 'nic', iova: IOVA },
      { do: 'page-request', device: 'nic', iova: `${IOVA}+4K` },
      { do: 'respond', request: 1, answer: 'invalid' },
      { do: 'respond' },
      { do: 'free-domain', table: 'dom' },
    ],
  },
}; // prettier-ignore

/** Two scenarios of every invariant: `I-REACH-1/trip` and `I-REACH-1/near-miss`. */
export const INVARIANT_SCENARIOS: readonly Scenario[] = Object.entries(PAIRS).flatMap(([id, pair]) => {
  const machine = pair.machine === undefined ? {} : { machine: pair.machine };
  const nearMachine = pair.nearMachine === undefined ? machine : { machine: pair.nearMachine };
  const broken = [id as InvariantId, ...(pair.also ?? [])];
  return [
    { id: `${id}/trip`, title: pair.tripTitle, source: pair.source, ...machine, steps: pair.trip, violations: broken },
    { id: `${id}/near-miss`, title: pair.nearTitle, source: pair.source, ...nearMachine, steps: pair.near },
  ];
}); // prettier-ignore
