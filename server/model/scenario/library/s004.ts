import type { Scenario } from '../form/scenario.ts';

/*
 * Seed 004: slides on generic_pt. S004-fmt1 to fmt3 (functions of a format, round trips, the kunit cases) are tests of
 * every format: tests/model/kunitFormat.test.ts and kunitIommu.test.ts.
 */

const SOURCE = 'seed 004 (slides on generic_pt)';

/** Ops of a driver on 7.3. */
const OPS = 'iova_to_phys iotlb_sync flush_iotlb_all attach_dev free';

/** Scenarios of seed 004. */
export const S004: readonly Scenario[] = [
  {
    id: 'S004-use1',
    title: 'The domain of a driver and that of pt_iommu are the same memory',
    source: `${SOURCE}; include/linux/generic_pt/iommu.h, PT_IOMMU_CHECK_DOMAIN`,
    steps: [
      { do: 'check-driver', 'pt-domain': '0x0', domain: '0x0', ops: OPS, expect: 'ok' },
      {
        do: 'check-driver',
        'pt-domain': '0x10',
        domain: '0x0',
        ops: OPS,
        expect: 'build assert: pt_iommu.domain is at 16, domain at 0',
        why: 'a member before the union of one of the two',
      },
    ],
  },
  {
    id: 'S004-use2',
    title: 'Which domain ops a driver on generic_pt needs',
    source: `${SOURCE}; include/linux/generic_pt/iommu.h, IOMMU_PT_DOMAIN_OPS`,
    steps: [
      { do: 'check-driver', 'pt-domain': '0x0', domain: '0x0', ops: OPS, expect: 'ok' },
      {
        do: 'check-driver',
        'pt-domain': '0x0',
        domain: '0x0',
        ops: `${OPS} map_pages`,
        expect: 'map_pages is dead code',
      },
      {
        do: 'check-driver',
        'pt-domain': '0x0',
        domain: '0x0',
        ops: 'attach_dev free',
        expect: 'iova_to_phys is missing',
      },
    ],
  },
  {
    id: 'S004-use3',
    title: 'What the init of a table refuses',
    source: `${SOURCE}; drivers/iommu/generic_pt/iommu_pt.h of 7.3-rc7`,
    steps: [
      {
        do: 'table',
        name: 'a',
        arch: 'vtd',
        format: 'vtdss',
        features: 'SIGN_EXTEND',
        expect: 'pt_iommu_init gives -95',
        why: 'a feature that the build does not support',
      },
      {
        do: 'table',
        name: 'b',
        arch: 'vtd',
        format: 'x86_64',
        bits: 57,
        levels: 4,
        expect: 'pt_iommu_init gives -95',
        why: 'more address bits than the top level reaches',
      },
      { do: 'table', name: 'c', arch: 'vtd', format: 'vtdss', bits: 57, levels: 5, expect: 'ok' },
    ],
  },
  {
    id: 'S004-use4',
    title: 'From hw_info to the device table entry, and a top that grows',
    source: SOURCE,
    about:
      'Three levels reach 39 bits. A map beyond them grows the top; the entry is written before software uses it.',
    steps: [
      { do: 'table', name: 'dom', arch: 'amd', format: 'amdv1', bits: 64, levels: 3 },
      { do: 'device', name: 'nic', arch: 'amd', second: 'dom' },
      { do: 'map', table: 'dom', iova: '0x1000', pa: '0x5000', length: '4K' },
      { do: 'access', device: 'nic', iova: '0x1000', expect: 'reached 0x5000' },
      { do: 'map', table: 'dom', iova: '0x8000000000', pa: '0x6000', length: '4K' },
      { do: 'access', device: 'nic', iova: '0x8000000000', expect: 'reached 0x6000' },
      { do: 'map', table: 'dom', iova: '0x4000000000000000', pa: '0x7000', length: '4K' },
      { do: 'access', device: 'nic', iova: '0x4000000000000000', expect: 'reached 0x7000' },
      { do: 'access', device: 'nic', iova: '0x1000', expect: 'reached 0x5000' },
    ],
  },
  {
    id: 'S004-next',
    title: 'Cutting a leaf keeps every translation',
    source: SOURCE,
    about:
      'An operation that the kernel does not have yet. The old leaf stays cached until its whole span is flushed.',
    steps: [
      { do: 'table', name: 'dom', arch: 'riscv', format: 'riscv_64', features: 'SIGN_EXTEND' },
      { do: 'device', name: 'nic', arch: 'riscv', first: 'dom' },
      { do: 'map', table: 'dom', iova: '0x40000000', pa: '0x80000000', length: '2M' },
      { do: 'cut', table: 'dom', iova: '0x40003000', expect: '0' },
      { do: 'access', device: 'nic', iova: '0x40002000', expect: 'reached 0x80002000' },
      { do: 'access', device: 'nic', iova: '0x40003000', expect: 'reached 0x80003000' },
      { do: 'access', device: 'nic', iova: '0x401ff000', expect: 'reached 0x801ff000' },
    ],
  },
];
