import { defineChecker, type Checker } from '../checker.ts';
import { acquiredHere, argument } from '../wording.ts';

/** iommu_map() over a mapping that is still there. */
export const iommuMapOverlap: Checker = defineChecker(
  {
    id: 'iommu-map-overlap',
    summary: 'An IOVA is unmapped before it is mapped again: iommu_map() never replaces.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['overlaps'],
    messages: {
      again: 'maps {iova} again, still mapped by {L}: the call fails and {old} stays in force',
    },
    sources: [
      { where: 'drivers/iommu/generic_pt/iommu_pt.h', what: '__map_range_leaf(): -EADDRINUSE' },
      {
        where: 'drivers/iommu/io-pgtable-arm.c',
        what: 'arm_lpae_init_pte(): -EEXIST, unmap first',
      },
    ],
    falsePositives: [],
    limits: [
      'Two ranges that overlap only in part, and two aliases of one domain, are not compared.',
    ],
    page: {
      what: 'Reports a second iommu_map() of an IOVA that the same path mapped and did not unmap.',
      why: 'iommu_map() never replaces. Over a live entry generic_pt returns -EADDRINUSE, io-pgtable-arm -EEXIST with a warning, and the old address and permissions stay. Unmap (which syncs the IOTLB) and map again.',
      example: `
ret = iommu_map(dom, q->iova, q->phys, SZ_4K, IOMMU_READ, GFP_KERNEL);
...
ret = iommu_map(dom, q->iova, q->phys, SZ_4K, IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);`,
      instead: `
if (iommu_unmap(dom, q->iova, SZ_4K) != SZ_4K)
	return -EIO;
ret = iommu_map(dom, q->iova, q->phys, SZ_4K, IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);`,
    },
  },
  ({ overlaps }, report) => {
    for (const { first, second, steps } of overlaps) {
      const iova = argument(second, 'iova');
      if (!iova) continue;
      const prot = argument(first.acquire, 'prot');
      const paddr = argument(first.acquire, 'paddr');
      const old = prot && prot.text !== argument(second, 'prot')?.text ? prot : paddr;
      report({
        message: 'again',
        values: { iova, L: first.acquire.place, old: old ?? 'the old mapping' },
        at: iova.place,
        steps,
        related: [acquiredHere(first)],
      });
    }
  },
);
