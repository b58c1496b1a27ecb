import { defineChecker, type Checker } from '../checker.ts';
import { zeroTest } from '../testForm.ts';
import { replaceBy } from '../wording.ts';

/** A new IOMMU domain tested for the wrong kind of failure: NULL against ERR_PTR. */
export const iommuDomainAllocErrPtr: Checker = defineChecker(
  {
    id: 'iommu-domain-alloc-err-ptr',
    summary:
      'iommu_paging_domain_alloc() fails with an ERR_PTR, and iommu_domain_alloc() with NULL.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['checks'],
    messages: {
      null: 'tests {d} for NULL, but {fn}() fails with ERR_PTR: an error passes as domain',
      errPtr: 'tests {d} with IS_ERR(), but {fn}() fails with NULL: NULL passes as a domain',
    },
    sources: [
      { where: 'drivers/iommu/iommu.c', what: 'iommu_paging_domain_alloc_flags()' },
      { where: 'include/linux/iommu.h', what: 'iommu_domain_alloc() of 6.1 and 6.12, gone in 7.2' },
    ],
    falsePositives: [],
    limits: ['A domain tested in another file than the one that allocates it is not followed.'],
    holdsInPart: true,
    page: {
      what: 'Reports a test for NULL on the result of iommu_paging_domain_alloc(), and IS_ERR() on that of iommu_domain_alloc().',
      why: 'iommu_domain_alloc(bus) returned NULL on failure (in 6.1 and 6.12, gone in 7.2). iommu_paging_domain_alloc(dev), from 6.12 on among the versions checked, returns an ERR_PTR. The test has to change with the call; with the old one an error value is attached and freed as if it were a domain.',
      example: `
dom = iommu_paging_domain_alloc(dev);
if (!dom)
	return -ENOMEM;`,
      instead: `
dom = iommu_paging_domain_alloc(dev);
if (IS_ERR(dom))
	return PTR_ERR(dom);`,
    },
  },
  ({ checks }, report) => {
    for (const check of checks) {
      if (!/^iommu_(paging_)?domain_alloc/.test(check.function) || check.tells !== 'nothing')
        continue;
      const d = { text: check.operandText };
      const common = {
        at: check.place,
        related: [{ place: check.call, message: `comes from ${check.function}()` }],
      };
      if (check.convention === 'error-pointer' && check.kind === 'zero') {
        const form = zeroTest(check);
        const test = `IS_ERR(${check.operandText})`;
        report({
          ...common,
          message: 'null',
          values: { d, fn: check.function },
          fixes: form
            ? [replaceBy('Use IS_ERR()', check.place, form === 'true-for-zero' ? test : `!${test}`)]
            : [],
        });
      }
      if (check.convention === 'pointer-or-null' && check.kind === 'err-pointer') {
        report({ ...common, message: 'errPtr', values: { d, fn: check.function } });
      }
    }
  },
);
