import type { Knob } from './knob.ts';

/*
 * SNP's reverse map table: who owns each page, and at which size.
 * Source: AMD64 Architecture Programmer's Manual, volume 2, "Secure Nested Paging"; seed 000 (Kardashevskiy) for what an
 * IOMMU does with it. Kernel: arch/x86/virt/svm/sev.c, struct rmpentry.
 */

/** Page sizes that the table knows. */
export type RmpSize = '4K' | '2M';

/** One entry. */
export interface RmpEntry {
  readonly assigned: boolean;
  /** Guest that the page is assigned to; 0 for firmware pages. */
  readonly asid: number;
  /** Guest page number. */
  readonly gpaPfn: number;
  readonly size: RmpSize;
  readonly immutable: boolean;
  readonly validated: boolean;
}

/** The table: entries of assigned pages by page number. */
export interface Rmp {
  readonly entries: Map<number, RmpEntry>;
}

/** What the architecture or the thread leaves open about the check of DMA. */
export interface RmpPolicy {
  /** Are DMA reads checked, or only writes? */
  readonly checkReads: Knob;
  /** Is the size compared for pages that are not assigned? Default of the model: no. */
  readonly unassignedSizeCheck: Knob;
  /** Does a single-stage first-stage table have to match in size? Asked in seed 000, not answered there. */
  readonly singleStageS1: Knob;
}

/** The policy before anybody sets a knob. */
export const DEFAULT_RMP_POLICY: RmpPolicy = {
  checkReads: 'unknown',
  unassignedSizeCheck: 'no',
  singleStageS1: 'unknown',
};

/** Pages of a 2 MiB entry. */
export const PAGES_PER_2M = 512;
const LG2_OF_2M = 21;

/** The page of 2 MiB that a page is in. */
function aligned(pfn: number): number {
  return pfn - (pfn % PAGES_PER_2M);
}

/** Size that a translation of 2^lg2 bytes is checked at: rounded down to one that the table knows. */
export function roundedSize(lg2: number): RmpSize {
  return lg2 >= LG2_OF_2M ? '2M' : '4K';
}

/** The authoritative entry of a page: that of its 2 MiB page if it is of that size. Undefined: not assigned. */
export function rmpLookup(rmp: Rmp, pfn: number): RmpEntry | undefined {
  const large = rmp.entries.get(aligned(pfn));
  return large?.size === '2M' ? large : rmp.entries.get(pfn);
}

/** Result of an instruction that changes the table. */
export type RmpResult = 'ok' | 'fail-input' | 'fail-overlap' | 'fail-inuse';

/**
 * RMPUPDATE: changes one entry.
 * Gives `fail-overlap` when a 4 KiB update hits a 2 MiB entry or a 2 MiB update covers 4 KiB entries; the kernel retries
 * that. Kernel: rmpupdate().
 */
export function rmpupdate(rmp: Rmp, pfn: number, next: RmpEntry): RmpResult {
  if (next.size === '2M' && pfn % PAGES_PER_2M !== 0) return 'fail-input';
  const large = rmp.entries.get(aligned(pfn));
  if (next.size === '4K' && large?.size === '2M') return 'fail-overlap';
  if (next.size === '2M') {
    for (let n = 1; n < PAGES_PER_2M; n++) {
      if (rmp.entries.has(pfn + n)) return 'fail-overlap';
    }
  }
  if (rmp.entries.get(pfn)?.immutable === true && next.assigned) return 'fail-inuse';
  if (next.assigned) rmp.entries.set(pfn, next);
  else rmp.entries.delete(pfn);
  return 'ok';
}

/** PSMASH: splits a 2 MiB entry into 512 of 4 KiB that keep owner and validation. Kernel: psmash(). */
export function psmash(rmp: Rmp, pfn: number): RmpResult {
  const large = rmp.entries.get(pfn);
  if (pfn % PAGES_PER_2M !== 0 || large?.size !== '2M') return 'fail-input';
  for (let n = 0; n < PAGES_PER_2M; n++) {
    rmp.entries.set(pfn + n, { ...large, size: '4K', gpaPfn: large.gpaPfn + n });
  }
  return 'ok';
}

/** What the IOMMU asks the table about. */
export interface RmpAccess {
  readonly pfn: number;
  /** log2 of the leaf of the last stage. */
  readonly leafLg2: number;
  /** Whether that leaf is one of a single first stage, nested in nothing. */
  readonly singleStageS1: boolean;
  readonly access: 'read' | 'write';
  /** Guest that the device is trusted by; undefined for an untrusted device (T=0). */
  readonly trustedBy: number | undefined;
}

/** Outcome of the check. There is no second try with 4 KiB after a 2 MiB check that failed. */
export type RmpVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'fault'; readonly because: 'owner' | 'size'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

const PASS: RmpVerdict = { kind: 'pass' };

/** Checks a DMA against the table. Source: seed 000, and MODEL's note that the rule is equality after rounding down. */
export function rmpCheck(rmp: Rmp, access: RmpAccess, policy: RmpPolicy): RmpVerdict {
  const entry = rmpLookup(rmp, access.pfn);
  if (access.access === 'read' && policy.checkReads !== 'yes') {
    if (policy.checkReads === 'no' || entry === undefined) return PASS;
    return {
      kind: 'unknown',
      why: 'whether DMA reads are checked against the RMP is not said in seed 000 or the public manual (knob checkReads)',
    };
  }
  const size = roundedSize(access.leafLg2);
  if (entry === undefined) {
    if (policy.unassignedSizeCheck === 'no' || size === '4K') return PASS;
    return policy.unassignedSizeCheck === 'unknown'
      ? {
          kind: 'unknown',
          why: 'whether the size of pages that are not assigned is checked is not said in seed 000 (knob unassignedSizeCheck)',
        }
      : { kind: 'fault', because: 'size', why: `a ${size} access to pages that are not assigned` };
  }
  if (entry.asid !== access.trustedBy) {
    return { kind: 'fault', because: 'owner', why: `the page is assigned to guest ${entry.asid}` };
  }
  if (entry.size === size) return PASS;
  if (access.singleStageS1 && policy.singleStageS1 !== 'yes') {
    return policy.singleStageS1 === 'no'
      ? PASS
      : {
          kind: 'unknown',
          why: 'whether a single first stage has to match the RMP was asked in seed 000 and not answered (knob singleStageS1)',
        };
  }
  return {
    kind: 'fault',
    because: 'size',
    why: `the leaf is checked at ${size}, the RMP entry is ${entry.size}; 4K is not tried after 2M`,
  };
}
