import { Granularity } from '../../hw/vtd/queuedInvalidation.ts';
import { alignedPages, type CommandEffect, type EffectOf } from './effect.ts';

/*
 * Source: Intel VT-d, "Queued Invalidation Interface": what each granularity of a descriptor promises.
 * Kernel: drivers/iommu/intel/dmar.c:qi_flush_iotlb(), qi_flush_piotlb(), qi_submit_sync().
 */

/** What a descriptor of the invalidation queue does. */
export const vtdEffect: EffectOf = ({ name, values }) => {
  const { granularity = 0, did: id = 0, page = 0, am = 0, ih = 0, sid: requester = 0 } = values;
  const iotlb = { kind: 'invalidates', target: 'iotlb', nonLeaf: true, range: undefined } as const;
  switch (name) {
    case 'IOTLB invalidation':
      if (granularity === Granularity.global) return { ...iotlb, whose: 'all' };
      if (granularity === Granularity.domain) return { ...iotlb, whose: { id } };
      if (granularity !== Granularity.page) return reserved(granularity);
      // Only what a second stage took part in: its addresses are those of that stage.
      return { ...iotlb, whose: { id, stage: 'second' }, range: alignedPages(page, am), nonLeaf: ih === 0 }; // prettier-ignore
    case 'PASID-IOTLB invalidation':
      if (granularity === Granularity.pasid) return { ...iotlb, whose: { id, stage: 'first' } };
      if (granularity !== Granularity.pasidPage) return reserved(granularity);
      return { ...iotlb, whose: { id, stage: 'first' }, range: alignedPages(page, am), nonLeaf: ih === 0 }; // prettier-ignore
    case 'context-cache invalidation': {
      const whose = granularity === Granularity.page ? { requester } : 'all';
      return { ...iotlb, target: 'context', whose };
    }
    case 'PASID-cache invalidation':
      return { ...iotlb, target: 'context', whose: 'all' };
    case 'device-TLB invalidation':
    case 'PASID-device-TLB invalidation': {
      const range = deviceRange(page, values['s'] ?? 0);
      return { ...iotlb, target: 'atc', whose: { requester }, range };
    }
    case 'invalidation wait':
      return { kind: 'waits' };
    default:
      return { kind: 'other' };
  }
};

function reserved(granularity: number): CommandEffect {
  return { kind: 'illegal', why: `granularity ${granularity} is reserved` };
}

/** With S the lowest zero bit of the address gives the size. Source: PCI Express, "Invalidate Request". */
function deviceRange(page: number, s: number): { readonly first: number; readonly last: number } {
  if (s === 0) return { first: page, last: page };
  let lg2 = 1;
  for (let rest = page; rest % 2 === 1 && lg2 < 52; rest = (rest - 1) / 2) lg2++;
  return alignedPages(page, lg2);
}
