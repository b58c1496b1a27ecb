import type { Scenario, StepText } from '../form/scenario.ts';

/* Seed 001: pKVM's isolation of DMA on SMMUv3, and what sharing the CPU's stage 2 would need. */

const SOURCE = 'seed 001 (KVM: arm64: iommu: Shadow host stage-2 page table, May 2026)';
const IPA = '0x80000000';

/** An identity stage 2 of the host, 2 MiB mapped, and a device behind it. */
function shadow(more: Partial<StepText> = {}): readonly StepText[] {
  return [
    { do: 'table', name: 's2', arch: 'smmuv3', format: 'arm_64_lpae_s2', ...more },
    { do: 'device', name: 'nic', arch: 'smmuv3', second: 's2' },
    { do: 'map', table: 's2', iova: IPA, pa: IPA, length: '2M' },
  ];
}

const access = (iova: string, ...expect: readonly string[]): StepText => ({
  do: 'access',
  device: 'nic',
  iova,
  kind: 'write',
  expect,
});

/** Scenarios of seed 001. */
export const S001: readonly Scenario[] = [
  {
    id: 'S001-1',
    title: 'The host donates a page: unmapped for devices, flushed, then handed over',
    source: SOURCE,
    steps: [
      ...shadow(),
      { do: 'unmap', table: 's2', iova: IPA, length: '2M', expect: '0x200000' },
      { do: 'donate', at: IPA, expect: 'ok' },
      access(IPA, 'fault F_TRANSLATION'),
    ],
  },
  {
    id: 'S001-1b',
    title: 'The same with the owner changed first',
    source: SOURCE,
    steps: [
      ...shadow(),
      { do: 'donate', at: IPA },
      { do: 'unmap', table: 's2', iova: IPA, length: '2M' },
    ],
    violations: ['I-PKVM-1'],
  },
  {
    id: 'S001-2',
    title: 'The SMMU uses the CPU’s stage 2, and the CPU never touched the page',
    source: SOURCE,
    about: 'Without stall the device aborts with F_TRANSLATION (0x10).',
    steps: [
      { do: 'table', name: 's2', arch: 'smmuv3', format: 'arm_64_lpae_s2' },
      { do: 'device', name: 'nic', arch: 'smmuv3', second: 's2' },
      access(IPA, 'fault F_TRANSLATION'),
    ],
  },
  {
    id: 'S001-3',
    title: 'Shared stage 2: donating 4K deletes the 2M block',
    source: `${SOURCE}; arch/arm64/kvm/hyp/nvhe/mem_protect.c of 7.3-rc7`,
    about:
      'The rest is built again lazily, when the CPU touches it. Until then 511 pages fault for devices.',
    steps: [
      ...shadow(),
      { do: 'unmap', table: 's2', iova: IPA, length: '2M', why: 'the block goes as a whole' },
      { do: 'donate', at: IPA },
      access(`${IPA}+0x5000`, 'fault F_TRANSLATION'),
      {
        do: 'map',
        table: 's2',
        iova: `${IPA}+0x5000`,
        pa: `${IPA}+0x5000`,
        length: '4K',
        why: 'the CPU touched it',
      },
      access(`${IPA}+0x5000`, 'reached 0x80005000'),
    ],
  },
  {
    id: 'S001-4',
    title: 'Eager split without a break, BBML below 2',
    source: SOURCE,
    about: 'A TLB conflict abort at EL2 is the end: the hypervisor can not handle it.',
    machine: { bbml: { smmu: 0, cpu: 0 } },
    steps: [
      ...shadow(),
      { do: 'split', table: 's2', iova: IPA },
      access(IPA, 'fault F_TLB_CONFLICT', 'reached 0x80000000'),
    ],
    violations: ['I-BBM-1', 'I-BBM-2'],
  },
  {
    id: 'S001-5',
    title: 'CPU with BBML3, SMMU with BBML2: split without a break',
    source: SOURCE,
    machine: { bbml: { smmu: 2, cpu: 3 } },
    steps: [
      ...shadow(),
      { do: 'split', table: 's2', iova: IPA },
      access(`${IPA}+0x1000`, 'reached 0x80001000'),
    ],
  },
  {
    id: 'S001-6',
    title: 'CPU with BBML3, SMMU with BBML1: every observer counts',
    source: SOURCE,
    machine: { bbml: { smmu: 1, cpu: 3 } },
    steps: [
      ...shadow(),
      { do: 'split', table: 's2', iova: IPA },
      access(`${IPA}+0x1000`, 'reached 0x80001000', 'unknown'),
    ],
    violations: ['I-BBM-1', 'I-BBM-2'],
  },
  {
    id: 'S001-7',
    title: 'A non-coherent SMMU, and an entry that was not cleaned',
    source: SOURCE,
    machine: { walks: 'incoherent' },
    steps: [...shadow(), access(IPA, 'reached 0x80000000', 'fault F_TRANSLATION')],
    violations: ['I-COH-1'],
  },
  {
    id: 'S001-8',
    title: 'No BTM: invalidating the CPU’s TLB only',
    source: SOURCE,
    about: 'What the SMMU cached stays until its own command queue says otherwise.',
    steps: [
      ...shadow(),
      {
        do: 'unmap-fast',
        table: 's2',
        iova: IPA,
        length: '2M',
        why: 'the CPU side did its TLBI; nobody told the SMMU',
      },
      access(IPA, 'fault F_TRANSLATION', 'reached 0x80000000'),
      { do: 'release', at: IPA, length: '2M', how: 'freed' },
      { do: 'sync', table: 's2', why: 'TLBI and SYNC in the command queue' },
      access(IPA, 'fault F_TRANSLATION'),
    ],
    violations: ['I-REACH-2'],
  },
  {
    id: 'S001-9',
    title: 'All of stage 2 present and pinned',
    source: SOURCE,
    about: 'Devices never fault; the price is that stage 2 can not be built lazily.',
    steps: [
      { do: 'table', name: 's2', arch: 'smmuv3', format: 'arm_64_lpae_s2' },
      { do: 'device', name: 'nic', arch: 'smmuv3', second: 's2' },
      { do: 'map', table: 's2', iova: '0x40000000', pa: '0x40000000', length: '2G' },
      access('0x40000000', 'reached 0x40000000'),
      access('0xbffff000', 'reached 0xbffff000'),
    ],
  },
  {
    id: 'S001-10',
    title: 'The host edits the stream table under trap and emulate',
    source: SOURCE,
    about:
      'The host’s bypass becomes stage 2 only in the shadow; the entry is replaced as arm_smmu_write_entry() does it.',
    steps: [
      {
        do: 'write-context',
        kind: 'ste',
        from: '0x1 0x0 0x0 0x0 0x0 0x0 0x0 0x0',
        to: '0xd 0x0 0x8059000000001 0x90000000 0x0 0x0 0x0 0x0',
        expect: ['old', 'new'],
      },
    ],
  },
  {
    id: 'S001-11',
    title: 'May the SMMU use the CPU’s stage 2?',
    source: SOURCE,
    about:
      'Every condition that is not met is named. With all of them met the answer is still open: the list is not complete.',
    steps: [
      {
        do: 'share-stage2',
        has: 'cpu-bbml3 smmu-bbml2 stall coherent btm',
        expect: [
          'refused: CPU and SMMU use different page-table formats',
          'refused: CPU and SMMU use different granules',
          'refused: CPU and SMMU use different byte orders',
        ],
      },
      {
        do: 'share-stage2',
        has: 'format granule endianness cpu-bbml3 smmu-bbml2 pinned coherent',
        expect: 'refused: CPU TLB invalidations do not reach the SMMU (no BTM)',
      },
      {
        do: 'share-stage2',
        has: 'format granule endianness cpu-bbml3 smmu-bbml2 pinned coherent btm',
        expect: 'unknown',
      },
    ],
  },
  {
    id: 'S001-12',
    title: 'A fault is proxied by the host, and the host goes away',
    source: SOURCE,
    steps: [
      { do: 'table', name: 's2', arch: 'smmuv3', format: 'arm_64_lpae_s2' },
      { do: 'device', name: 'nic', arch: 'smmuv3', second: 's2' },
      { do: 'page-request', device: 'nic', iova: IPA },
      { do: 'free-domain', table: 's2' },
    ],
    violations: ['I-FAULT-1'],
  },
  {
    id: 'S001-13',
    title: 'An identity device on a shared stage 2, pages not pinned',
    source: SOURCE,
    steps: [
      { do: 'table', name: 's2', arch: 'smmuv3', format: 'arm_64_lpae_s2' },
      { do: 'device', name: 'nic', arch: 'smmuv3', second: 's2' },
      access(IPA, 'fault F_TRANSLATION'),
      {
        do: 'map',
        table: 's2',
        iova: IPA,
        pa: IPA,
        length: '2M',
        why: 'pinned: present before the device uses it',
      },
      access(IPA, 'reached 0x80000000'),
    ],
  },
  {
    id: 'S001-14',
    title: 'What the host may do to the SMMU under trap and emulate',
    source: SOURCE,
    about:
      'GBPA bypass is aborted, commands for another VMID are filtered, the SMMU’s registers can not be mapped: here as the effect on translations.',
    steps: [
      ...shadow({ id: 7 }),
      { do: 'table', name: 'other', arch: 'smmuv3', format: 'arm_64_lpae_s2', id: 8 },
      { do: 'unmap-fast', table: 's2', iova: IPA, length: '2M' },
      {
        do: 'invalidate',
        table: 'other',
        tables: true,
        why: 'a TLBI for another VMID drops nothing of this one',
      },
      { do: 'wait', table: 'other' },
      access(IPA, 'fault F_TRANSLATION', 'reached 0x80000000'),
      { do: 'sync', table: 's2' },
      access(IPA, 'fault F_TRANSLATION'),
    ],
  },
];
