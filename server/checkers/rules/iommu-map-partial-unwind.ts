import type { CallFact } from '../../flow/facts.ts';
import { defineChecker, type Checker } from '../checker.ts';
import { argument, endingWith, leaveByLabel, leavingBy } from '../wording.ts';

/** A loop of iommu_map() that fails half way and leaves the first half mapped. */
export const iommuMapPartialUnwind: Checker = defineChecker(
  {
    id: 'iommu-map-partial-unwind',
    summary: 'A loop of iommu_map() that fails unmaps what its earlier turns mapped.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['leaks', 'calls'],
    messages: {
      returns: 'returns {ret} from the loop at {L}, but the turns before it stay mapped at {iova}',
    },
    sources: [
      { where: 'drivers/iommu/iommu.c', what: 'iommu_map_sg(), out_err' },
      { where: 'drivers/iommu/iommufd/pages.c', what: 'batch_to_domain(), err_unmap' },
    ],
    falsePositives: [],
    limits: [
      'A caller in another file that unmaps the whole range after an error is not seen.',
      'A function that unmaps something after the loop is taken to unwind.',
    ],
    page: {
      what: 'Reports an error exit out of a loop of map calls while the mappings of earlier turns are still there.',
      why: 'One call maps all or nothing; a loop of calls does not. On failure unmap what the earlier turns mapped: one iommu_unmap() over their total is allowed, and is how iommu_map_sg() does it.',
      example: `
for (off = 0; off < buf->size; off += PAGE_SIZE) {
	ret = iommu_map(dom, buf->iova + off, buf->phys[off >> PAGE_SHIFT],
			PAGE_SIZE, prot, GFP_KERNEL);
	if (ret)
		return ret;
}`,
      instead: `
for (off = 0; off < buf->size; off += PAGE_SIZE) {
	ret = iommu_map(dom, buf->iova + off, buf->phys[off >> PAGE_SHIFT],
			PAGE_SIZE, prot, GFP_KERNEL);
	if (ret) {
		iommu_unmap(dom, buf->iova, off);
		return ret;
	}
}`,
    },
  },
  ({ leaks, calls }, report) => {
    for (const leak of leaks) {
      const { resource, outcome, ownership } = leak;
      if (resource.family !== 'iommu-map' || !resource.inLoop || !leak.earlierTurn) continue;
      if (outcome !== 'error' || ownership === 'overwritten') continue;
      if (resource.releasedSomewhere || unmapsLater(calls, resource.acquire)) continue;
      const iova = argument(resource.acquire, 'iova');
      if (!iova) continue;
      const way = leavingBy(leak.at, leak.atText);
      const L = resource.acquire.place;
      const common = {
        at: way.place,
        steps: endingWith(leak, 'the earlier turns are still mapped'),
        related: [{ place: resource.acquire.callee, message: 'earlier turns mapped here' }],
        fixes: leaveByLabel(leak),
        ...(ownership === 'field-callers-do-not-unwind' ? { confidence: 'low' as const } : {}),
      };
      const ret = way.text === '' ? 'early' : way;
      report({ ...common, message: 'returns', values: { ret, L, iova } });
    }
  },
);

/** True where the function unmaps something after the loop: which turns that covers, the paths do not say for certain. */
function unmapsLater(calls: readonly CallFact[], { place }: CallFact): boolean {
  return calls.some(
    (call) =>
      /^iommu_unmap(_fast)?$/.test(call.function) &&
      call.place.function === place.function &&
      call.place.span.start > place.span.start,
  );
}
