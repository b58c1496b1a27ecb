import { defineChecker, type Checker } from '../checker.ts';
import { argument } from '../wording.ts';

/** A mapping that lets the device neither read nor write. */
export const iommuProtEmpty: Checker = defineChecker(
  {
    id: 'iommu-prot-empty',
    summary: 'A mapping asks for IOMMU_READ, IOMMU_WRITE or both.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['calls'],
    messages: {
      none: 'maps {iova} with {prot}, neither IOMMU_READ nor IOMMU_WRITE: the call fails with -EINVAL',
    },
    sources: [
      {
        where: 'drivers/iommu/generic_pt/iommu_pt.h',
        what: 'map_range(): refuses prot without access',
      },
      { where: 'drivers/iommu/io-pgtable-arm.c', what: 'arm_lpae_map_pages()' },
      { where: 'drivers/iommu/generic_pt/fmt/vtdss.h', what: 'R and W are the only present bits' },
    ],
    falsePositives: [],
    limits: [
      'A prot value that comes from a firmware table or a parameter is unknown, and silent.',
    ],
    holdsInPart: true,
    page: {
      what: 'Reports a map call whose prot is known in full on the path, and names no access.',
      why: 'Access is what makes an entry present: VT-d second stage has no present bit at all, R and W are it. Every format refuses a mapping with neither.',
      example: 'ret = iommu_map(dom, q->iova, q->phys, SZ_4K, IOMMU_CACHE, GFP_KERNEL);',
      instead:
        'ret = iommu_map(dom, q->iova, q->phys, SZ_4K, IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE, GFP_KERNEL);',
    },
  },
  ({ calls }, report) => {
    for (const call of calls) {
      if (!/^iommu_map(_sg|_sgtable|_nosync)?$/.test(call.function)) continue;
      const prot = argument(call, 'prot');
      const iova = argument(call, 'iova');
      if (!prot || !iova || !prot.flags.complete) continue;
      if (prot.flags.names.some((name) => name === 'IOMMU_READ' || name === 'IOMMU_WRITE'))
        continue;
      if (prot.flags.names.length === 0 && prot.constant !== 0) continue;
      report({ message: 'none', values: { iova, prot }, at: prot.place, steps: call.steps });
    }
  },
);
