import { defineChecker, type Checker } from '../checker.ts';
import type { CallFact, Value } from '../../flow/facts.ts';
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
      'Where some path brings access to the call, a path without any is not reported: that its conditions can meet is not known.',
    ],
    holdsInPart: true,
    page: {
      what: 'Reports a map call whose prot is known in full, and names no access on any path.',
      why: 'Access is what makes an entry present: VT-d second stage has no present bit at all, R and W are it. Every format refuses a mapping with neither.',
      example: 'ret = iommu_map(dom, q->iova, q->phys, SZ_4K, IOMMU_CACHE, GFP_KERNEL);',
      instead:
        'ret = iommu_map(dom, q->iova, q->phys, SZ_4K, IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE, GFP_KERNEL);',
    },
  },
  ({ calls }, report) => {
    const isEmpty = new Map<string, boolean>();
    for (const call of calls) {
      const prot = argument(call, 'prot');
      if (prot === undefined) continue;
      const key = placeKey(call);
      isEmpty.set(key, namesNoAccess(prot) && isEmpty.get(key) !== false);
    }
    for (const call of calls) {
      if (!/^iommu_map(_sg|_sgtable|_nosync)?$/.test(call.function)) continue;
      const prot = argument(call, 'prot');
      const iova = argument(call, 'iova');
      // Flags that are added one by one under conditions: that none of them holds, nobody said.
      if (!prot || !iova || isEmpty.get(placeKey(call)) !== true) continue;
      report({ message: 'none', values: { iova, prot }, at: prot.place, steps: call.steps });
    }
  },
);

function placeKey({ place }: CallFact): string {
  return `${place.file} ${place.function} ${place.span.start}`;
}

/** Known in full, and neither read nor write. */
function namesNoAccess({ flags, constant }: Value): boolean {
  if (!flags.complete) return false;
  if (flags.names.some((name) => name === 'IOMMU_READ' || name === 'IOMMU_WRITE')) return false;
  return flags.names.length > 0 || constant === 0;
}
