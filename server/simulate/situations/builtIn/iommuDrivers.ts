import type { CallSpec, SituationSpec } from '../spec.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4, M2 } from './builtIn.ts';

/** Where drivers are asked to map and unmap, and the RAM behind it. */
const DRIVER_IOVA = 0x40000000;
const DRIVER_RAM = 0x80000000;

/** What is unmapped of a 2M mapping. */
const UNMAPS: readonly (readonly [name: string, words: string, offset: number, size: number])[] = [
  ['whole', 'a 2M page', 0, M2],
  ['first-4k', 'the first 4K of a 2M page', 0, K4],
  ['middle-4k', '4K in the middle of a 2M page', 3 * K4, K4],
];

/** A driver with page tables of its own: large pages, over RAM that could be taken for a table. */
function driverSpec(name: string, summary: string): SituationSpec {
  return {
    ...{ name, summary },
    table: { format: 'driver', pageSizes: K4 | M2 },
    physical: [{ start: DRIVER_RAM - M2, bytes: 3 * M2, fill: 'entries' }],
    set: { 'dmar_domain.iommu_superpage?': 2 },
  };
}

const map2M = (at: number): CallSpec => ({
  call: 'iommu_map',
  arguments: {
    ...{ iova: DRIVER_IOVA + at, paddr: DRIVER_RAM + at, size: M2, prot: 3 },
    gfp: 'GFP_KERNEL',
  },
});
const MAP_2M = map2M(0);
/** The large pages around the one that is unmapped stay. */
const NEIGHBOURS = [-M2, M2].map((at) => ({ iova: DRIVER_IOVA + at, bytes: M2 }));

/** Drivers that build page tables: their operations on a large page and on parts of it. */
export const IOMMU_DRIVERS: readonly BuiltIn[] = [
  ...[K4, M2].map((size) => ({
    ...{ takes: ['iommu_domain'], makes: [], operation: 'iommu_domain_ops.map_pages' },
    spec: {
      ...driverSpec(
        `iommu-driver-map-${size === K4 ? '4k' : '2m'}`,
        `an IOMMU driver maps ${size === K4 ? '4K' : '2M'} of RAM`,
      ),
      arguments: { 1: DRIVER_IOVA, 2: DRIVER_RAM, 3: size, 4: 1, 5: 3, 6: 'GFP_KERNEL' },
      leads: [{ iova: DRIVER_IOVA, bytes: size, to: DRIVER_RAM }],
    },
  })),
  ...UNMAPS.map(([name, words, offset, size]) => ({
    ...{ takes: ['iommu_domain'], makes: [], operation: 'iommu_domain_ops.unmap_pages' },
    spec: {
      ...driverSpec(`iommu-driver-unmap-${name}`, `an IOMMU driver unmaps ${words}`),
      before: [map2M(-M2), MAP_2M, map2M(M2)],
      arguments: { 1: DRIVER_IOVA + offset, 2: size, 3: 1 },
      ...(offset === 0 ? { keeps: NEIGHBOURS } : {}),
      ...(size === M2 ? { removes: [{ iova: DRIVER_IOVA, bytes: M2 }] } : {}),
    },
  })),
  {
    ...{ takes: ['iommu_domain'], makes: [], operation: 'iommu_domain_ops.iova_to_phys' },
    spec: {
      ...driverSpec('iommu-driver-look-up', 'an IOMMU driver looks up an IOVA inside a 2M page'),
      before: [MAP_2M],
      arguments: { 1: DRIVER_IOVA + 3 * K4 + 0x10 },
    },
  },
];
