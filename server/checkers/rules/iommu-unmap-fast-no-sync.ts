import { defineChecker, type Checker } from '../checker.ts';
import { leavingBy } from '../wording.ts';

/** Memory or IOVA given back while the IOTLB can still hold its translation. */
export const iommuUnmapFastNoSync: Checker = defineChecker(
  {
    id: 'iommu-unmap-fast-no-sync',
    summary:
      'After iommu_unmap_fast(), pages and IOVA are given back only after iommu_iotlb_sync().',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['gathers'],
    messages: {
      before:
        '{does} {p} before iommu_iotlb_sync() for {L}: through the IOTLB the device still reaches it',
      never:
        'ends without iommu_iotlb_sync() for {L}: the IOTLB still translates what was unmapped',
    },
    sources: [
      { where: 'drivers/iommu/iommu.c', what: 'iommu_unmap_fast()' },
      { where: 'include/linux/iommu.h', what: 'struct iommu_iotlb_gather' },
      {
        where: 'drivers/vfio/vfio_iommu_type1.c',
        what: 'vfio_sync_unpin(): sync first, then unpin',
      },
    ],
    falsePositives: [],
    limits: ["A gather that a caller passed in is the caller's to sync, and not followed to it."],
    page: {
      what: 'Reports pages, memory or an IOVA given back between iommu_unmap_fast() and iommu_iotlb_sync(), and a local gather that is never synced.',
      why: 'iommu_unmap_fast() clears entries and records the range; until iommu_iotlb_sync() the hardware keeps translating from its caches. Sync first, then unpin, free, or reuse the IOVA. With `gather.queued` the flush queue does it.',
      example: `
iommu_unmap_fast(dom, iova, PAGE_SIZE, &gather);
unpin_user_page(page);
iommu_iotlb_sync(dom, &gather);`,
      instead: `
iommu_unmap_fast(dom, iova, PAGE_SIZE, &gather);
iommu_iotlb_sync(dom, &gather);
unpin_user_page(page);`,
    },
  },
  ({ gathers }, report) => {
    for (const { kind, call, at, atText, steps } of gathers) {
      const L = call.place;
      const related = [{ place: call.callee, message: 'unmapped here, IOTLB not flushed' }];
      if (kind === 'freed-before-sync') {
        const does = /unpin|put_page/.test(atText) ? 'unpins' : 'frees';
        // What is given back, without a cast: `free_page((unsigned long)buf)`.
        const given = /\(\s*(?:\([\w\s*]+\)\s*)?([^,()]+(?:\([^()]*\))?)/.exec(atText);
        const p = given?.[1] ?? 'the memory';
        report({ message: 'before', values: { does, p: { text: p }, L }, at, steps, related });
      }
      if (kind === 'not-synced-at-end') {
        report({
          message: 'never',
          values: { L },
          at: leavingBy(at, atText).place,
          steps,
          related,
        });
      }
    }
  },
);
