import type { Scenario, StepText } from '../form/scenario.ts';

/*
 * Seed 000: what an IOMMU does with the reverse map table of SNP, and who owns the second stage on Arm.
 * The check is equality after rounding the leaf down to 4K or 2M; there is no second try.
 */

const SOURCE = 'seed 000 (iommupt: Add map_pages op, January 2026)';
const GPA = '0x40000000';
const SPA = '0x80000000';

/** A second stage of AMD with one mapping, and a device that guest 1 trusts. */
function trusted(length: string, format = 'amdv1'): readonly StepText[] {
  const table = format === 'amdv1' ? { second: 's2' } : { first: 's2' };
  const bits = format === 'amdv1' ? 48 : 47;
  return [
    { do: 'table', name: 's2', arch: 'amd', format, bits },
    { do: 'device', name: 'nic', arch: 'amd', guest: 1, ...table },
    { do: 'map', table: 's2', iova: GPA, pa: SPA, length },
  ];
}

const write = (iova: string, expect: string): StepText => ({
  do: 'access',
  device: 'nic',
  iova,
  kind: 'write',
  expect,
});

/** Scenarios of seed 000. */
export const S000: readonly Scenario[] = [
  {
    id: 'S000-1',
    title: 'A 2M leaf over a 2M RMP entry',
    source: SOURCE,
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      ...trusted('2M'),
      write(`${GPA}+0x3000`, 'reached 0x80003000'),
    ],
  },
  {
    id: 'S000-2',
    title: 'PSMASH below a 2M leaf',
    source: SOURCE,
    about: 'The leaf is checked at 2M, finds 4K entries, and 4K is not tried.',
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      ...trusted('2M'),
      { do: 'psmash', at: SPA, expect: 'ok' },
      write(`${GPA}+0x3000`, 'fault RMP_PAGE_FAULT (size)'),
    ],
    violations: ['I-RMP-1'],
  },
  {
    id: 'S000-3',
    title: 'A 4K leaf over a 2M RMP entry',
    source: SOURCE,
    about: 'The CPU would take #NPF and smash the entry; the IOMMU has nobody to ask.',
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      ...trusted('4K'),
      write(GPA, 'fault RMP_PAGE_FAULT (size)'),
      { do: 'psmash', at: SPA, why: 'what KVM does after the #NPF of a CPU' },
      write(GPA, 'reached 0x80000000'),
    ],
    violations: ['I-RMP-1'],
  },
  {
    id: 'S000-4',
    title: 'A 64K leaf over 4K RMP entries',
    source: SOURCE,
    about: '64K rounds down to 4K.',
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      { do: 'psmash', at: SPA },
      ...trusted('0x10000'),
      write(`${GPA}+0x5000`, 'reached 0x80005000'),
    ],
  },
  {
    id: 'S000-5',
    title: 'A 4M leaf over two 2M RMP entries, the second one smashed',
    source: SOURCE,
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      { do: 'rmp', at: `${SPA}+2M`, size: '2M' },
      ...trusted('4M'),
      { do: 'psmash', at: `${SPA}+2M` },
      write(`${GPA}+0x1000`, 'reached 0x80001000'),
      write(`${GPA}+2M+0x1000`, 'fault RMP_PAGE_FAULT (size)'),
    ],
    violations: ['I-RMP-1'],
  },
  {
    id: 'S000-6',
    title: 'Nested: 4K in the guest’s table, 2M in the host’s, 2M in the RMP',
    source: SOURCE,
    about: 'The second stage has to match, not the first: the correction of the thread.',
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      { do: 'table', name: 's2', arch: 'amd', format: 'amdv1', id: 2 },
      { do: 'table', name: 's1', arch: 'amd', format: 'x86_64', id: 1, bits: 47 },
      { do: 'map', table: 's2', iova: GPA, pa: SPA, length: '2M' },
      {
        do: 'map',
        table: 's2',
        iova: '0x100000000',
        pa: '0x100000000',
        length: '2M',
        why: 'the guest’s own tables, where the host finds them',
      },
      {
        do: 'map',
        table: 's2',
        iova: '0x1000000',
        pa: '0x1000000',
        length: '2M',
        why: 'its GCR3 table',
      },
      { do: 'map', table: 's1', iova: '0x7000', pa: `${GPA}+0x3000`, length: '4K' },
      { do: 'device', name: 'nic', arch: 'amd', first: 's1', second: 's2', guest: 1 },
      write('0x7000', 'reached 0x80003000'),
    ],
  },
  {
    id: 'S000-7',
    title: 'A single first stage in the hypervisor, 4K leaf, 2M RMP entry',
    source: SOURCE,
    about:
      'Asked in the thread and not answered. 7.3 refuses v2 tables together with SNP unless FEATURE_SNP_PAGE_MODE0_SUP is there (amd/init.c).',
    steps: [{ do: 'rmp', at: SPA, size: '2M' }, ...trusted('4K', 'x86_64'), write(GPA, 'unknown')],
  },
  {
    id: 'S000-8',
    title: 'The guest shares one 4K page inside a mapped 2M',
    source: SOURCE,
    about: 'After PSMASH all other pages of the 2M fault until the leaf is cut.',
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      ...trusted('2M'),
      { do: 'psmash', at: SPA },
      { do: 'rmp', at: `${SPA}+0x5000`, size: '4K', assigned: false, expect: 'ok' },
      write(`${GPA}+0x6000`, 'fault RMP_PAGE_FAULT (size)'),
      { do: 'cut', table: 's2', iova: `${GPA}+0x1000`, expect: '0' },
      { do: 'cut', table: 's2', iova: `${GPA}+0x7000` },
    ],
    violations: ['I-RMP-1'],
  },
  {
    id: 'S000-8b',
    title: 'The same with the leaf cut first',
    source: SOURCE,
    about:
      'Cut, sync, then PSMASH: no fault at the end, but a window in which the smaller leaf meets the 2M entry.',
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      ...trusted('2M'),
      { do: 'cut', table: 's2', iova: `${GPA}+0x1000`, expect: '0' },
      write(GPA, 'fault RMP_PAGE_FAULT (size)'),
      { do: 'psmash', at: SPA },
      write(GPA, 'reached 0x80000000'),
    ],
    violations: ['I-RMP-1'],
  },
  {
    id: 'S000-9',
    title: 'All conversions at 2M',
    source: SOURCE,
    about: 'A decrypt granule of 2M keeps leaves and RMP entries at one size.',
    steps: [
      { do: 'rmp', at: SPA, size: '2M' },
      { do: 'rmp', at: `${SPA}+2M`, size: '2M' },
      ...trusted('4M'),
      write(`${GPA}+0x1000`, 'reached 0x80001000'),
      { do: 'unmap', table: 's2', iova: GPA, length: '4M' },
      { do: 'rmp', at: `${SPA}+2M`, size: '2M', assigned: false },
      { do: 'map', table: 's2', iova: GPA, pa: SPA, length: '2M' },
      write(`${GPA}+0x1000`, 'reached 0x80001000'),
    ],
  },
  {
    id: 'S000-10',
    title: 'A driver maps a page that it decrypted itself, by the rules of the seed',
    source: SOURCE,
    about:
      'In January 2026 only swiotlb and coherent memory could be mapped for DMA in a confidential guest.',
    steps: [
      {
        do: 'dma-map',
        ops: 'direct',
        'cc-shared': true,
        rules: 'seed-000',
        use: true,
        expect: 'mapping-error',
      },
    ],
    violations: ['I-DMA-1'],
  },
  {
    id: 'S000-10b',
    title: 'The same by the rules of 7.3',
    source: 'kernel/dma/direct.h and drivers/iommu/dma-iommu.c of 7.3-rc7',
    about:
      'DMA_ATTR_CC_SHARED is new in 7.2. dma-iommu refuses it in map_phys and takes it in map_sg.',
    steps: [
      { do: 'dma-map', ops: 'direct', 'cc-shared': true, expect: 'in place, unencrypted' },
      { do: 'dma-map', ops: 'direct', expect: 'bounced' },
      { do: 'dma-map', ops: 'direct', pool: 'private', expect: 'mapping-error' },
      { do: 'dma-map', ops: 'iommu', 'cc-shared': true, expect: 'mapping-error' },
      {
        do: 'dma-map',
        ops: 'iommu',
        call: 'map_sg',
        'cc-shared': true,
        expect: 'in place, unencrypted',
      },
    ],
  },
  {
    id: 'S000-11',
    title: 'Arm: a T=0 table maps a realm granule',
    source: SOURCE,
    about:
      'Two second stages: T=0 belongs to the VMM and reaches shared memory only, T=1 is the CPU’s own.',
    steps: [
      { do: 'table', name: 't0', arch: 'smmuv3', format: 'arm_64_lpae_s2', id: 1 },
      { do: 'table', name: 't1', arch: 'smmuv3', format: 'arm_64_lpae_s2', id: 2 },
      { do: 'device', name: 'untrusted', arch: 'smmuv3', second: 't0' },
      { do: 'device', name: 'realm', arch: 'smmuv3', second: 't1', guest: 1 },
      { do: 'delegate', at: SPA, expect: 'ok' },
      { do: 'map', table: 't0', iova: GPA, pa: SPA, length: '4K' },
      { do: 'map', table: 't1', iova: GPA, pa: SPA, length: '4K' },
      { do: 'access', device: 'untrusted', iova: GPA, expect: 'fault granule protection fault' },
      { do: 'access', device: 'realm', iova: GPA, expect: 'reached 0x80000000' },
    ],
    violations: ['I-CC-1'],
  },
  {
    id: 'S000-12',
    title: 'From untrusted to trusted: T=0 goes before the granule does',
    source: SOURCE,
    steps: [
      { do: 'table', name: 't0', arch: 'smmuv3', format: 'arm_64_lpae_s2', id: 1 },
      { do: 'table', name: 't1', arch: 'smmuv3', format: 'arm_64_lpae_s2', id: 2 },
      { do: 'device', name: 'untrusted', arch: 'smmuv3', second: 't0' },
      { do: 'device', name: 'realm', arch: 'smmuv3', second: 't1', guest: 1 },
      { do: 'map', table: 't0', iova: GPA, pa: SPA, length: '2M' },
      { do: 'unmap', table: 't0', iova: GPA, length: '2M', expect: '0x200000' },
      { do: 'delegate', at: SPA, expect: 'ok' },
      { do: 'map', table: 't1', iova: GPA, pa: SPA, length: '2M' },
      { do: 'access', device: 'realm', iova: GPA, expect: 'reached 0x80000000' },
    ],
  },
  {
    id: 'S000-12b',
    title: 'The VMM keeps its T=0 mapping of pages that become private',
    source: SOURCE,
    steps: [
      { do: 'table', name: 't0', arch: 'smmuv3', format: 'arm_64_lpae_s2' },
      { do: 'device', name: 'untrusted', arch: 'smmuv3', second: 't0' },
      { do: 'map', table: 't0', iova: GPA, pa: SPA, length: '2M' },
      { do: 'delegate', at: `${SPA}+0x7000`, expect: 'ok' },
      {
        do: 'access',
        device: 'untrusted',
        iova: `${GPA}+0x7000`,
        expect: 'fault granule protection fault',
      },
      { do: 'access', device: 'untrusted', iova: `${GPA}+0x6000`, expect: 'reached 0x80006000' },
    ],
    violations: ['I-CC-1'],
  },
];
