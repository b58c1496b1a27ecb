import { defineChecker, type Checker } from '../checker.ts';
import { argument } from '../wording.ts';

/** iommu_map() whose result nobody looks at. */
export const iommuMapRetUnchecked: Checker = defineChecker(
  {
    id: 'iommu-map-ret-unchecked',
    summary: 'The result of iommu_map() is looked at before the device gets the IOVA.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['calls', 'unchecked'],
    messages: {
      dropped:
        'drops the result of {fn}(): on failure nothing is mapped at {iova} and its DMA faults',
      overwritten:
        'overwrites the result of {fn}() of {L} unread: on failure nothing is mapped at {iova}',
    },
    sources: [
      { where: 'drivers/iommu/iommu.c', what: 'iommu_map(), iommu_map_nosync()' },
      {
        where: 'drivers/iommu/generic_pt/iommu_pt.h',
        what: 'map_range(): -ENOMEM, -ERANGE, -EADDRINUSE, -ENXIO',
      },
    ],
    falsePositives: [],
    limits: ['A result that is kept and never read is reported only where it is overwritten.'],
    page: {
      what: 'Reports a call of iommu_map(), iommu_map_sg() or iommu_map_sgtable() whose result is dropped or overwritten before anything reads it.',
      why: 'iommu_map() fails for want of table memory, for misalignment, an address that is too wide or an IOVA in use, and then nothing of the range is mapped. The first DMA to it faults, long after the cause.',
      example: `
iommu_map(fw->domain, fw->iova, fw->phys, fw->size, IOMMU_READ, GFP_KERNEL);
writel(fw->iova, fw->base + FW_ADDR);`,
      instead: `
ret = iommu_map(fw->domain, fw->iova, fw->phys, fw->size, IOMMU_READ, GFP_KERNEL);
if (ret)
	return ret;
writel(fw->iova, fw->base + FW_ADDR);`,
    },
  },
  ({ calls, unchecked }, report) => {
    for (const call of calls) {
      if (!/^iommu_map(_sg|_sgtable|_nosync)?$/.test(call.function) || !call.resultDropped)
        continue;
      const iova = argument(call, 'iova');
      if (!iova) continue;
      report({ message: 'dropped', values: { fn: call.function, iova }, at: call.callee });
    }
    for (const { resource, at, why, steps } of unchecked) {
      if (resource.family !== 'iommu-map' || why !== 'overwritten') continue;
      const iova = argument(resource.acquire, 'iova');
      if (!iova || resource.acquire.resultDropped) continue;
      report({
        message: 'overwritten',
        values: { fn: resource.acquire.function, L: resource.acquire.place, iova },
        at,
        steps,
        related: [{ place: resource.acquire.callee, message: 'result comes from here' }],
      });
    }
  },
);
