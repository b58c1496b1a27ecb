import type { CcState } from './world.ts';

/** Pages that are recorded as somebody's, at one size. */
export interface OwnedPages {
  /** Page numbers, ends inclusive. */
  readonly first: number;
  readonly last: number;
  /** `RMP: guest 1, validated`, `GPT: realm`, `pKVM: hyp`. */
  readonly owner: string;
  /** Size of the record, as log2 of bytes; undefined where there is one per page and nothing depends on it. */
  readonly sizeLg2: number | undefined;
}

const PAGE_LG2 = 12;
const LARGE_LG2 = 21;

/** Whose pages are, where confidential computing records it: for pictures. */
export function ownerView({ rmp, gpt, pkvm }: CcState): readonly OwnedPages[] {
  const found: OwnedPages[] = [];
  for (const [pfn, { assigned, asid, size, validated, immutable }] of rmp.entries) {
    if (!assigned) continue;
    const sizeLg2 = size === '2M' ? LARGE_LG2 : PAGE_LG2;
    const whose = asid === 0 ? 'firmware' : `guest ${asid}`;
    const states = [validated ? ', validated' : '', immutable ? ', immutable' : ''].join('');
    const last = pfn + 2 ** (sizeLg2 - PAGE_LG2) - 1;
    found.push({ first: pfn, last, owner: `RMP: ${whose}${states}`, sizeLg2 });
  }
  for (const [pfn, pas] of gpt.granules) {
    found.push({ first: pfn, last: pfn, owner: `GPT: ${pas}`, sizeLg2: undefined });
  }
  for (const [pfn, owner] of pkvm.owners) {
    const whose = typeof owner === 'string' ? owner : `guest ${owner.vm}`;
    found.push({ first: pfn, last: pfn, owner: `pKVM: ${whose}`, sizeLg2: undefined });
  }
  return joined(found.sort((a, b) => a.first - b.first));
}

/** Neighbours that are recorded alike are one. */
function joined(pages: readonly OwnedPages[]): readonly OwnedPages[] {
  const spans: OwnedPages[] = [];
  for (const page of pages) {
    const before = spans.at(-1);
    const goesOn =
      before?.owner === page.owner &&
      before.sizeLg2 === page.sizeLg2 &&
      before.last + 1 === page.first;
    if (goesOn) spans[spans.length - 1] = { ...before, last: page.last };
    else spans.push(page);
  }
  return spans;
}
