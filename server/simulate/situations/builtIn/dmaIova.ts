import type { CallSpec, SituationSpec, StatedValue } from '../spec.ts';
import type { BuiltIn } from './builtIn.ts';
import { K4 } from './builtIn.ts';
import { BEHIND_IOMMU, BUFFER_BYTES, BUFFER_START, BUFFERS, BOTH_WAYS, IOMMU_WAYS } from './dma.ts';
import type { Way } from './dma.ts';

/** What each step of the API is handed: IOVAs first, then memory that is linked to them, then the IOTLB is told. */
const SHARED = { '(phys_addr_t)': BUFFER_START, '(enum dma_data_direction)': BOTH_WAYS, '(unsigned long)': 0 }; // prettier-ignore
const ALLOC = { ...SHARED, '(size_t)': BUFFER_BYTES };
const LINK = { ...SHARED, '(phys_addr_t, size_t)': 0, '(size_t, size_t)': BUFFER_BYTES };
const PART = {
  ...SHARED,
  '(struct dma_iova_state *, size_t)': 0,
  '(size_t, size_t)': BUFFER_BYTES,
};
const WHOLE = { ...SHARED, '(struct dma_iova_state *, size_t)': BUFFER_BYTES };

/** What of the memory is in its first page. Unit: bytes. */
const HEAD_BYTES = K4 - (BUFFER_START % K4);

const ALLOCATED: readonly CallSpec[] = [{ call: 'dma_iova_try_alloc', arguments: ALLOC }];
const LINKED: readonly CallSpec[] = [
  ...ALLOCATED,
  { call: 'dma_iova_link', arguments: LINK, written: BUFFER_BYTES },
];
const SYNCED: readonly CallSpec[] = [...LINKED, { call: 'dma_iova_sync', arguments: PART }];

/** What a function takes behind the device and the state, by what has to be there before it. */
interface Step {
  readonly name: string;
  readonly words: string;
  readonly takes: string;
  readonly before: readonly CallSpec[];
  readonly given: Readonly<Record<string, StatedValue>>;
  readonly more?: Partial<SituationSpec>;
}

const AFTER_SIZE = ', enum dma_data_direction, unsigned long';
const STEPS: readonly Step[] = [
  {
    ...{ name: 'alloc', words: 'takes IOVAs', takes: ', phys_addr_t, size_t' },
    ...{ before: [], given: ALLOC },
  },
  { name: 'free', words: 'gives IOVAs back', takes: '', before: ALLOCATED, given: {} },
  {
    ...{ name: 'link', words: 'links memory to IOVAs' },
    takes: `, phys_addr_t, size_t, size_t${AFTER_SIZE}`,
    ...{ before: ALLOCATED, given: LINK },
  },
  {
    ...{ name: 'link-head', words: 'links the end of a page to IOVAs' },
    takes: `, phys_addr_t, size_t, size_t${AFTER_SIZE}`,
    ...{ before: ALLOCATED, given: { ...LINK, '(size_t, size_t)': HEAD_BYTES } },
  },
  {
    ...{ name: 'link-no-page', words: 'links memory to IOVAs, and has no memory for a table' },
    takes: `, phys_addr_t, size_t, size_t${AFTER_SIZE}`,
    ...{ before: ALLOCATED, given: LINK, more: { fail: { pages: 0 } } },
  },
  {
    ...{ name: 'sync', words: 'tells of linked memory', takes: ', size_t, size_t' },
    ...{ before: LINKED, given: PART },
  },
  {
    ...{ name: 'unlink', words: 'takes linked memory back' },
    takes: `, size_t, size_t${AFTER_SIZE}`,
    ...{ before: SYNCED, given: PART, more: { takesBack: true } },
  },
  {
    ...{ name: 'destroy', words: 'takes linked memory back, and the IOVAs' },
    takes: `, size_t${AFTER_SIZE}`,
    ...{ before: SYNCED, given: WHOLE, more: { takesBack: true } },
  },
];

/** The part of the DMA API that takes IOVAs first and links memory to them piece by piece (include/linux/dma-mapping.h). */
export const DMA_IOVA: readonly BuiltIn[] = IOMMU_WAYS.flatMap((way) =>
  STEPS.map((step) => builtIn(way, step)),
);

function builtIn(way: Way, { name, words, takes, before, given, more }: Step): BuiltIn {
  return {
    ...{ takes: ['device', 'dma_iova_state'], makes: ['device', 'dma_iova_state'] },
    signatures: [`struct device *, struct dma_iova_state *${takes}`],
    knows: [BEHIND_IOMMU],
    spec: {
      ...{ name: `${way.name}-iova-${name}`, summary: `${way.summary}; its driver ${words}` },
      ...{ arguments: given, before, objects: { dma_iova_state: {} }, physical: BUFFERS },
      ...way.spec,
      ...more,
    },
  };
}
