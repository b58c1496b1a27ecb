import { defineChecker, type Checker } from '../checker.ts';
import { argument, replaceBy } from '../wording.ts';

/** A gather that was never set up by iommu_iotlb_gather_init(). */
export const iommuGatherUninit: Checker = defineChecker(
  {
    id: 'iommu-gather-uninit',
    summary:
      'A struct iommu_iotlb_gather is set up by iommu_iotlb_gather_init() before its first use.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['gathers'],
    messages: {
      set: 'passes {g} set to {init}, not by iommu_iotlb_gather_init(): start is 0 and the freelist is NULL',
      garbage: 'passes {g} to {fn}() uninitialised: flush range and freelist are stack garbage',
    },
    sources: [
      {
        where: 'include/linux/iommu.h',
        what: 'iommu_iotlb_gather_init(): start is ULONG_MAX, freelist a list head',
      },
      { where: 'drivers/iommu/iommu.c', what: 'iommu_unmap()' },
    ],
    falsePositives: [],
    limits: ['A gather that comes in as a parameter is taken to be set up by the caller.'],
    page: {
      what: 'Reports a local gather that reaches iommu_unmap_fast() or iommu_iotlb_sync() before iommu_iotlb_gather_init() set it up.',
      why: 'An empty gather has start at ULONG_MAX, end 0 and an initialised list. Zeroes make every flush begin at IOVA 0 and crash the first splice of freed tables. iommu_iotlb_sync() leaves it initialised for the next round.',
      example: `
struct iommu_iotlb_gather gather = {};

iommu_unmap_fast(dom, iova, size, &gather);
iommu_iotlb_sync(dom, &gather);`,
      instead: `
struct iommu_iotlb_gather gather;

iommu_iotlb_gather_init(&gather);
iommu_unmap_fast(dom, iova, size, &gather);
iommu_iotlb_sync(dom, &gather);`,
    },
  },
  ({ gathers }, report) => {
    for (const { kind, gather, init, declared, statements, call, at, steps } of gathers) {
      if (kind !== 'uninitialised') continue;
      const g = { text: gather };
      const setUp = `iommu_iotlb_gather_init(&${gather});`;
      const common = {
        // Where a declaration uses the gather, what follows the declarations comes too late.
        fixes:
          statements !== undefined && statements.place.span.start <= call.callee.span.start
            ? [replaceBy(setUp, statements.place, `${statements.indent}${setUp}\n`)]
            : [],
        at: argument(call, 'gather')?.place ?? at,
        steps,
        related: declared
          ? [{ place: declared, message: 'declared here without iommu_iotlb_gather_init()' }]
          : [],
      };
      if (init === undefined) {
        report({ ...common, message: 'garbage', values: { g, fn: call.function } });
      } else report({ ...common, message: 'set', values: { g, init: { text: init } } });
    }
  },
);
