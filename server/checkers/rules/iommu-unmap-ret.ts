import { defineChecker, type Checker } from '../checker.ts';
import { argument } from '../wording.ts';

/** The byte count of iommu_unmap() taken for an errno, or not looked at before memory goes back. */
export const iommuUnmapRet: Checker = defineChecker(
  {
    id: 'iommu-unmap-ret',
    summary: 'iommu_unmap() returns the bytes it removed: never negative, and 0 is the failure.',
    severity: 'warning',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['calls', 'checks', 'pagesBack'],
    messages: {
      negative: 'tests {fn}() for < 0, but it returns size_t bytes: the test is never true',
      zero: 'takes 0 from {fn}() for success: 0 bytes were removed and {p} stays mapped',
      back: '{does} {p}, but nothing compares {fn}() of {L} with {size}: the rest stays mapped',
    },
    sources: [
      { where: 'drivers/iommu/iommu.c', what: 'iommu_unmap(): number of bytes of IOVA unmapped' },
      { where: 'drivers/iommu/iommufd/pages.c', what: 'iommu_unmap_nofail()' },
    ],
    falsePositives: [],
    limits: [
      'Pages that are given back through another name than the unmap knows them by are not connected with it.',
      'A helper that unmaps and drops the count is told for itself, not for its callers.',
    ],
    page: {
      what: 'Reports the result of iommu_unmap() or iommu_unmap_fast() tested for a negative value or taken for an errno, and pages that are given back on a path without an error after an unmap whose result nothing uses.',
      why: 'The result is a byte count, so it is never negative, and 0 is the failure. On an unwind path nobody needs it. It decides when memory is handed back afterwards: first know that all of it was removed.',
      example: `
ret = iommu_unmap(q->domain, q->iova, q->size);
if (ret < 0)
	return ret;`,
      instead: `
if (WARN_ON(iommu_unmap(q->domain, q->iova, q->size) != q->size))
	return -EIO;`,
    },
  },
  ({ calls, checks, pagesBack }, report) => {
    for (const { function: fn, kind, call, place, ends } of checks) {
      if (!/^iommu_unmap(_fast)?$/.test(fn)) continue;
      const related = [{ place: call, message: 'bytes removed are known here' }];
      if (kind === 'negative') report({ message: 'negative', values: { fn }, at: place, related });
      if (kind !== 'zero' || ends?.zero !== 'success' || ends.bytes !== 'error') continue;
      const unmap = calls.find((one) => one.place.span.start === call.span.start && one.function === fn); // prettier-ignore
      const p = unmap && argument(unmap, 'iova');
      if (p) report({ message: 'zero', values: { fn, p }, at: place, related });
    }
    for (const { unmap, freeName, free, memory, steps } of pagesBack) {
      const size = argument(unmap, 'size');
      if (!size) continue;
      const does = /unpin|put_page/.test(freeName) ? 'unpins' : 'frees';
      report({
        message: 'back',
        values: { does, p: { text: memory }, fn: unmap.function, L: unmap.place, size },
        at: free,
        related: [{ place: unmap.callee, message: 'bytes removed are known here' }],
        steps,
      });
    }
  },
);
