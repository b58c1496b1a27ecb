// Seed 003 as changes to a tree's drivers/vfio/vfio_iommu_type1.c: what the mail describes and what was proposed
// in the thread. The mail does not quote where the flag is set; it follows a successful follow_fault_pfn().
import { inCalls, inFunction, inOrder, insertAfter, replaceAll } from './edits.mjs';

const LOOKUP = 'vaddr_get_pfns';
const PIN = 'vfio_pin_pages_remote';
const PIN_ONE = 'vfio_pin_page_external';
const MAP_ALL = 'vfio_pin_map_dma';
const REPLAY = 'vfio_iommu_replay';

/** The lookup takes its prot by address, as v4 has it. */
const protByAddress = inOrder(
  inFunction(LOOKUP, replaceAll(/\bprot\b/g, '*prot')),
  inFunction(PIN, inCalls(LOOKUP, replaceAll(/\bdma->prot\b/g, '&dma->prot'))),
  inFunction(
    PIN_ONE,
    inOrder(
      insertAfter(/\{/, '\tint prot = dma->prot;'),
      inCalls(LOOKUP, replaceAll(/\bdma->prot\b/g, '&prot')),
    ),
  ),
);

/** A page frame that follow_fault_pfn() found is MMIO for the mapping. */
const setOnMmio = inFunction(
  LOOKUP,
  insertAfter(/follow_fault_pfn\([\s\S]*?if\s*\(!ret\)\s*\{/, '\t\t\t*prot |= IOMMU_MMIO;'),
);

/** Pages that GUP gave are not. */
const clearOnPages = inFunction(
  LOOKUP,
  insertAfter(/batch->offset\s*=\s*0\s*;/, '\t\t*prot &= ~IOMMU_MMIO;'),
);

/** The author's reply: the flag goes when what was pinned is not reserved. */
const clearWhereNotReserved = inFunction(
  PIN,
  insertAfter(/has_rsvd\s*\|=\s*rsvd\s*;/, '\tif (!rsvd)\n\t\tdma->prot &= ~IOMMU_MMIO;'),
);

/** Every map decides for its own frames; the mapping only remembers that there is MMIO in it. */
const decideAtMap = (callee, frame) =>
  inCalls(
    callee,
    replaceAll(
      /\bdma->prot\b/g,
      `((dma->prot & ~IOMMU_MMIO) | (pfn_valid(${frame}) ? 0 : IOMMU_MMIO))`,
    ),
  );

/** The variants in the order of the table. */
export const VARIANTS = [
  { name: 'base', about: 'the tree as it is', edit: (text) => text },
  {
    name: 'v4',
    about: 'the patch under review: the flag follows the last lookup',
    edit: inOrder(protByAddress, setOnMmio, clearOnPages),
  },
  {
    name: 'reply',
    about: 'the author’s reply: cleared where what was pinned is not reserved',
    edit: inOrder(protByAddress, setOnMmio, clearWhereNotReserved),
  },
  {
    name: 'perchunk',
    about: 'every iommu_map() decides for its own page frames, replay included',
    edit: inOrder(
      protByAddress,
      setOnMmio,
      inFunction(MAP_ALL, decideAtMap('vfio_iommu_map', 'pfn')),
      inFunction(REPLAY, decideAtMap('iommu_map', 'phys >> PAGE_SHIFT')),
    ),
  },
];
