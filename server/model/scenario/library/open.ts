import type { Scenario, StepText } from '../form/scenario.ts';

/* Questions that seeds and manuals leave open: the model says `unknown`, or shows every possible outcome. MODEL section 13. */

const IOVA = '0x40000000';
const SPA = '0x80000000';
const SEED = 'seed 000 (iommupt: Add map_pages op, January 2026)';

/** A device of a guest behind a host table, and a mapping. */
function trusted(length: string): readonly StepText[] {
  return [
    { do: 'table', name: 'dom', arch: 'amd', format: 'amdv1' },
    { do: 'device', name: 'nic', arch: 'amd', second: 'dom', guest: 1 },
    { do: 'map', table: 'dom', iova: IOVA, pa: SPA, length },
  ];
}

const access = (kind: 'read' | 'write', ...expect: readonly string[]): StepText => ({
  do: 'access',
  device: 'nic',
  iova: IOVA,
  kind,
  expect,
});

/** Scenarios of open questions. Those of a single first stage and of BBML 1 are S000-7 and S001-6. */
export const OPEN: readonly Scenario[] = [
  {
    id: 'OPEN-rmp-read',
    title: 'Is a DMA read checked against the RMP?',
    source: SEED,
    machine: { knobs: { checkReads: 'unknown' } },
    steps: [{ do: 'rmp', at: SPA, size: '2M' }, ...trusted('2M'), access('read', 'unknown')],
  },
  {
    id: 'OPEN-rmp-unassigned',
    title: 'Is the size of pages that are not assigned checked against the RMP?',
    source: SEED,
    machine: { knobs: { unassignedSizeCheck: 'unknown' } },
    steps: [
      { do: 'rmp', at: `${SPA}+4M`, size: '2M', why: 'SNP is on' },
      ...trusted('2M'),
      access('write', 'unknown'),
    ],
  },
  {
    id: 'OPEN-psi',
    title: 'Does a page-selective invalidation of 4K drop a cached entry of 2M?',
    source: 'Intel VT-d, "IOTLB Invalidate Descriptor"; include/linux/generic_pt/common.h',
    about:
      'A reading of the specification says that it does; the kernel promises only entries that the range holds whole. The model takes the promise: both outcomes stay possible.',
    steps: [
      { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
      { do: 'device', name: 'nic', arch: 'vtd', second: 'dom' },
      { do: 'map', table: 'dom', iova: IOVA, pa: SPA, length: '2M' },
      { do: 'unmap-fast', table: 'dom', iova: IOVA, length: '2M' },
      { do: 'invalidate', table: 'dom', iova: IOVA, length: '4K' },
      { do: 'wait', table: 'dom' },
      access('read', 'fault fault reason 0x79', `reached ${SPA}`),
    ],
  },
  {
    id: 'OPEN-skip',
    title: 'AMD: a table that skips levels over address bits that are not zero',
    source: 'AMD IOMMU Specification 48882, "I/O Page Tables for Host Translations", NextLevel',
    steps: [
      { do: 'table', name: 'dom', arch: 'amd', format: 'amdv1' },
      { do: 'device', name: 'nic', arch: 'amd', second: 'dom' },
      {
        do: 'store-entry',
        table: 'dom',
        iova: '0x8000000000',
        level: 3,
        value: '0x6000000020000201',
        why: 'NextLevel 1 in a table of level 4',
      },
      { do: 'access', device: 'nic', iova: '0x8040000000', expect: 'unknown' },
    ],
  },
  {
    id: 'OPEN-tdx-connect',
    title: 'Through which tables does a trusted device of a TD translate?',
    source: 'MODEL section 13; drivers/virt/coco of 7.3-rc7 has no IOMMU part of TDX Connect',
    steps: [
      { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
      { do: 'device', name: 'nic', arch: 'vtd', second: 'dom', guest: 1 },
      { do: 'map', table: 'dom', iova: IOVA, pa: SPA, length: '4K' },
      access('read', 'unknown'),
    ],
  },
];
