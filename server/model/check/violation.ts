import { formatAddr } from '../bits/pfn.ts';
import type { Stale } from '../hw/common/staleSet.ts';
import type { World } from '../world/world.ts';

/** The invariants of the model, by their ids. */
export const INVARIANTS = {
  'I-REACH-1': 'After unmap and sync no cache reaches an IOVA that is not mapped.',
  'I-REACH-2': 'A page that was given back has no live entry and no cached one.',
  'I-LIFE-1': 'A freed table page is reachable neither from a live context nor from a cache.',
  'I-LIFE-2': 'The invalidation before a table page is freed has the non-leaf form.',
  'I-LIFE-3': 'Page-table code stores only to pages that are tables.',
  'I-FMT-1': 'Every entry that hardware loads is valid.',
  'I-FMT-2': 'Software and hardware agree on what is present.',
  'I-FMT-3': 'A domain uses only features that the release build supports.',
  'I-COH-1':
    'When a map returns, an incoherent walker sees all of it, and no cache says that nothing is there.',
  'I-COH-2': 'A table page is flushed before its pointer is stored.',
  'I-COH-3': 'The line that unlinked a table is flushed before the table is freed.',
  'I-BBM-1':
    'A live Arm range changes size, address or contiguity only through an invalid entry and a completed TLBI, unless every observer has BBML 2.',
  'I-BBM-2': 'No live Arm entry overlaps a cached one of another size.',
  'I-GATH-1': 'A gather covers all of the IOVAs that changed, and starts before it ends.',
  'I-DIRTY-1': 'A page that a device wrote to between two clears is in the bitmap.',
  'I-DIRTY-2': 'What is cleared as clean was recorded, and its range is in the gather.',
  'I-PAIR-1': 'iommu_unmap() removes exactly the bytes that were asked for.',
  'I-PAIR-2': 'The unmap path allocates nothing.',
  'I-TOP-1': 'The hardware learns of a new top before software uses it.',
  'I-CTX-1':
    'No torn context entry can be read as valid, and a valid one leads to the tables and has the number of its domain.',
  'I-CC-1': 'An untrusted device has no way to a private page.',
  'I-CC-2': 'With SME, RAM is mapped with the C-bit and MMIO without.',
  'I-RMP-1':
    'The last stage maps assigned pages at the size of their RMP entry, after rounding down.',
  'I-DMA-1':
    'In a confidential guest, what an untrusted device may reach is shared, and mapped as shared.',
  'I-PKVM-1': 'The stage 2 of an IOMMU holds only pages of the host.',
  'I-FAULT-1': 'Every page request is answered once, and none is open when its domain goes.',
} as const;

/** Id of an invariant. */
export type InvariantId = keyof typeof INVARIANTS;

/** A broken invariant. */
export interface Violation {
  readonly invariant: InvariantId;
  /** Physical page it is about, where it is about one. */
  readonly page?: number;
  /** IOVA pages it is about, ends inclusive. */
  readonly iova?: { readonly first: number; readonly last: number };
  /** Table whose entries break it, where it stays broken for as long as they stand. */
  readonly space?: string;
  /** Sequence numbers of the two events that do not fit together. */
  readonly events: readonly [number, number];
  /** What is wrong, in one clause. */
  readonly what: string;
}

/** What one step of a scenario did and says of itself. */
export interface StepFacts {
  /** First event of the step. */
  readonly since: number;
  /** Leaves to look at: those in the spans that changed, or all, where what they lead to may have changed. */
  readonly scope: 'changed' | 'all';
  /** Stale entries that the step made. */
  readonly made: readonly Stale[];
  readonly claims: readonly Claim[];
}

/** Something that a step asserts by having returned. Pages are page numbers, ends inclusive. */
export type Claim =
  | {
      readonly kind: 'mapped';
      readonly space: string;
      readonly first: number;
      readonly last: number;
    }
  /** A map has returned, and whoever made it was to tell caches that remember what is not there. */
  | {
      readonly kind: 'map-told';
      readonly space: string;
      readonly first: number;
      readonly last: number;
    }
  | {
      readonly kind: 'unmapped';
      readonly space: string;
      readonly first: number;
      /** Pages that were asked for, and that were removed. */
      readonly asked: number;
      readonly removed: number;
      /** What the gather holds; undefined when it was flushed and emptied, or is queued. */
      readonly gathered: { readonly first: number; readonly last: number } | undefined;
    }
  /**
   * The flush has completed: nothing cached may reach what is not mapped, in a stretch where one is named. `why`: what
   * says that it has to be.
   */
  | {
      readonly kind: 'flushed';
      readonly space: string;
      readonly range?: { readonly first: number; readonly last: number };
      readonly why?: string;
    }
  | {
      readonly kind: 'released';
      readonly first: number;
      readonly last: number;
      readonly how: string;
    }
  | {
      readonly kind: 'dirty-read';
      readonly space: string;
      readonly first: number;
      readonly last: number;
      readonly recorded: ReadonlySet<number>;
      readonly cleared: ReadonlySet<number>;
      readonly gathered: { readonly first: number; readonly last: number } | undefined;
    }
  | { readonly kind: 'domain-freed'; readonly space: string }
  /** A device was attached to its domain or blocked, and nothing of before is left. */
  | { readonly kind: 'context'; readonly device: string; readonly is: 'attached' | 'blocked' }
  /** Software was asked whether it translates an IOVA, and said so. */
  | {
      readonly kind: 'looked-up';
      readonly space: string;
      readonly page: number;
      readonly translated: boolean;
    }
  | {
      readonly kind: 'torn';
      /** What the mixture looked like, for the message. */
      readonly what: string;
    }
  | { readonly kind: 'dma-mapped'; readonly problem: string }
  | { readonly kind: 'unsupported-feature'; readonly what: string };

/** Checks one family of invariants after a step. Reads the world and changes nothing. */
export type Check = (world: World, step: StepFacts) => readonly Violation[];

/** Those of the violations before a step that its changes did not touch: with scope `changed` they still stand. */
export function standing(world: World, before: readonly Violation[]): readonly Violation[] {
  return before.filter(({ space, iova }) => {
    if (space === undefined || iova === undefined) return false;
    const spans = world.changed.get(space) ?? [];
    return !spans.some((span) => span.first <= iova.last && span.last >= iova.first);
  });
}

/** A page number as the address that messages print. */
export function pageText(pfn: number): string {
  return formatAddr({ pfn, offset: 0 });
}

/** A range of pages as messages print it. */
export function rangeText(first: number, last: number): string {
  return `${pageText(first)}-${formatAddr({ pfn: last, offset: 4095 })}`;
}
