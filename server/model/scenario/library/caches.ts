import type { Scenario, StepText } from '../form/scenario.ts';

/* What caches may still hold: contexts, devices' own caches, and that nothing was there. MODEL section 5. */

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
const SOURCE: Readonly<Record<Arch, string>> = {
  amd: 'AMD IOMMU Specification 48882, INVALIDATE_DEVTAB_ENTRY; amd/iommu.c:dev_update_dte()',
  vtd: 'Intel VT-d, Context-cache Invalidate Descriptor; intel/dmar.c:qi_flush_context()',
  smmuv3: 'Arm SMMUv3 (IHI 0070), CMD_CFGI_STE; arm-smmu-v3.c:arm_smmu_write_entry()',
  riscv:
    'RISC-V IOMMU Architecture Specification 1.0, IODIR; riscv/iommu.c:riscv_iommu_iodir_update()',
};

/** Two tables that translate one IOVA to different pages, and a device that moves from one to the other. */
function moved(arch: Arch): readonly StepText[] {
  const stage = arch === 'riscv' ? 'first' : 'second';
  const features = arch === 'riscv' ? { features: 'SIGN_EXTEND' } : {};
  const map = (table: string, pa: string): StepText => ({ do: 'map', table, iova: IOVA, pa, length: '4K' }); // prettier-ignore
  return [
    { do: 'table', name: 'old', arch, format: FORMAT[arch], id: 1, ...features },
    { do: 'table', name: 'new', arch, format: FORMAT[arch], id: 2, ...features },
    map('old', OLD),
    map('new', NEW),
    { do: 'device', name: 'nic', arch, [stage]: 'old' },
    { do: 'access', device: 'nic', iova: IOVA, expect: `reached ${OLD}` },
    { do: 'attach', device: 'nic', [stage]: 'new' },
  ];
}

const contexts = (arch: Arch): Scenario => ({
  id: `CACHE-context-${arch}`,
  title: `${arch}: a device is moved to another table`,
  source: SOURCE[arch],
  about:
    'Until the context is invalidated and the command has completed, hardware may translate through the old table.',
  steps: [
    ...moved(arch),
    { do: 'access', device: 'nic', iova: IOVA, expect: [`reached ${NEW}`, `reached ${OLD}`] },
    { do: 'invalidate', table: 'new', of: 'context' },
    {
      do: 'access',
      device: 'nic',
      iova: IOVA,
      expect: [`reached ${NEW}`, `reached ${OLD}`],
      why: 'a command that has not completed promises nothing',
    },
    { do: 'wait', table: 'new' },
    { do: 'access', device: 'nic', iova: IOVA, expect: `reached ${NEW}` },
  ],
});

const ats: readonly StepText[] = [
  { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
  { do: 'device', name: 'nic', arch: 'vtd', second: 'dom', ats: true },
  { do: 'map', table: 'dom', iova: IOVA, pa: OLD, length: '4K' },
  { do: 'unmap-fast', table: 'dom', iova: IOVA, length: '4K' },
];
const iotlb: StepText = { do: 'invalidate', table: 'dom', iova: IOVA, length: '4K' };
const atc: StepText = { ...iotlb, of: 'atc' };
const wait: StepText = { do: 'wait', table: 'dom' };
const access = (...expect: readonly string[]): StepText => ({ do: 'access', device: 'nic', iova: IOVA, expect }); // prettier-ignore
const GONE = 'fault fault reason 0x79';
const ATS_SOURCE =
  'PCI Express, Address Translation Services; Intel VT-d, "Device-TLB Invalidation"';

const negative = (caches: boolean): Scenario => ({
  id: `CACHE-negative-${caches ? 'cached' : 'not'}`,
  title: caches
    ? 'The hardware remembers that nothing was there (caching mode)'
    : 'The hardware does not cache what is not present',
  source: 'Intel VT-d, "Caching Mode"; intel/cache.c:cache_tag_flush_range_np()',
  steps: [
    { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss', 'caches-negative': caches },
    { do: 'device', name: 'nic', arch: 'vtd', second: 'dom' },
    { do: 'map', table: 'dom', iova: IOVA, pa: OLD, length: '4K' },
    access(...(caches ? [`reached ${OLD}`, 'fault fault'] : [`reached ${OLD}`])),
    iotlb,
    { do: 'invalidate', table: 'dom', tables: true },
    wait,
    access(`reached ${OLD}`),
  ],
});

/** Scenarios about caches. */
export const CACHES: readonly Scenario[] = [
  contexts('amd'),
  contexts('vtd'),
  contexts('smmuv3'),
  contexts('riscv'),
  {
    id: 'CACHE-ats-early',
    title: 'The device’s cache is invalidated before the IOTLB: it may fill again',
    source: ATS_SOURCE,
    steps: [
      ...ats,
      atc,
      wait,
      iotlb,
      wait,
      access(GONE, `reached ${OLD}`),
      atc,
      wait,
      access(GONE),
    ],
  },
  {
    id: 'CACHE-ats-late',
    title: 'The device’s cache is invalidated after the IOTLB has completed',
    source: ATS_SOURCE,
    steps: [...ats, iotlb, wait, access(GONE, `reached ${OLD}`), atc, wait, access(GONE)],
  },
  negative(true),
  negative(false),
];
