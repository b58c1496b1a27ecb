import type { InvariantId } from '../../model/check/violation.ts';
import type { StackEntry } from '../machine/whereabouts.ts';

/** Contracts of interfaces that a run can break, by their ids, with the rule that looks for the same in text. */
export const CONTRACTS = {
  'C-LEAK': {
    what: 'A function that fails holds nothing that it took.',
    rules: ['dma-map-leak-error-path', 'iommu-domain-leak', 'iommu-map-partial-unwind'],
  },
  'C-UNCHECKED': {
    what: 'A failure is noticed before success is reported.',
    rules: ['dma-map-no-error-check', 'dma-map-sg-negative-check', 'iommu-map-ret-unchecked'],
  },
  'C-ERROR-USED': {
    what: 'What a failed operation returned is no address and no list.',
    rules: ['dma-map-no-error-check', 'dma-map-sg-negative-check'],
  },
  'C-UNMAP-ARGUMENTS': {
    what: 'An unmap has the device, address, size and direction of its map.',
    rules: ['dma-unmap-params-mismatch'],
  },
  'C-TWICE': { what: 'What was given back is not given back again.', rules: [] },
  'C-NENTS': {
    what: 'A list is unmapped and synced with the count that was mapped.',
    rules: ['dma-unmap-sg-nents', 'sgtable-nents-vs-orig-nents'],
  },
  'C-FREE-ARGUMENTS': {
    what: 'A buffer is freed by the device, size and address it came by, and IOVAs by theirs.',
    rules: ['dma-coherent-free-mismatch'],
  },
  'C-UNMAP-SIZE': {
    what: 'iommu_unmap() removes exactly what iommu_map() mapped.',
    rules: ['iommu-map-unmap-size'],
  },
  'C-UNPIN': {
    what: 'Whoever unpins pages says how many: at least one.',
    rules: [],
  },
  'C-TABLE': {
    what: 'Page tables are what their format and the IOMMU demand.',
    rules: [],
  },
  'C-TARGET': {
    what: 'What was mapped leads to the memory that was asked for.',
    rules: [],
  },
  'C-END': {
    what: 'A function of which every input is known comes to its end.',
    rules: [],
  },
  'C-WRITTEN': {
    what: 'What a device wrote is in the memory that was mapped when the CPU gets that back.',
    rules: [],
  },
  'C-CRASH': { what: 'No failure of an interface leads to an access of no memory.', rules: [] },
} as const;

/** Id of a contract. */
export type ContractId = keyof typeof CONTRACTS;

/** Something that a run broke: a contract of an interface, or an invariant of the hardware model. */
export interface Violation {
  readonly id: ContractId | InvariantId;
  /** One clause: what happened. */
  readonly message: string;
  /** Interface or table it is about. */
  readonly subject: string;
  readonly place: StackEntry | undefined;
  /** Where what it is about began: the map, the allocation. */
  readonly since: StackEntry | undefined;
  /** IOVAs it is about, end inclusive. */
  readonly iova?: { readonly first: bigint; readonly last: bigint };
  /** Name of the domain that these are in, where one is meant. */
  readonly domain?: string;
  /** Physical address of the page or entry it is about. */
  readonly page?: number;
  /** What it is about, as its number among what the run took. */
  readonly holding?: number;
  /** Step of what devices are given at which it broke. */
  readonly given?: number;
  /** Operation of the run's log at which it broke. */
  readonly operation?: number;
}
