import { defineChecker, type Checker } from '../checker.ts';
import { endingWith, isDirect, leaveByLabel, leavingBy } from '../wording.ts';

/** An IOMMU domain that an error exit leaves behind. */
export const iommuDomainLeak: Checker = defineChecker(
  {
    id: 'iommu-domain-leak',
    summary: 'Every exit that does not hand a new IOMMU domain on frees it.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['leaks'],
    messages: {
      leaks:
        'returns {ret} with domain {d} of {L} neither freed nor handed on: its page tables leak',
    },
    sources: [
      { where: 'drivers/iommu/iommu.c', what: 'iommu_domain_free()' },
      {
        where: 'drivers/gpu/drm/msm/adreno/adreno_gpu.c',
        what: 'adreno_iommu_create_address_space(): fixed after 5.10 (DMAB-190)',
      },
    ],
    falsePositives: [],
    limits: [
      'A domain that is kept in a structure of the caller is taken as owned by it.',
      'Clean-up by a caller in another file is not seen.',
    ],
    page: {
      what: 'Reports an error exit on which a domain allocated in this function is still there, and nobody can reach it: it was not stored, or the function that was to take it failed.',
      why: 'A domain owns its page tables and, with most drivers, an identifier of the hardware. iommu_domain_free() is the only thing that gives them back. A function that takes the domain over owns it only when it succeeds.',
      example: `
dom = iommu_paging_domain_alloc(dev);
if (IS_ERR(dom))
	return ERR_CAST(dom);
mmu = qcap_mmu_new(dev, dom);
if (IS_ERR(mmu))
	return mmu;`,
      instead: `
dom = iommu_paging_domain_alloc(dev);
if (IS_ERR(dom))
	return ERR_CAST(dom);
mmu = qcap_mmu_new(dev, dom);
if (IS_ERR(mmu))
	iommu_domain_free(dom);
return mmu;`,
    },
  },
  ({ leaks }, report) => {
    for (const leak of leaks) {
      const { resource, outcome, ownership } = leak;
      if (resource.family !== 'iommu-domain' || outcome !== 'error') continue;
      if (!isDirect(resource.acquire)) continue;
      const kept = ownership.startsWith('field-') || ownership === 'overwritten';
      const way = leavingBy(leak.at, leak.atText);
      report({
        message: 'leaks',
        values: {
          ret: way.text === '' ? 'early' : way,
          d: { text: resource.handle },
          L: resource.acquire.place,
        },
        at: way.place,
        steps: endingWith(leak, `domain ${resource.handle} is still there`),
        related: [{ place: resource.acquire.callee, message: 'allocated here' }],
        fixes: leaveByLabel(leak),
        ...(kept ? { confidence: 'low' as const } : {}),
      });
    }
  },
);
