import { definePatchChecker, type PatchChecker } from '../patchChecker.ts';

/** A flag that is defined but not handled by everybody who gets it. */
export const patchNewProtFlag: PatchChecker = definePatchChecker(
  {
    id: 'patch-new-prot-flag',
    summary: 'A new IOMMU_ protection or DMA_ATTR_ flag comes with what every backend makes of it.',
    severity: 'warning',
    confidence: 'medium',
    maturity: 'stable',
    since: '0.1.0',
    messages: {
      prot: 'adds {flag}, but entries of {file}{more} are made without it: it is lost in silence',
      attrs: 'adds {flag}, but the list in {file}{more} lacks it: not checked, not shown',
    },
    sources: [
      { where: 'include/linux/iommu.h', what: 'protection flags of iommu_map()' },
      { where: 'Documentation/core-api/dma-attributes.rst', what: 'one section per attribute' },
      { where: 'kernel/dma/debug.c', what: 'attributes that have to be equal on map and unmap' },
    ],
    falsePositives: [],
    limits: [
      'Looked at are the files below drivers/iommu that implement map_pages or a format and test such flags, and lists of the attributes below Documentation/core-api, include/trace/events and kernel/dma.',
      'Whether a file handles the flag rightly is not judged, only whether the series touches it.',
      'A flag that is meant for one backend is reported for the others, too: say so in the commit message.',
    ],
    page: {
      what: 'Reports a patch that defines an IOMMU_ protection flag or a DMA_ATTR_ flag in a series that leaves files unchanged which handle the flags beside it.',
      why: 'The bit travels through every layer as a plain integer. A format that does not know it ignores it, so the mapping is made without what the caller asked for, and nothing fails.',
      example: `
+#define IOMMU_SHARED	(1 << 6)
 /* and no change below drivers/iommu/ */`,
      instead: `
+#define IOMMU_SHARED	(1 << 6)
 /* drivers/iommu/io-pgtable-arm.c, in the same series: */
+	if (prot & IOMMU_SHARED)
+		return -EOPNOTSUPP;`,
    },
  },
  ({ newFlags }, report) => {
    for (const { name, kind, place, untouched } of newFlags) {
      const [first, ...rest] = untouched;
      if (first === undefined) continue;
      const file = { text: first.replace(/^.*\//, '') };
      const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
      const related = untouched.map((path) => ({ place, message: `not in the series: ${path}` }));
      report({ message: kind, values: { flag: { text: name }, file, more }, at: place, related });
    }
  },
);
