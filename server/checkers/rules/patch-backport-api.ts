import { definePatchChecker, type PatchChecker } from '../patchChecker.ts';

/** An interface of another release. */
export const patchBackportApi: PatchChecker = definePatchChecker(
  {
    id: 'patch-backport-api',
    summary: 'A patch uses the interfaces as the tree that it applies to has them.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    messages: {
      absent: 'uses {name}, which {kernel} does not have{since}: it does not compile on this tree',
      arguments:
        'passes {given} to {name}(), but that of {kernel} takes {has}: it does not compile on this tree',
    },
    sources: [
      { where: 'include/linux/iommu.h', what: 'compared in 6.1, 6.12, 7.2 and 7.3' },
      { where: 'include/linux/dma-mapping.h', what: 'compared in 6.1, 6.12, 7.2 and 7.3' },
    ],
    falsePositives: [],
    limits: [
      'Only interfaces with a contract are known by release.',
      'A compatibility macro in a header that iovet does not look into is not seen.',
    ],
    page: {
      what: 'Reports an added call of an interface, or an added flag, that the release of the tree does not have, and a number of arguments that belongs to another release.',
      why: 'Most backports are cherry-picks, and the interfaces moved: iommu_map() got its gfp argument between 6.1 and 6.12, iommu_paging_domain_alloc() and its ERR_PTR came later than iommu_domain_alloc(), dma_map_phys() is of 7.x.',
      example: `
/* on 6.1 */
ret = iommu_map(dom, iova, phys, SZ_4K, IOMMU_READ, GFP_KERNEL);`,
      instead: `
/* on 6.1: the gfp is always GFP_KERNEL; atomic callers have iommu_map_atomic() */
ret = iommu_map(dom, iova, phys, SZ_4K, IOMMU_READ);`,
    },
  },
  ({ foreignUses, kernel }, report) => {
    for (const { name, place, since: first, why } of foreignUses) {
      const since = first === undefined ? '' : ` (${first} does)`;
      if (why.kind === 'absent') {
        report({ message: 'absent', values: { name: { text: name }, kernel, since }, at: place });
      } else {
        const values = {
          name: { text: name },
          kernel,

          given: `${why.given} argument${why.given === 1 ? '' : 's'}`,
          has: String(why.has),
        };
        report({ message: 'arguments', values, at: place });
      }
    }
  },
);
