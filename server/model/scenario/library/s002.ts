import type { Scenario, StepText } from '../form/scenario.ts';

/*
 * Seed 002: unmapping inside a large page of VT-d's second stage. The rows are those of 7.3.
 * What 6.1 and 6.12 did is run as C, not restated here.
 */

const SOURCE = 'seed 002 (VT-d: breaking down large pages on unmap)';
const IOVA = '0x40000000';
const PA = '0x80000000';

function vtd(length: string, ...more: readonly StepText[]): readonly StepText[] {
  return [
    { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
    { do: 'device', name: 'nic', arch: 'vtd', second: 'dom' },
    { do: 'map', table: 'dom', iova: IOVA, pa: PA, length },
    ...more,
  ];
}

const unmap = (iova: string, length: string, expect: string): StepText => ({
  do: 'unmap',
  table: 'dom',
  iova,
  length,
  expect,
});
const read = (iova: string, ...expect: readonly string[]): StepText => ({
  do: 'access',
  device: 'nic',
  iova,
  expect,
});
const NOTHING = 'fault fault reason 0x79';

/** Scenarios of seed 002. */
export const S002: readonly Scenario[] = [
  {
    id: 'S002-A',
    title: '4K from the start of a 2M leaf',
    source: SOURCE,
    about: 'All of the leaf goes, and the size says so.',
    steps: [...vtd('2M'), unmap(IOVA, '4K', '0x200000'), read(`${IOVA}+0x5000`, NOTHING)],
    violations: ['I-PAIR-1'],
  },
  {
    id: 'S002-B',
    title: '4K from the middle of a 2M leaf',
    source: SOURCE,
    about: 'Nothing is removed, and 0 does not mean that nothing was there.',
    steps: [
      ...vtd('2M'),
      unmap(`${IOVA}+0x3000`, '4K', '0x0'),
      read(`${IOVA}+0x3000`, 'reached 0x80003000'),
    ],
    violations: ['I-PAIR-1'],
  },
  {
    id: 'S002-C',
    title: '4K from the middle of a 1G leaf',
    source: SOURCE,
    steps: [
      ...vtd('1G'),
      unmap(`${IOVA}+4K`, '4K', '0x0'),
      read(`${IOVA}+4K`, 'reached 0x80001000'),
    ],
    violations: ['I-PAIR-1'],
  },
  {
    id: 'S002-D',
    title: '2M+4K of a 4M range in two leaves',
    source: SOURCE,
    steps: [...vtd('4M'), unmap(IOVA, '2M+4K', '0x400000'), read(`${IOVA}+2M+8K`, NOTHING)],
    violations: ['I-PAIR-1'],
  },
  {
    id: 'S002-E',
    title: 'Mapped page by page',
    source: SOURCE,
    about: 'What a domain limited to 4K gives: any page can go alone.',
    steps: [
      { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
      { do: 'device', name: 'nic', arch: 'vtd', second: 'dom' },
      { do: 'map', table: 'dom', iova: IOVA, pa: '0x80001000', length: '4K' },
      { do: 'map', table: 'dom', iova: `${IOVA}+4K`, pa: '0x90000000', length: '4K' },
      unmap(IOVA, '4K', '0x1000'),
      read(IOVA, NOTHING),
      read(`${IOVA}+4K`, 'reached 0x90000000'),
    ],
  },
  {
    id: 'S002-F',
    title: 'The same on Arm: 4K at the start and in the middle of a 2M block',
    source: `${SOURCE}; drivers/iommu/io-pgtable-arm.c of 7.3-rc7`,
    about: 'A warning and 0, at both places. 6.12 split the block.',
    steps: [
      { do: 'table', name: 'dom', arch: 'smmuv3', format: 'arm_64_lpae_s2' },
      { do: 'device', name: 'nic', arch: 'smmuv3', second: 'dom' },
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '2M' },
      unmap(IOVA, '4K', '0x0'),
      unmap(`${IOVA}+0x3000`, '4K', '0x0'),
      read(`${IOVA}+0x3000`, 'reached 0x80003000'),
    ],
    violations: ['I-PAIR-1'],
  },
  {
    id: 'S002-G',
    title: 'iommufd asks only for what it mapped',
    source: 'drivers/iommu/iommufd/pages.c of 7.3-rc7',
    about:
      'An unmap inside an area is refused with -ENOENT before it reaches the driver, and an area is not split where large pages are possible; so the driver sees whole mappings only.',
    steps: [...vtd('2M'), unmap(IOVA, '2M', '0x200000'), read(IOVA, NOTHING)],
  },
  {
    id: 'S002-H',
    title: 'A domain with page faults: the notifier takes one page of a 2M leaf away',
    source: `${SOURCE}, the point about page-fault domains`,
    about:
      'Cut, unmap the page, flush, unpin; a later access asks for the page again and is answered once.',
    steps: [
      ...vtd('2M'),
      { do: 'cut', table: 'dom', iova: `${IOVA}+0x3000`, expect: '0' },
      { do: 'cut', table: 'dom', iova: `${IOVA}+0x4000`, expect: '0' },
      unmap(`${IOVA}+0x3000`, '4K', '0x1000'),
      { do: 'release', at: `${PA}+0x3000`, length: '4K' },
      read(`${IOVA}+0x3000`, NOTHING),
      read(`${IOVA}+0x4000`, 'reached 0x80004000'),
      { do: 'page-request', device: 'nic', iova: `${IOVA}+0x3000` },
      { do: 'map', table: 'dom', iova: `${IOVA}+0x3000`, pa: '0x90000000', length: '4K' },
      { do: 'respond' },
      read(`${IOVA}+0x3000`, 'reached 0x90000000'),
      { do: 'free-domain', table: 'dom' },
    ],
  },
  {
    id: 'S002-patch',
    title: 'The posted patch: the leaf is cut on the unmap path',
    source: SOURCE,
    about:
      'Cutting allocates, and an unmap may not: it belongs in an operation that is allowed to fail.',
    steps: [
      ...vtd('2M'),
      { do: 'cut', table: 'dom', iova: `${IOVA}+4K`, within: 'unmap', expect: '0' },
    ],
    violations: ['I-PAIR-2'],
  },
];
