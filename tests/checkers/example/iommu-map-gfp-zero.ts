import { defineChecker, type Checker } from '../../../server/checkers/checker.ts';
import { argument, replaceBy } from '../../../server/checkers/wording.ts';

/** A gfp of 0 given to iommu_map(): neither GFP_KERNEL nor GFP_ATOMIC. */
export const iommuMapGfpZero: Checker = defineChecker(
  {
    id: 'iommu-map-gfp-zero',
    summary: 'iommu_map() gets GFP_KERNEL, or GFP_ATOMIC where it must not sleep.',
    severity: 'warning',
    confidence: 'high',
    maturity: 'preview',
    since: '0.1.0',
    needs: ['calls'],
    messages: {
      zero: 'passes {gfp} as gfp to {fn}(): table pages come from neither GFP_KERNEL nor GFP_ATOMIC',
    },
    sources: [{ where: 'drivers/iommu/iommu.c', what: 'iommu_map(): gfp of the page tables' }],
    falsePositives: [],
    limits: ['A gfp that is 0 on some paths only is not looked for.'],
    page: {
      what: 'Reports a map call whose gfp is the constant 0.',
      why: 'With 0 the allocator may neither sleep nor use its reserves, so the map fails under pressure.',
      example: 'ret = iommu_map(dom, iova, phys, size, IOMMU_READ, 0);',
      instead: 'ret = iommu_map(dom, iova, phys, size, IOMMU_READ, GFP_KERNEL);',
    },
  },
  ({ calls }, report) => {
    for (const call of calls) {
      const gfp = argument(call, 'gfp');
      if (call.function !== 'iommu_map' || gfp?.constant !== 0) continue;
      report({
        message: 'zero',
        values: { gfp, fn: call.function },
        at: gfp.place,
        fixes: [replaceBy('Use GFP_KERNEL', gfp.place, 'GFP_KERNEL')],
      });
    }
  },
);
