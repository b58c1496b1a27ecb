import type { CallSpec, SituationSpec, StatedValue } from '../spec.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4, M2, SME } from './builtIn.ts';

/** Where a domain is asked to map, and what. */
const IOVA = 0x40000000;
const RAM = 0x80000000;
/** A large page and a small one: what the core splits. */
const BYTES = M2 + K4;
const READ_WRITE = 3;

/** Parameter lists of what maps a range, and of what takes it back. */
const MAPS = ['', ', gfp_t'].map(
  (more) => `struct iommu_domain *, unsigned long, phys_addr_t, size_t, int${more}`,
);
const UNMAPS = ['', ', struct iommu_iotlb_gather *'].map(
  (more) => `struct iommu_domain *, unsigned long, size_t${more}`,
);

/** What is asked for, by the types that the core's functions take. */
function asked(iova: number, paddr: number, bytes: number): Readonly<Record<string, StatedValue>> {
  return {
    ...{ '(unsigned long)': iova, '(phys_addr_t)': paddr, '(size_t)': bytes },
    ...{ '(int)': READ_WRITE, '(gfp_t)': 'GFP_KERNEL' },
  };
}

const map = (iova: number, paddr: number, bytes: number): CallSpec => ({
  ...{ call: 'iommu_map', arguments: asked(iova, paddr, bytes) },
});

function core(
  signatures: readonly string[],
  name: string,
  summary: string,
  more: Pick<SituationSpec, 'arguments' | 'before' | 'leads' | 'removes' | 'keeps'>,
): BuiltIn {
  return {
    ...{ takes: ['iommu_domain'], makes: ['iommu_domain', 'iommu_iotlb_gather'], signatures },
    // Only the core itself knows this struct whole.
    knows: 'iommu_group',
    spec: {
      ...{ name: `iommu-core-${name}`, summary: `the IOMMU core ${summary}; AMD v1, SME` },
      ...{ table: SME, ...more },
      physical: [{ start: RAM, bytes: 2 * M2, fill: 'zero', buffer: true }],
    },
  };
}

/** A page behind the range that is unmapped: it stays. */
const BEHIND = { iova: IOVA + BYTES, bytes: K4 };

/** The core itself: it maps in a domain, and takes that back. */
export const IOMMU_CORE: readonly BuiltIn[] = [
  core(MAPS, 'map', 'maps 2M and 4K of RAM', {
    arguments: asked(IOVA, RAM, BYTES),
    leads: [{ iova: IOVA, bytes: BYTES, to: RAM }],
  }),
  core(MAPS, 'map-small', 'maps RAM by 4K pages, as it is not aligned', {
    arguments: asked(IOVA, RAM + K4, 4 * K4),
    leads: [{ iova: IOVA, bytes: 4 * K4, to: RAM + K4 }],
  }),
  core(UNMAPS, 'unmap', 'unmaps 2M and 4K of RAM', {
    before: [map(IOVA, RAM, BYTES), map(BEHIND.iova, RAM + BYTES, BEHIND.bytes)],
    ...{ arguments: asked(IOVA, RAM, BYTES), keeps: [BEHIND] },
    removes: [{ iova: IOVA, bytes: BYTES }],
  }),
];
