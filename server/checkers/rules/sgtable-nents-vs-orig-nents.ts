import { defineChecker, type Checker } from '../checker.ts';

/** The two counts of an sg_table swapped in a walk. */
export const sgtableNentsVsOrigNents: Checker = defineChecker(
  {
    id: 'sgtable-nents-vs-orig-nents',
    summary: 'CPU pages are walked up to orig_nents, DMA segments up to nents.',
    severity: 'error',
    confidence: 'high',
    maturity: 'stable',
    since: '0.1.0',
    needs: ['walks'],
    messages: {
      cpu: 'walks CPU pages up to {n}, the DMA count: after a merge the last pages are skipped',
      dma: 'walks DMA addresses up to {n}: after a merge the tail has no DMA address',
    },
    sources: [
      {
        where: 'include/linux/scatterlist.h',
        what: 'for_each_sgtable_sg(), for_each_sgtable_dma_sg()',
      },
      { where: 'include/linux/iommu.h', what: 'iommu_map_sgtable() uses orig_nents' },
    ],
    falsePositives: [],
    limits: [
      'A table that arrives as a parameter is taken as never mapped: both counts are equal then, and the rule is silent.',
    ],
    page: {
      what: 'Reports a walk over the CPU pages of a DMA-mapped sg_table that stops at nents, and one over its DMA segments that stops at orig_nents.',
      why: 'One table holds two lists: orig_nents entries of pages (sg_page, sg_phys, length), and nents entries of DMA segments (sg_dma_address, sg_dma_len). The two iterators choose the right count. On a table that was never DMA-mapped both counts are equal, and the rule is silent.',
      example: `
for_each_sg(sgt->sgl, sg, sgt->nents, i)
	qcap_zero_page(sg_page(sg));`,
      instead: `
for_each_sgtable_sg(sgt, sg, i)
	qcap_zero_page(sg_page(sg));`,
    },
  },
  ({ walks }, report) => {
    for (const { count, cpuReads, dmaReads, mappedHere } of walks) {
      if (!mappedHere) continue;
      const related = (cpuReads[0] ?? dmaReads[0]) && {
        place: (cpuReads[0] ?? dmaReads[0])!,
        message: `this reads the ${cpuReads.length > 0 ? 'CPU' : 'DMA'} side`,
      };
      const common = { values: { n: count }, at: count.place, related: related ? [related] : [] };
      if (/(->|\.)orig_nents$/.test(count.text)) {
        if (dmaReads.length > 0 && cpuReads.length === 0) report({ ...common, message: 'dma' });
      } else if (count.origin?.kind === 'sgtable-nents') {
        if (cpuReads.length > 0 && dmaReads.length === 0) report({ ...common, message: 'cpu' });
      }
    }
  },
);
