import { definePatchChecker, type PatchChecker } from '../patchChecker.ts';

/** A change of code that has tests, without any. */
export const patchMissingDocsTests: PatchChecker = definePatchChecker(
  {
    id: 'patch-missing-docs-tests',
    summary:
      'New behaviour of generic_pt and iommufd comes with a kunit case, a selftest or a page.',
    severity: 'info',
    confidence: 'medium',
    maturity: 'stable',
    since: '0.1.0',
    messages: {
      none: 'changes {area}, but the series touches neither its tests ({tests}) nor its documentation',
    },
    sources: [
      { where: 'Documentation/driver-api/generic_pt.rst', what: 'kunit over every format' },
      { where: 'tools/testing/selftests/iommu', what: 'selftests of iommufd' },
    ],
    falsePositives: [],
    limits: ['Patches with a Fixes: tag and changes of a few lines are left alone.'],
    page: {
      what: 'Notes a series that changes generic_pt or iommufd by more than a few lines without touching a kunit suite, a selftest or the documentation.',
      why: 'The page-table formats share one implementation, which is compiled for each format and tested for each: a change without a case is tested on the machine of its author only.',
      example: `
 drivers/iommu/generic_pt/iommu_pt.h | 40 +++++++++++++++++++++++++++++`,
      instead: `
 drivers/iommu/generic_pt/iommu_pt.h       | 40 +++++++++++++++++++++++
 drivers/iommu/generic_pt/kunit_iommu_pt.h | 25 ++++++++++++++`,
    },
  },
  ({ testedChanges, hasFixesTag }, report) => {
    if (hasFixesTag) return;
    for (const { area, tests, place } of testedChanges) {
      report({ message: 'none', values: { area, tests: { text: tests } }, at: place });
    }
  },
);
