import { defineChecker, type Checker } from '../checker.ts';
import { argument, endingWith, leavingBy } from '../wording.ts';

/** A short iommu_map_sg() taken for a failure that left nothing mapped. */
export const iommuMapSgShort: Checker = defineChecker(
  {
    id: 'iommu-map-sg-short',
    summary: 'A path that gives up on a short iommu_map_sg() unmaps the bytes that were mapped.',
    severity: 'warning',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['leaks', 'checks'],
    messages: {
      short: 'fails on {test} without unmapping: what {fn}() of {L} mapped stays at {iova}',
      other: 'fails without unmapping: what {fn}() of {L} mapped stays at {iova}',
    },
    sources: [
      {
        where: 'drivers/iommu/iommu.c',
        what: 'iommu_map_sg(): entries with a bus address are skipped',
      },
      {
        where: 'drivers/accel/amdxdna/amdxdna_iommu.c',
        what: 'amdxdna_dma_map_bo(): unmaps on the short path',
      },
    ],
    falsePositives: [],
    limits: ['A caller in another file that unmaps after the error is not seen.'],
    page: {
      what: 'Reports an error exit after iommu_map_sg() or iommu_map_sgtable() mapped something, be it less than wanted, that leaves it mapped.',
      why: 'A short result is legal: entries with a peer-to-peer bus address are skipped. What was mapped stays mapped, so the path that gives up has to unmap the returned count; otherwise the next map at that IOVA fails as overlapping.',
      example: `
mapped = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, prot);
if (mapped < bo->size) {
	qcap_iova_free(bo->iova);
	return -ENOMEM;
}`,
      instead: `
mapped = iommu_map_sgtable(bo->domain, bo->iova, bo->sgt, prot);
if (mapped < 0 || mapped < bo->size) {
	if (mapped > 0)
		iommu_unmap(bo->domain, bo->iova, mapped);
	qcap_iova_free(bo->iova);
	return mapped < 0 ? mapped : -ENOMEM;
}`,
    },
  },
  ({ leaks, checks }, report) => {
    for (const leak of leaks) {
      const { resource, outcome, ownership, at, atText } = leak;
      const { acquire } = resource;
      if (!/^iommu_map_sg/.test(acquire.function) || outcome !== 'error') continue;
      // A later turn of a loop fails for other reasons, and the unwinding of earlier turns is elsewhere.
      if (ownership === 'overwritten' || resource.inLoop) continue;
      const iova = argument(acquire, 'iova');
      if (!iova) continue;
      const test = checks.find(
        (check) => check.resource === resource.id && check.kind === 'against-value',
      );
      const common = {
        at: leavingBy(at, atText).place,
        steps: endingWith(leak, 'what was mapped stays'),
        related: [{ place: acquire.callee, message: 'the bytes were mapped here' }],
        ...(ownership === 'field-callers-do-not-unwind' ? { confidence: 'medium' as const } : {}),
      };
      const values = { fn: acquire.function, L: acquire.place, iova };
      if (test) {
        report({ ...common, message: 'short', values: { ...values, test: { text: test.text } } });
      } else {
        report({ ...common, message: 'other', values });
      }
    }
  },
);
