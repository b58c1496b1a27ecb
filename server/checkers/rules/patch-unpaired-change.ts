import { definePatchChecker, type PatchChecker } from '../patchChecker.ts';

/** An argument that a patch changes on one side of a pair only. */
export const patchUnpairedChange: PatchChecker = definePatchChecker(
  {
    id: 'patch-unpaired-change',
    summary: 'A change of size, direction or attributes of a mapping reaches both of its ends.',
    severity: 'warning',
    confidence: 'medium',
    maturity: 'stable',
    since: '0.1.0',
    messages: {
      changed:
        'changes {was} to {now} here, but {other} still {does} {left}: the two ends were equal before',
    },
    sources: [
      { where: 'Documentation/core-api/dma-api.rst', what: 'unmap with the arguments of the map' },
      { where: 'drivers/iommu/iommu.c', what: 'iommu_unmap(): whole mappings only' },
    ],
    falsePositives: [],
    limits: [
      'Both ends have to be in one file, and known as a pair before and after the patch.',
      'A variable or member that replaces the value is taken for a copy of what the other end used.',
      'Where the ends are proven to differ, the rule of that pair reports it instead.',
    ],
    page: {
      what: 'Reports a patch that changes the size, the direction or the attributes on one end of a pair of map and unmap, or of alloc and free, while the other end keeps the value that both had.',
      why: 'What is mapped with one size and unmapped with another stays mapped in part, or takes a neighbour along. The two calls often stand in different functions, and a diff shows only one of them.',
      example: `
-	q->dma = dma_map_single(dev, q->buf, q->len, DMA_TO_DEVICE);
+	q->dma = dma_map_single(dev, q->buf, q->len + q->pad, DMA_TO_DEVICE);
 	/* … and in another function, unchanged: */
	dma_unmap_single(dev, q->dma, q->len, DMA_TO_DEVICE);`,
      instead: `
	q->mapped = q->len + q->pad;
	q->dma = dma_map_single(dev, q->buf, q->mapped, DMA_TO_DEVICE);
	/* … */
	dma_unmap_single(dev, q->dma, q->mapped, DMA_TO_DEVICE);`,
    },
  },
  ({ pairChanges }, report) => {
    for (const { changed, left, side, was } of pairChanges) {
      const does = side === 'acquired' ? 'releases' : 'acquires';
      report({
        message: 'changed',
        values: { was: { text: was }, now: changed, other: left.place, does, left },
        at: changed.place,
        related: [{ place: left.place, message: 'unchanged here' }],
      });
    }
  },
);
