import type { Scenario, StepText } from '../form/scenario.ts';

/* Devices that are moved to other tables, and transactions that wait: what the kernel's drivers do, step by step. */

const IOVA = '0x40000000';
const OLD = '0x80000000';
const NEW = '0x90000000';

type Arch = 'amd' | 'vtd' | 'smmuv3' | 'riscv';

const FORMAT: Readonly<Record<Arch, string>> = {
  amd: 'amdv1',
  vtd: 'vtdss',
  smmuv3: 'arm_64_lpae_s2',
  riscv: 'riscv_64',
};
const DRIVER: Readonly<Record<Arch, string>> = {
  amd: 'amd/iommu.c:detach_device(), attach_device()',
  vtd: 'intel/pasid.c:intel_pasid_tear_down_entry(), intel_pasid_setup_second_level()',
  smmuv3: 'arm-smmu-v3.c:arm_smmu_attach_dev(), arm_smmu_attach_commit()',
  riscv: 'riscv/iommu.c:riscv_iommu_attach_paging_domain(), riscv_iommu_bond_unlink()',
};

const access = (...expect: readonly string[]): StepText => ({ do: 'access', device: 'nic', iova: IOVA, expect }); // prettier-ignore

/** Two tables that translate one IOVA to different pages, and a device on the first of them. */
function before(arch: Arch, ids: readonly [number, number]): readonly StepText[] {
  const features = arch === 'riscv' ? { features: 'SIGN_EXTEND' } : {};
  const table = (name: string, id: number, pa: string): readonly StepText[] => [
    { do: 'table', name, arch, format: FORMAT[arch], id, ...features },
    { do: 'map', table: name, iova: IOVA, pa, length: '4K' },
  ];
  return [
    ...table('old', ids[0], OLD),
    ...table('new', ids[1], NEW),
    { do: 'device', name: 'nic', arch, [stageOf(arch)]: 'old', ats: true },
  ];
}

const stageOf = (arch: Arch): string => (arch === 'riscv' ? 'first' : 'second');

const asDriver = (arch: Arch): Scenario => ({
  id: `ATTACH-driver-${arch}`,
  title: `${arch}: a device is moved to another domain as the driver does it`,
  source: DRIVER[arch],
  about:
    'Afterwards nothing leads to the old pages: neither the context, nor the IOTLB, nor the cache of the device.',
  steps: [
    ...before(arch, [1, 2]),
    { do: 'attach', device: 'nic', [stageOf(arch)]: 'new', how: 'driver' },
    access(`reached ${NEW}`),
    { do: 'unmap', table: 'old', iova: IOVA, length: '4K' },
    { do: 'release', at: OLD, length: '4K' },
  ],
});

const SHARED_ID =
  'MODEL section 5: an invalidation is promised to drop what has its tag, and nothing else';

/** SMMUv3 with a device whose faults stall. */
function stalling(stage: 'first' | 'second'): readonly StepText[] {
  const format = stage === 'first' ? 'arm_64_lpae_s1' : 'arm_64_lpae_s2';
  return [
    { do: 'table', name: 'dom', arch: 'smmuv3', format },
    { do: 'device', name: 'nic', arch: 'smmuv3', [stage]: 'dom', stall: true },
  ];
}

const map: StepText = { do: 'map', table: 'dom', iova: IOVA, pa: NEW, length: '4K' };
const STALL_SOURCE =
  'Arm SMMUv3 (IHI 0070), "Stall model" and CMD_RESUME; arm-smmu-v3.c:arm_smmu_page_response()';

const retried = (stage: 'first' | 'second'): Scenario => ({
  id: `STALL-retry-${stage}`,
  title: `A stalled access goes on after CMD_RESUME with Retry (${stage} stage)`,
  source: STALL_SOURCE,
  steps: [
    ...stalling(stage),
    access('stalled F_TRANSLATION'),
    map,
    { do: 'respond', answer: 'success', expect: `reached ${NEW}` },
  ],
});

/** Scenarios about attaching, and about stalled transactions. */
export const ATTACH: readonly Scenario[] = [
  asDriver('amd'),
  asDriver('vtd'),
  asDriver('smmuv3'),
  asDriver('riscv'),
  {
    id: 'ATTACH-ats-forgotten',
    title: 'A device is moved, and its own cache is forgotten',
    source: 'PCI Express, Address Translation Services; MODEL section 5',
    steps: [
      ...before('vtd', [1, 2]),
      { do: 'attach', device: 'nic', second: 'new' },
      { do: 'invalidate', table: 'new', of: 'context' },
      { do: 'wait', table: 'new' },
      {
        ...access(`reached ${NEW}`, `reached ${OLD}`),
        why: 'a translated request passes the IOMMU unseen',
      },
      { do: 'unmap', table: 'old', iova: IOVA, length: '4K', why: 'its flush reaches only devices that are attached' }, // prettier-ignore
      { do: 'release', at: OLD, length: '4K' },
      { do: 'invalidate', table: 'new', of: 'atc' },
      { do: 'wait', table: 'new' },
      access(`reached ${NEW}`),
    ],
    violations: ['I-REACH-2'],
  },
  {
    id: 'ATTACH-same-id',
    title: 'The new domain has the identifier of the old one',
    source: SHARED_ID,
    about: 'What the IOTLB holds of the old tables answers for the new ones.',
    steps: [
      ...before('amd', [1, 1]),
      { do: 'attach', device: 'nic', second: 'new' },
      { do: 'invalidate', table: 'new', of: 'context' },
      { do: 'invalidate', table: 'new', of: 'atc' },
      { do: 'wait', table: 'new' },
      access(`reached ${NEW}`, `reached ${OLD}`),
      { do: 'invalidate', table: 'new', tables: true },
      { do: 'wait', table: 'new' },
      access(`reached ${NEW}`),
    ],
  },
  {
    id: 'ATTACH-nested',
    title: 'The cache of a device that leaves nested tables holds what both stages made together',
    source: 'PCI Express, Address Translation Services; Intel VT-d, "Nested Translation"',
    steps: [
      { do: 'table', name: 'guest', arch: 'vtd', format: 'x86_64', id: 1, bits: 47 },
      { do: 'table', name: 'host', arch: 'vtd', format: 'vtdss', id: 2 },
      { do: 'table', name: 'new', arch: 'vtd', format: 'vtdss', id: 3 },
      { do: 'map', table: 'guest', iova: IOVA, pa: '0x200000', length: '8K' },
      { do: 'map', table: 'host', iova: '0x200000', pa: OLD, length: '4K', why: 'the second page of the guest is not there' }, // prettier-ignore
      { do: 'map', table: 'new', iova: IOVA, pa: NEW, length: '8K' },
      { do: 'device', name: 'nic', arch: 'vtd', first: 'guest', second: 'host', ats: true },
      { do: 'attach', device: 'nic', second: 'new' },
      { do: 'invalidate', table: 'new', of: 'context' },
      { do: 'wait', table: 'new' },
      access(`reached ${NEW}`, `reached ${OLD}`),
      { do: 'access', device: 'nic', iova: `${IOVA}+0x1000`, expect: 'reached 0x90001000' },
    ],
  },
  {
    id: 'ATTACH-nothing',
    title: 'A device is detached: its requests pass untranslated',
    source: 'Intel VT-d, "PASID Granular Translation Type", pass-through',
    steps: [
      ...before('vtd', [1, 2]),
      { do: 'attach', device: 'nic', how: 'driver' },
      access(`reached ${IOVA}`),
    ],
  },
  retried('first'),
  retried('second'),
  {
    id: 'STALL-again',
    title: 'A stalled access is retried too early, and stalls again',
    source: STALL_SOURCE,
    steps: [
      ...stalling('first'),
      access('stalled F_TRANSLATION'),
      { do: 'respond', answer: 'success', expect: 'stalled F_TRANSLATION' },
      map,
      { do: 'respond', request: 1, answer: 'success', expect: `reached ${NEW}` },
    ],
  },
  {
    id: 'STALL-abort',
    title: 'A stalled access is aborted',
    source: STALL_SOURCE,
    steps: [
      ...stalling('first'),
      access('stalled F_TRANSLATION'),
      { do: 'respond', answer: 'failure', expect: 'aborted' },
    ],
  },
  {
    id: 'STALL-forgotten',
    title: 'A domain goes while an access of its device waits',
    source: `${STALL_SOURCE}; drivers/iommu/io-pgfault.c:iopf_queue_flush_dev()`,
    steps: [...stalling('second'), access('stalled F_TRANSLATION'), { do: 'free-domain', table: 'dom' }], // prettier-ignore
    violations: ['I-FAULT-1'],
  },
];
