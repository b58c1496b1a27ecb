import type { QueueRecord } from '../../hw/common/record.ts';
import type { PageRange } from '../rangeCoding.ts';

/** Whose entries an invalidation means: all, those of spaces with a number, or those of a device. */
export type Whose =
  | 'all'
  /** Those of other translation regimes than the ones here. */
  | 'none'
  | {
      /** DomID, DID, ASID or VMID, PSCID or GSCID. */
      readonly id: number;
      /** Only spaces that are used as this stage; absent: both. */
      readonly stage?: 'first' | 'second';
    }
  | { readonly stage: 'first' | 'second'; readonly id?: undefined }
  | { readonly requester: number };

/** What a command that an IOMMU took from its queue does, as far as caches are concerned. */
export type CommandEffect =
  | {
      readonly kind: 'invalidates';
      /** `iommu`: all that the IOMMU itself holds. */
      readonly target: 'iotlb' | 'atc' | 'context' | 'iommu';
      readonly whose: Whose;
      /** IOVA pages that are promised to go; undefined: all. */
      readonly range: PageRange | undefined;
      /** Pointers to tables go, too. */
      readonly nonLeaf: boolean;
      /** An entry goes by any address in it; absent: only those that the range holds wholly. */
      readonly reach?: 'any address';
      /** Only leaves of this level are promised to go, and tables above it. */
      readonly leafLevel?: number;
    }
  /** Those before it have taken effect when it is done. */
  | { readonly kind: 'waits' }
  /** Something else: interrupts, page requests. */
  | { readonly kind: 'other' }
  /** The IOMMU stops there. `why`: a clause. */
  | { readonly kind: 'illegal'; readonly why: string };

/** What a decoded command of an architecture does. */
export type EffectOf = (command: QueueRecord) => CommandEffect;

/** `2^lg2` pages around one, naturally aligned. */
export function alignedPages(page: number, lg2: number): PageRange {
  const pages = 2 ** lg2;
  const first = page - (page % pages);
  return { first, last: first + pages - 1 };
}
