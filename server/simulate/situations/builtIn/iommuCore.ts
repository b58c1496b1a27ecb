import type { SituationSpec } from '../spec.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4, M2, SME } from './builtIn.ts';
import { asked, map } from './coreCalls.ts';

/** Where a domain is asked to map, and what. */
const IOVA = 0x40000000;
const RAM = 0x80000000;
/** A large page and a small one: what the core splits. */
const BYTES = M2 + K4;

/** Parameter lists of what maps a range, and of what takes it back. */
const MAPS = ['', ', gfp_t'].map(
  (more) => `struct iommu_domain *, unsigned long, phys_addr_t, size_t, int${more}`,
);
const UNMAPS = ['', ', struct iommu_iotlb_gather *'].map(
  (more) => `struct iommu_domain *, unsigned long, size_t${more}`,
);

const MAPS_LIST = ['', ', gfp_t'].map(
  (more) => `struct iommu_domain *, unsigned long, struct scatterlist *, unsigned int, int${more}`,
);

/** Two pages below the end of a table, which AMD v1 cannot map as one of 8K, and one in the next. */
const LIST_PARTS = [
  { iova: IOVA + M2 - 2 * K4, bytes: 2 * K4, to: RAM + 3 * K4 },
  { iova: IOVA + M2, bytes: K4, to: RAM },
];
const LIST_IOVA = LIST_PARTS[0]!.iova;
const LIST: Partial<SituationSpec> = {
  scatterlist: LIST_PARTS.map(({ bytes, to }) => ({ length: bytes, pfn: to / K4 })),
  arguments: { ...asked(LIST_IOVA, RAM, BYTES), '(unsigned int)': LIST_PARTS.length },
  leads: LIST_PARTS,
};

function core(
  signatures: readonly string[],
  name: string,
  summary: string,
  more: Partial<SituationSpec>,
): BuiltIn {
  return {
    ...{ takes: ['iommu_domain'], signatures },
    makes: ['iommu_domain', 'iommu_iotlb_gather', 'scatterlist'],
    // Only the core itself knows this struct whole.
    knows: ['iommu_group'],
    spec: {
      ...{ name: `iommu-core-${name}`, summary: `the IOMMU core ${summary}; AMD v1, SME` },
      ...{ table: SME, ...more },
      physical: [{ start: RAM, bytes: 2 * M2, fill: 'zero', buffer: true }],
    },
  };
}

/**
 * Maps of the core that find the next table missing after a part of the range is mapped: the large page, or the
 * first entry of a list, finds its table there.
 */
const WITHOUT_MEMORY: readonly BuiltIn[] = [
  core(MAPS, 'map-fails', 'maps 2M and 4K of RAM, and has no memory for the table of the 4K', {
    before: [map(IOVA + 2 * M2, RAM, K4)],
    arguments: asked(IOVA, RAM, BYTES),
    ...{ fail: { pages: 0 }, keeps: [{ iova: IOVA + 2 * M2, bytes: K4 }] },
    leads: [{ iova: IOVA, bytes: BYTES, to: RAM }],
  }),
  core(MAPS_LIST, 'map-list-fails', 'maps a list, and has no memory for its second table', {
    ...LIST,
    before: [map(LIST_IOVA - K4, RAM, K4)],
    ...{ fail: { pages: 0 }, keeps: [{ iova: LIST_IOVA - K4, bytes: K4 }] },
  }),
];

/** A page behind the range that is unmapped: it stays. */
const BEHIND = { iova: IOVA + BYTES, bytes: K4 };

/** Page tables below the core, whichever header of them changed: what is called is the core. */
function below(name: string, summary: string, more: Partial<SituationSpec>): BuiltIn {
  return {
    ...{ takes: [], makes: [], driver: 'pt_iommu_map_args' },
    spec: {
      ...{ name: `tables-${name}`, summary: `the IOMMU core ${summary}; AMD v1, SME` },
      ...{ table: SME, ...more },
      physical: [{ start: RAM, bytes: 2 * M2, fill: 'zero', buffer: true }],
    },
  };
}

/** Tables of generic_pt, as the core uses them. */
export const TABLES_BELOW: readonly BuiltIn[] = [
  below('map', 'maps 2M and 4K of RAM', {
    entry: { call: 'iommu_map', arguments: asked(IOVA, RAM, BYTES) },
    leads: [{ iova: IOVA, bytes: BYTES, to: RAM }],
  }),
  below('unmap', 'unmaps 2M and 4K of RAM', {
    before: [map(IOVA, RAM, BYTES), map(BEHIND.iova, RAM + BYTES, BEHIND.bytes)],
    entry: { call: 'iommu_unmap', arguments: asked(IOVA, RAM, BYTES) },
    ...{ keeps: [BEHIND], removes: [{ iova: IOVA, bytes: BYTES }] },
  }),
  below('unmap-table', 'unmaps all that a table maps', {
    before: [map(IOVA, RAM + K4, M2), map(IOVA + M2, RAM, K4)],
    entry: { call: 'iommu_unmap', arguments: asked(IOVA, RAM, M2) },
    ...{ keeps: [{ iova: IOVA + M2, bytes: K4 }], removes: [{ iova: IOVA, bytes: M2 }] },
  }),
];

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
  core(MAPS_LIST, 'map-list', 'maps a list of RAM', LIST),
  ...WITHOUT_MEMORY,
  core(UNMAPS, 'unmap', 'unmaps 2M and 4K of RAM', {
    before: [map(IOVA, RAM, BYTES), map(BEHIND.iova, RAM + BYTES, BEHIND.bytes)],
    ...{ arguments: asked(IOVA, RAM, BYTES), keeps: [BEHIND] },
    removes: [{ iova: IOVA, bytes: BYTES }],
  }),
];
