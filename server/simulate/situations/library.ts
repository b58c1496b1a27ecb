import type { FunctionSymbol } from '../../cfront/parse/ast.ts';
import type { Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import { situationFrom } from './fromSpec.ts';
import type { Situation } from './situation.ts';
import { statedArgument, typeText } from './stated.ts';
import { operationsOf } from './operations.ts';
import type { CallSpec, ScatterEntry, Segment, SituationSpec, TableSpec } from './spec.ts';
import { IOVA_START } from './vfio.ts';

/** A built-in situation with what C must touch for it to say anything. */
interface BuiltIn {
  readonly spec: SituationSpec;
  /** Structs of which the entry takes a pointer, all of them. */
  readonly takes: readonly string[];
  /** Structs that the situation makes: an entry that takes nothing else needs no invented input. */
  readonly makes: readonly string[];
  /** Operation of an interface that the entry has to be, where it is one; its arguments are stated. */
  readonly operation?: string;
  /** Struct that the file of the entry has to know whole. */
  readonly knows?: string;
  /** Parameter lists that the entry may have, where types alone would fit others too. */
  readonly signatures?: readonly string[];
  /** What the entry has to find mapped for devices: nothing, an address that it is handed, or a list. */
  readonly mapped?: Mapped;
}

type Mapped = 'nothing' | 'address' | 'list';

/** AMD, format 1, on a host that encrypts its memory. */
const SME: TableSpec = { format: 'amdv1', memoryEncryption: true };

const RAM: Segment = { kind: 'ram', pages: 4, pfn: 0x1000 };
const MMIO: Segment = { kind: 'mmio', pages: 4, pfn: 0xfe000 };

/** What user mappings are made of, with a name each and in words. */
const LAYOUTS: readonly (readonly [name: string, words: string, readonly Segment[]])[] = [
  ['ram', 'RAM', [RAM]],
  ['mmio', 'MMIO', [MMIO]],
  ['ram-mmio', 'RAM, then MMIO', [RAM, MMIO]],
  ['mmio-ram', 'MMIO, then RAM', [MMIO, RAM]],
];

const VFIO_MAKES: readonly string[] = [
  ...['vfio_iommu', 'vfio_domain', 'vfio_dma', 'vfio_iommu_type1_dma_map'],
  ...['vfio_iommu_type1_dma_unmap', 'vfio_bitmap'],
  ...['task_struct', 'mm_struct', 'iommu_domain'],
];

/** VFIO asks for a mapping over each layout; a second domain finds the mapping there. */
const VFIO: readonly BuiltIn[] = LAYOUTS.flatMap(([name, words, memory]) => [
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
const VFIO_BYTES = RAM.pages * 0x1000;

/** VFIO takes a mapping back: the pages are unpinned, so no device may reach them any more. */
const VFIO_UNMAP: BuiltIn = {
  ...{ takes: ['vfio_iommu'], makes: VFIO_MAKES },
  signatures: [
    'struct vfio_iommu *, struct vfio_dma *, bool',
    'struct vfio_iommu *, struct vfio_dma *',
    'struct vfio_iommu *, struct vfio_iommu_type1_dma_unmap *, struct vfio_bitmap *',
  ],
  spec: {
    name: 'vfio-amdv1-sme-unmap',
    summary: 'VFIO unmaps RAM and unpins it; AMD v1 table, host with SME',
    ...{ memory: [RAM], table: SME, vfio: { domains: 1 } },
    before: [{ call: ['vfio_iommu', 'vfio_iommu_type1_dma_map'] }],
    arguments: { '(bool)': true },
    removes: [{ iova: IOVA_START, bytes: VFIO_BYTES }],
  },
};

/** Where drivers are asked to map and unmap, and the RAM behind it. */
const DRIVER_IOVA = 0x40000000;
const DRIVER_RAM = 0x80000000;
const K4 = 0x1000;
const M2 = 0x200000;

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
const DRIVERS: readonly BuiltIn[] = [
  ...[K4, M2].map((size) => ({
    ...{ takes: ['iommu_domain'], makes: [], operation: 'iommu_domain_ops.map_pages' },
    spec: {
      ...driverSpec(
        `iommu-driver-map-${size === K4 ? '4k' : '2m'}`,
        `an IOMMU driver maps ${size === K4 ? '4K' : '2M'} of RAM`,
      ),
      arguments: { 1: DRIVER_IOVA, 2: DRIVER_RAM, 3: size, 4: 1, 5: 3, 6: 'GFP_KERNEL' },
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

/** What the core of the IOMMU subsystem is asked for, by the types that its functions take. */
const CORE_ARGUMENTS = {
  ...{ '(unsigned long)': DRIVER_IOVA, '(phys_addr_t)': DRIVER_RAM, '(size_t)': M2 },
  ...{ '(int)': 3, '(gfp_t)': 'GFP_KERNEL' },
};
const CORE_PARTS: Pick<SituationSpec, 'table' | 'physical'> = {
  table: SME,
  physical: [{ start: DRIVER_RAM, bytes: M2, fill: 'zero', buffer: true }],
};

/** The core itself: it maps in a domain, and takes that back. */
const CORE: readonly BuiltIn[] = [
  {
    ...{ takes: ['iommu_domain'], makes: ['iommu_domain'], knows: 'iommu_group' },
    signatures: ['', ', gfp_t'].map(
      (more) => `struct iommu_domain *, unsigned long, phys_addr_t, size_t, int${more}`,
    ),
    spec: {
      ...{ name: 'iommu-core-map', summary: 'the IOMMU core maps 2M of RAM; AMD v1, SME' },
      ...{ ...CORE_PARTS, arguments: CORE_ARGUMENTS },
    },
  },
  {
    takes: ['iommu_domain'],
    ...{ makes: ['iommu_domain', 'iommu_iotlb_gather'], knows: 'iommu_group' },
    signatures: ['', ', struct iommu_iotlb_gather *'].map(
      (more) => `struct iommu_domain *, unsigned long, size_t${more}`,
    ),
    spec: {
      ...{ name: 'iommu-core-unmap', summary: 'the IOMMU core unmaps 2M of RAM; AMD v1, SME' },
      ...{ ...CORE_PARTS, arguments: CORE_ARGUMENTS, before: [MAP_2M] },
      removes: [{ iova: DRIVER_IOVA, bytes: M2 }],
    },
  },
];

/** Where an address space of iommufd is asked to map the user memory, and how. */
const IOMMUFD_IOVA = 0x100000;
const IOMMUFD_BYTES = 4 * K4;
const IOMMUFD_MAP = {
  ...{ '(unsigned long *)': IOMMUFD_IOVA, '(void *)': 0x7f0000000000 },
  ...{ '(unsigned long)': IOMMUFD_BYTES, '(int)': 3, '(unsigned int)': 0 },
};
const IOMMUFD_MAKES: readonly string[] = ['iommufd_ctx', 'io_pagetable', 'iommufd_ioas'];

/** iommufd maps user memory for the domains of an address space, and takes it back. */
const IOMMUFD: readonly BuiltIn[] = [
  {
    ...{ takes: ['io_pagetable'], makes: IOMMUFD_MAKES },
    signatures: [
      'struct iommufd_ctx *, struct io_pagetable *, unsigned long *, void *, unsigned long, int, unsigned int',
    ],
    spec: {
      ...{ name: 'iommufd-amdv1-sme-map', memory: [RAM], table: SME, iommufd: { domains: 1 } },
      summary: 'iommufd maps RAM; AMD v1 table, host with SME',
      arguments: IOMMUFD_MAP,
    },
  },
  {
    ...{ takes: ['io_pagetable'], makes: IOMMUFD_MAKES },
    signatures: [
      'struct io_pagetable *, unsigned long, unsigned long, unsigned long *',
      'struct io_pagetable *, unsigned long *',
    ],
    spec: {
      ...{ name: 'iommufd-amdv1-sme-unmap', memory: [RAM], table: SME, iommufd: { domains: 1 } },
      summary: 'iommufd unmaps RAM; AMD v1 table, host with SME',
      before: [{ call: 'iopt_map_user_pages', arguments: IOMMUFD_MAP }],
      arguments: {
        '(struct io_pagetable *, unsigned long)': IOMMUFD_IOVA,
        ...{ '(unsigned long)': IOMMUFD_BYTES, '(unsigned long *)': 0 },
      },
      removes: [{ iova: IOMMUFD_IOVA, bytes: IOMMUFD_BYTES }],
    },
  },
];

/** Memory that is mapped for devices by its physical address, a page of it. */
const DMA_BUFFER = 0x12345000;
/** What the DMA API is asked for, not page aligned: by the types that its functions take everywhere. */
const DMA_ARGUMENTS = {
  ...{ '(struct page *, unsigned long)': 16, '(struct scatterlist *, int)': 2 },
  ...{ '(size_t)': 256, '(enum dma_data_direction)': 0, '(unsigned long)': 0, '(bool)': 1 },
  ...{ '(dma_addr_t)': 0, '(dma_addr_t *)': 0, '(phys_addr_t)': DMA_BUFFER + 16 },
  '(gfp_t)': 'GFP_KERNEL',
};
const DMA_LIST: readonly ScatterEntry[] = [{ length: K4 }, { length: 300, offset: 8 }];

/** The ways in which a device can reach memory. */
const DMA_WAYS = [
  ['dma-direct', 'a device without IOMMU', { device: { dma: 'direct' } }],
  ['dma-bounce', 'a device behind bounce buffers', { device: { dma: 'swiotlb' } }],
  [
    'dma-guest',
    'a device of a guest with encrypted memory',
    { device: { dma: 'swiotlb' }, encryption: 'guest' },
  ],
  [
    'dma-iommu',
    'a device behind a VT-d second stage',
    { device: { dma: 'iommu' }, table: { format: 'vtdss' } },
  ],
] satisfies readonly (readonly [string, string, Partial<SituationSpec>])[];

/** What is mapped before the entry, by the tree's own DMA API. */
const DMA_MAPPED: readonly (readonly [Mapped, name: string, words: string])[] = [
  ['nothing', '', ''],
  ['address', '-mapped', ', with a mapping'],
  ['list', '-mapped-list', ', with a mapped list'],
];

/** What is below the DMA API: each way a device can reach memory. */
const DMA: readonly BuiltIn[] = DMA_WAYS.flatMap(([name, summary, spec]) =>
  DMA_MAPPED.map(([mapped, suffix, words]) => ({
    ...{ takes: ['device'], makes: ['device', 'page', 'scatterlist', 'sg_table'], mapped },
    // Only what implements the DMA API knows this struct whole; its users see the interface.
    knows: 'dma_map_ops',
    spec: {
      ...{ name: `${name}${suffix}`, summary: `${summary}${words}` },
      ...{ scatterlist: DMA_LIST, arguments: DMA_ARGUMENTS, before: mappings(mapped, spec) },
      physical: [{ start: DMA_BUFFER, bytes: K4, fill: 'zero', buffer: true }],
      ...spec,
    },
  })),
);

function mappings(mapped: Mapped, { table }: Partial<SituationSpec>): CallSpec[] {
  if (mapped === 'nothing') return [];
  if (mapped === 'list') return [{ call: 'dma_map_sg_attrs', arguments: DMA_ARGUMENTS }];
  // Without an IOMMU, what the device uses is the physical address.
  const result = ['(dma_addr_t)', ...(table === undefined ? ['(phys_addr_t)'] : [])];
  return [{ call: 'dma_map_page_attrs', arguments: DMA_ARGUMENTS, result }];
}

/** What an implementation of the DMA API has to find mapped: what it is handed to unmap or to sync. */
function mappedFor({ type: { parameters, result } }: FunctionSymbol): Mapped {
  const types = parameters.map(({ type }) => typeText(type));
  if (types.includes('dma_addr_t')) return 'address';
  if (result.kind !== 'void') return 'nothing';
  if (types.includes('phys_addr_t')) return 'address';
  return types.some((one) => LISTS.has(one)) ? 'list' : 'nothing';
}

const LISTS: ReadonlySet<string> = new Set(['struct scatterlist *', 'struct sg_table *']);

const BUILT_IN: readonly BuiltIn[] = [...VFIO, VFIO_UNMAP, ...DRIVERS, ...CORE, ...IOMMUFD, ...DMA];

/** The built-in situations by name. */
export const SITUATIONS: ReadonlyMap<string, SituationSpec> = new Map(
  BUILT_IN.map(({ spec }) => [spec.name, spec]),
);

/** The built-in situations that say something about an entry function, the most specific kind only. */
export function situationsFor(entry: FunctionSymbol): Situation[] {
  const taken = new Set(entry.type.parameters.flatMap(({ type }) => structOf(type) ?? []));
  const signature = signatureOf(entry);
  const fitting = BUILT_IN.filter(
    ({ takes, operation, knows, signatures, spec }) =>
      operation === undefined &&
      knows === undefined &&
      // What was done before is what these entries expect, and nobody else.
      (spec.before === undefined || signatures?.includes(signature) !== false) &&
      takes.every((tag) => taken.has(tag)),
  );
  return mostSpecific(fitting);
}

function mostSpecific(fitting: readonly BuiltIn[]): Situation[] {
  const most = Math.max(0, ...fitting.map(({ takes }) => takes.length));
  return fitting
    .filter(({ takes }) => takes.length === most)
    .map(({ spec }) => situationFrom(spec));
}

/** Entry functions through which a function is run in a situation that states every argument. */
export interface StatedEntry {
  readonly entry: FunctionSymbol;
  readonly situations: readonly Situation[];
}

/** How far up the callers of a function are looked at. */
const MOST_LEVELS = 6;

/**
 * The functions of a file through which `name` runs in built-in situations without an invented argument:
 * itself or the nearest callers. `callersOf` gives the functions of the file that call one.
 */
export function statedEntries(
  unit: Unit,
  name: string,
  callersOf: (name: string) => readonly string[],
): StatedEntry[] {
  const found: StatedEntry[] = [];
  const seen = new Set([name]);
  let level = [name];
  for (let depth = 0; depth < MOST_LEVELS && level.length > 0; depth++) {
    const above: string[] = [];
    for (const one of level) {
      const entry = unit.function(one);
      if (entry?.body === undefined) continue;
      const situations = statedFor(unit, entry);
      if (situations.length > 0) found.push({ entry, situations });
      // What a stated entry calls is run through it; its own callers add nothing.
      else above.push(...callersOf(one).filter((caller) => !seen.has(caller)));
    }
    for (const caller of above) seen.add(caller);
    level = [...new Set(above)];
  }
  return found;
}

function statedFor(unit: Unit, entry: FunctionSymbol): Situation[] {
  const operation = operationsOf(unit).get(entry);
  const asked = BUILT_IN.filter(
    (one) => one.operation !== undefined && one.operation === operation,
  );
  if (asked.length > 0) return asked.map(({ spec }) => situationFrom(spec));
  const { parameters } = entry.type;
  const taken = parameters.map(({ type }) => structOf(type));
  const signature = signatureOf(entry);
  const fitting = BUILT_IN.filter(
    ({ takes, makes, operation: needed, knows, signatures, mapped, spec }) => {
      if (needed !== undefined) return false;
      if (mapped !== undefined && mapped !== mappedFor(entry)) return false;
      if (signatures !== undefined && !signatures.includes(signature)) return false;
      if (knows !== undefined && unit.aggregate(knows) === undefined) return false;
      if (!takes.every((tag) => taken.includes(tag))) return false;
      return parameters.every((_, i) => {
        const tag = taken[i];
        if (tag !== undefined) return makes.includes(tag);
        return statedArgument(spec.arguments ?? {}, parameters, i) !== undefined;
      });
    },
  );
  return mostSpecific(fitting);
}

/** The types of a function's parameters, as C lists them. */
function signatureOf({ type }: FunctionSymbol): string {
  return type.parameters.map((parameter) => typeText(parameter.type)).join(', ');
}

function structOf(type: Type): string | undefined {
  return type.kind === 'pointer' && type.to.kind === 'aggregate' ? type.to.tag : undefined;
}
