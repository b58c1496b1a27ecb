import type { Segment } from '../spec.ts';
import { IOVA_START } from '../vfio.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4, SME, USER_RAM } from './builtIn.ts';

const MMIO: Segment = { kind: 'mmio', pages: 4, pfn: 0xfe000 };

/** What user mappings are made of, with a name each and in words. */
const LAYOUTS: readonly (readonly [name: string, words: string, readonly Segment[]])[] = [
  ['ram', 'RAM', [USER_RAM]],
  ['mmio', 'MMIO', [MMIO]],
  ['ram-mmio', 'RAM, then MMIO', [USER_RAM, MMIO]],
  ['mmio-ram', 'MMIO, then RAM', [MMIO, USER_RAM]],
];

const VFIO_MAKES: readonly string[] = [
  ...['vfio_iommu', 'vfio_domain', 'vfio_dma', 'vfio_iommu_type1_dma_map'],
  ...['vfio_iommu_type1_dma_unmap', 'vfio_bitmap'],
  ...['task_struct', 'mm_struct', 'iommu_domain'],
];

/** VFIO asks for a mapping over each layout; a second domain finds the mapping there. */
const MAPPED: readonly BuiltIn[] = LAYOUTS.flatMap(([name, words, memory]) => [
  {
    takes: ['vfio_iommu'],
    makes: VFIO_MAKES,
    spec: {
      name: `vfio-amdv1-sme-${name}`,
      summary: `VFIO maps ${words}; AMD v1 table, host with SME`,
      ...{ memory, table: SME, vfio: { domains: 1 } },
    },
  },
  {
    takes: ['vfio_iommu', 'vfio_domain'],
    makes: VFIO_MAKES,
    spec: {
      name: `vfio-amdv1-sme-${name}-second-domain`,
      summary: `VFIO adds a domain to mapped ${words}; AMD v1, SME`,
      ...{ memory, table: SME, vfio: { domains: 1, another: true } },
      before: [{ call: ['vfio_iommu', 'vfio_iommu_type1_dma_map'] }],
    },
  },
]);

/** Where the containers of VFIO have their mapping, and its bytes. */
const VFIO_BYTES = USER_RAM.pages * K4;

/** VFIO takes a mapping back: the pages are unpinned, so no device may reach them any more. */
const UNMAPPED: BuiltIn = {
  ...{ takes: ['vfio_iommu'], makes: VFIO_MAKES },
  signatures: [
    'struct vfio_iommu *, struct vfio_dma *, bool',
    'struct vfio_iommu *, struct vfio_dma *',
    'struct vfio_iommu *, struct vfio_iommu_type1_dma_unmap *, struct vfio_bitmap *',
  ],
  spec: {
    name: 'vfio-amdv1-sme-unmap',
    summary: 'VFIO unmaps RAM from two domains and unpins it; AMD v1, SME',
    ...{ memory: [USER_RAM], table: SME, vfio: { domains: 2 } },
    before: [{ call: ['vfio_iommu', 'vfio_iommu_type1_dma_map'] }],
    arguments: { '(bool)': true },
    removes: [{ iova: IOVA_START, bytes: VFIO_BYTES }],
  },
};

/** What VFIO does for containers of type 1. */
export const VFIO: readonly BuiltIn[] = [...MAPPED, UNMAPPED];
