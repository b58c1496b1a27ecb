import type { PairingFact } from '../../flow/facts.ts';
import { defineChecker, type Checker } from '../checker.ts';
import { acquiredHere, order } from '../wording.ts';

const pageSize = 4096;

/** iommu_unmap() of another range than iommu_map() made. */
export const iommuMapUnmapSize: Checker = defineChecker(
  {
    id: 'iommu-map-unmap-size',
    summary:
      'iommu_unmap() removes whole mappings: what one iommu_map() call made goes in one piece.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['pairings'],
    messages: {
      part: 'unmaps {u} of the {m} that {L} mapped in one call: it goes whole or not at all',
      unaligned:
        'unmaps {u}, but {L} mapped {m}: io-pgtable refuses the odd size and all of it stays mapped',
      beyond: 'unmaps {u}, but {L} mapped only {m}: it also removes what is mapped behind it',
      loop: 'unmaps {step} per turn, but {L} mapped {m} in one call: it goes whole or not at all',
      place: 'unmaps at {a}, but {L} mapped at {b}: the mapping at {b} stays',
      other: 'unmaps {u}, but {L} mapped {m} in one call: a mapping goes whole or not at all',
    },
    sources: [
      { where: 'drivers/iommu/iommu.c', what: 'iommu_unmap(): cannot subdivide a mapping' },
      { where: 'include/linux/generic_pt/iommu.h', what: 'struct pt_iommu_ops, unmap_range' },
      { where: 'drivers/iommu/io-pgtable-arm.c', what: '__arm_lpae_unmap() of 7.x' },
    ],
    falsePositives: [],
    limits: [
      'Two functions are compared where they meet in a member of the same struct in one file, and where all functions of the file that fill it agree.',
      'Sizes that are not proven different on the path are taken as equal.',
    ],
    page: {
      what: 'Reports an unmap whose size or address is proven to differ from that of the one map call it belongs to, and a loop that unmaps in pieces what was mapped in one call. One unmap over several whole mappings is fine, and so is an unmap of a part whose result decides what else is unmapped.',
      why: 'One iommu_map() call makes one mapping, and the page table is free to store it as few large leaves. iommu_unmap() removes whole mappings: several neighbours at once are fine, part of one is not. Cut at its start, generic_pt (7.x) removes the whole leaf, which on AMD v1 can be 8 MiB, and returns that size; cut in the middle it removes nothing. io-pgtable-arm (7.x) warns and removes nothing in both cases; 6.1 and 6.12 split there. A size that is no multiple of the page size is refused with 0 by 6.1, 6.12 and io-pgtable, and rounded up by generic_pt. Store the size that was mapped, or unmap per page what was mapped per page.',
      example: `
ret = iommu_map(q->domain, q->iova, q->phys, q->ring_size, prot, GFP_KERNEL);
...
for (off = 0; off < q->ring_size; off += SZ_4K)
	iommu_unmap(q->domain, q->iova + off, SZ_4K);`,
      instead: `
ret = iommu_map(q->domain, q->iova, q->phys, q->ring_size, prot, GFP_KERNEL);
...
iommu_unmap(q->domain, q->iova, q->ring_size);`,
    },
  },
  ({ pairings }, report) => {
    for (const pairing of pairings) {
      const { resource, kind, aggregated, steps } = pairing;
      if (resource.family !== 'iommu-map' || kind !== 'release' || aggregated) continue;
      // A question to the page table: whoever goes by the answer has understood.
      if (pairing.answered) continue;
      if (/_sg/.test(resource.acquire.function)) continue;
      const size = pairing.pairs.find(({ role }) => role === 'size');
      const iova = pairing.pairs.find(({ role }) => role === 'iova');
      const L = resource.acquire.place;
      const common = { related: [acquiredHere(resource)], steps, ...sureness(pairing) };
      if (size?.relation === 'different') {
        const at = size.released.place;
        const u = size.released;
        const m = size.acquired;
        const odd = u.constant !== undefined && u.constant % pageSize !== 0;
        if (pairing.releasedPerTurn && !resource.inLoop) {
          report({ ...common, message: 'loop', values: { step: u, L, m }, at });
        } else if (resource.inLoop || pairing.releasedPerTurn || iova?.relation !== 'equal') {
          // A loop that maps pieces can be unmapped in larger ones; which, a pair of calls does not show.
          continue;
        } else if (odd) {
          report({ ...common, message: 'unaligned', values: { u, L, m }, at });
        } else {
          const message = { less: 'part', greater: 'beyond', none: 'other' } as const;
          report({
            ...common,
            message: message[order(u, m) ?? 'none'],
            values: { u, L, m },
            at,
          });
        }
      } else if (iova?.relation === 'different' && size?.relation === 'equal') {
        if (pairing.match !== 'exact' || resource.inLoop || pairing.releasedPerTurn) continue;
        report({
          ...common,
          message: 'place',
          values: { a: iova.released, L, b: iova.acquired },
          at: iova.released.place,
        });
      }
    }
  },
);

/** Two functions that meet in a field are compared on weaker ground than one path through one function. */
function sureness({ match }: PairingFact): { readonly confidence?: 'medium' } {
  return match === 'field' ? { confidence: 'medium' } : {};
}
