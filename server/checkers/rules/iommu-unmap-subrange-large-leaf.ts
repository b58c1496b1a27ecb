import { defineChecker, type Checker } from '../checker.ts';
import { acquiredHere } from '../wording.ts';

/** An unmap that starts inside one mapping. */
export const iommuUnmapSubrangeLargeLeaf: Checker = defineChecker(
  {
    id: 'iommu-unmap-subrange-large-leaf',
    summary: 'An unmap starts where a mapping starts, never inside one.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['pairings'],
    messages: {
      inside: 'unmaps {u} at {iova}, inside the {m} of {L}: 7.x removes nothing and returns 0',
      insideOld: 'unmaps {u} at {iova}, inside the {m} of {L}: only Arm splits it in {kernel}',
    },
    sources: [
      {
        where: 'drivers/iommu/generic_pt/iommu_pt.h',
        what: '__unmap_range(): a start inside a leaf is -EINVAL',
      },
      {
        where: 'drivers/iommu/io-pgtable-arm.c',
        what: '__arm_lpae_unmap(): part of a leaf is refused in 7.x',
      },
    ],
    falsePositives: [],
    limits: ['An offset that is not known to be other than 0 on the path is not reported.'],
    page: {
      what: 'Reports iommu_unmap() of a part of one mapping that does not begin at its start.',
      why: 'An unmap that starts inside a leaf is refused: generic_pt returns 0, and 0 does not mean that nothing was mapped. If single pages must go away later, map page by page, or unmap the whole range, sync, and map the two remainders while the device is quiet.',
      example: `
ret = iommu_map(win->domain, win->iova, win->phys, SZ_2M, prot, GFP_KERNEL);
...
iommu_unmap(win->domain, win->iova + SZ_64K, SZ_4K);`,
      instead: `
for (off = 0; off < SZ_2M; off += SZ_4K)
	ret = iommu_map(win->domain, win->iova + off, win->phys + off, SZ_4K, prot, GFP_KERNEL);
...
iommu_unmap(win->domain, win->iova + SZ_64K, SZ_4K);`,
    },
  },
  ({ pairings }, report, { kernel }) => {
    for (const { resource, kind, pairs, releasedPerTurn, steps } of pairings) {
      if (resource.family !== 'iommu-map' || kind !== 'release') continue;
      if (resource.inLoop || releasedPerTurn) continue;
      const size = pairs.find(({ role }) => role === 'size');
      const iova = pairs.find(({ role }) => role === 'iova');
      if (size?.relation !== 'different' || iova?.relation !== 'different') continue;
      const values = {
        u: size.released,
        iova: iova.released,
        m: size.acquired,
        L: resource.acquire.place,
      };
      const common = { at: iova.released.place, related: [acquiredHere(resource)], steps };
      if (kernel.startsWith('6.')) {
        report({ ...common, message: 'insideOld', values: { ...values, kernel } });
      } else {
        report({ ...common, message: 'inside', values });
      }
    }
  },
);
