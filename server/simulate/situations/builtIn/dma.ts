import type { FunctionSymbol } from '../../../cfront/parse/ast.ts';
import type { CallSpec, PhysicalSpec, ScatterEntry, SituationSpec, StatedValue } from '../spec.ts';
import { typeText } from '../stated.ts';
import type { BuiltIn, Mapped } from './builtIn.ts';
import { K4 } from './builtIn.ts';

/** Memory that is mapped for devices by its physical address, two pages of it. */
const DMA_BUFFER = 0x12344000;
/** Where in a page a buffer begins that ends in the next one, of more than one slot of a bounce buffer. Unit: bytes. */
const OFFSET = 0xf80;
export const BUFFER_BYTES = 3000;
/** enum dma_data_direction (include/linux/dma-direction.h). */
export const BOTH_WAYS = 0;
const [TO_DEVICE, FROM_DEVICE] = [1, 2];
/** Physical address at which what is mapped begins, over the end of a page. */
export const BUFFER_START: number = DMA_BUFFER + OFFSET;
/** The memory around it, filled. */
export const BUFFERS: readonly PhysicalSpec[] = [
  { start: DMA_BUFFER, bytes: 2 * K4, fill: 'bytes', buffer: true },
];

/** Entries that can be joined behind an IOMMU, one that cannot, and one behind it. */
const DMA_LIST: readonly ScatterEntry[] = [
  ...[{ length: K4 }, { length: K4 }, { length: 300, offset: 8 }, { length: 200 }],
];

/** What the DMA API is asked for, over the end of a page: by the types that its functions take everywhere. */
const DMA_ARGUMENTS = {
  ...{ '(struct page *, unsigned long)': OFFSET, '(struct scatterlist *, int)': DMA_LIST.length },
  ...{ '(size_t)': BUFFER_BYTES, '(unsigned long)': 0, '(bool)': 1 },
  ...{ '(dma_addr_t)': 0, '(dma_addr_t *)': 0, '(phys_addr_t)': BUFFER_START },
  '(gfp_t)': 'GFP_KERNEL',
};

/** A way in which a device can reach memory, and the direction in which data goes: each is taken once. */
export interface Way {
  readonly name: string;
  readonly summary: string;
  readonly direction: number;
  /** The kernel copies between the buffer and memory that the device can reach. */
  readonly bounces: boolean;
  readonly spec: Partial<SituationSpec>;
  /** Pages that are there for what is mapped before one is missing; absent: there are as many as are wanted. */
  readonly missing?: readonly number[];
}

const WAYS: readonly Way[] = [
  {
    ...{ name: 'dma-direct', summary: 'a device without IOMMU' },
    ...{ direction: BOTH_WAYS, bounces: false, spec: { device: { dma: 'direct' } } },
  },
  {
    ...{ name: 'dma-bounce', summary: 'a device behind bounce buffers writes' },
    ...{ direction: FROM_DEVICE, bounces: true },
    // As NVMe demands: addresses keep their offset in a page.
    spec: { device: { dma: 'swiotlb', minAlignMask: K4 - 1 } },
  },
  {
    ...{ name: 'dma-guest', summary: 'a device of a guest with encrypted memory reads' },
    ...{ direction: TO_DEVICE, bounces: true },
    spec: { device: { dma: 'swiotlb' }, encryption: 'guest' },
  },
  {
    ...{ name: 'dma-iommu', summary: 'a device behind a VT-d second stage writes' },
    ...{ direction: FROM_DEVICE, bounces: false },
    spec: { device: { dma: 'iommu' }, table: { format: 'vtdss' } },
    missing: [0, 1],
  },
  {
    ...{ name: 'dma-iommu-bounce', summary: 'an untrusted device behind a VT-d second stage' },
    ...{ direction: BOTH_WAYS, bounces: false },
    spec: {
      device: { dma: 'iommu', untrusted: true, minAlignMask: K4 - 1 },
      table: { format: 'vtdss' },
    },
    missing: [0],
  },
];

/** The ways that lead through an IOMMU. */
export const IOMMU_WAYS: readonly Way[] = WAYS.filter(({ spec }) => spec.table !== undefined);

/** What is mapped before the entry, by the tree's own DMA API. */
const DMA_MAPPED: readonly (readonly [Mapped, name: string, words: string])[] = [
  ['nothing', '', ''],
  ['address', '-mapped', ', with a mapping'],
  ['list', '-mapped-list', ', with a mapped list'],
];

/** Structs of what implements the DMA API behind an IOMMU (dma-iommu.c), and of what chooses the way (mapping.c). */
export const BEHIND_IOMMU = 'iommu_dma_cookie';
const ANY_WAY = 'dma_devres';

const MAKES: readonly string[] = ['device', 'page', 'scatterlist', 'sg_table'];
/** What there is of bounce buffers where devices use them. */
const POOLS: readonly string[] = ['io_tlb_mem', 'io_tlb_pool'];

const ORDINALS = ['first', 'second'];

/** What is below the DMA API: each way a device can reach memory. */
export const DMA: readonly BuiltIn[] = WAYS.flatMap((way) => [
  ...DMA_MAPPED.map(([mapped, suffix, words]) =>
    builtIn(way, mapped, { name: `${way.name}${suffix}`, summary: `${way.summary}${words}` }),
  ),
  ...(way.missing ?? []).map((pages) =>
    builtIn(way, 'nothing', {
      name: `${way.name}-no-page-${pages + 1}`,
      summary: `${way.summary}, and the ${ORDINALS[pages]!} page that is wanted is not there`,
      fail: { pages },
    }),
  ),
]);

function builtIn(
  way: Way,
  mapped: Mapped,
  more: Pick<SituationSpec, 'name' | 'summary' | 'fail'>,
): BuiltIn {
  return {
    ...{ takes: ['device'], makes: way.bounces ? [...MAKES, ...POOLS] : MAKES, mapped },
    // Only what implements the DMA API knows these structs whole; its users see the interface.
    ...(way.spec.table === undefined
      ? { knows: ['dma_map_ops'], lacks: BEHIND_IOMMU }
      : { knows: [BEHIND_IOMMU, ANY_WAY] }),
    spec: {
      ...{ scatterlist: DMA_LIST, arguments: argumentsOf(way), before: mappings(mapped, way) },
      physical: BUFFERS,
      ...way.spec,
      ...more,
    },
  };
}

function argumentsOf({ direction }: Way): Readonly<Record<string, StatedValue>> {
  return { ...DMA_ARGUMENTS, '(enum dma_data_direction)': direction };
}

function mappings(mapped: Mapped, way: Way): CallSpec[] {
  const given = argumentsOf(way);
  const isWritten = way.direction !== TO_DEVICE;
  if (mapped === 'nothing') return [];
  if (mapped === 'list') {
    const written = DMA_LIST.reduce((bytes, { length }) => bytes + length, 0);
    return [{ call: 'dma_map_sg_attrs', arguments: given, ...(isWritten ? { written } : {}) }];
  }
  // Without an IOMMU, what the device uses is the physical address.
  const isPhysical = way.spec.table === undefined;
  return [
    {
      call: 'dma_map_page_attrs',
      arguments: { ...given, '(struct page *, size_t)': OFFSET },
      result: ['(dma_addr_t)', ...(isPhysical ? ['(phys_addr_t)'] : [])],
      ...(isWritten ? { written: BUFFER_BYTES } : {}),
    },
  ];
}

/**
 * What an implementation of the DMA API has to find mapped: what it is handed to unmap or to sync. Undefined: no
 * mapping is what it wants.
 */
export function mappedFor({ type: { parameters, result } }: FunctionSymbol): Mapped | undefined {
  const types = parameters.map(({ type }) => typeText(type));
  if (types.includes('dma_addr_t')) return 'address';
  if (result.kind !== 'void') return 'nothing';
  if (types.includes('phys_addr_t')) return 'address';
  if (!types.some((one) => LISTS.has(one))) return 'nothing';
  // A list with a size is memory that was allocated.
  return types.includes('size_t') ? undefined : 'list';
}

const LISTS: ReadonlySet<string> = new Set(['struct scatterlist *', 'struct sg_table *']);
