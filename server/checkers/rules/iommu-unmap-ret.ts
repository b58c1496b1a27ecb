import { defineChecker, type Checker } from '../checker.ts';

/** The byte count of iommu_unmap() taken for an errno. */
export const iommuUnmapRet: Checker = defineChecker(
  {
    id: 'iommu-unmap-ret',
    summary: 'iommu_unmap() returns the bytes it removed: never negative, and 0 is the failure.',
    severity: 'warning',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['checks', 'stores'],
    messages: {
      negative: 'tests {fn}() for < 0, but it returns size_t bytes: the test is never true',
    },
    sources: [
      { where: 'drivers/iommu/iommu.c', what: 'iommu_unmap(): number of bytes of IOVA unmapped' },
      { where: 'drivers/iommu/iommufd/pages.c', what: 'iommu_unmap_nofail()' },
    ],
    falsePositives: [],
    limits: [
      'Memory that is freed after an unmap whose result nobody compared is not reported yet.',
      'A test that takes 0 for success is not told from one that takes it for failure.',
    ],
    page: {
      what: 'Reports the result of iommu_unmap() or iommu_unmap_fast() tested for a negative value.',
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
  ({ checks }, report) => {
    for (const check of checks) {
      if (!/^iommu_unmap(_fast)?$/.test(check.function) || check.kind !== 'negative') continue;
      report({
        message: 'negative',
        values: { fn: check.function },
        at: check.place,
        related: [{ place: check.call, message: 'bytes removed are known here' }],
      });
    }
  },
);
