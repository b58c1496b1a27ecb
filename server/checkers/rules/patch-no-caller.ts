import { definePatchChecker, type PatchChecker } from '../patchChecker.ts';

/** New code of the interfaces that nobody calls. */
export const patchNoCaller: PatchChecker = definePatchChecker(
  {
    id: 'patch-no-caller',
    summary: 'A series that brings a function or an operation brings who calls it.',
    severity: 'info',
    confidence: 'medium',
    maturity: 'stable',
    since: '0.1.0',
    messages: {
      function:
        'adds {name}(), but nothing in the series or beside it calls it: it is not reachable yet',
      operation:
        'adds the operation {name}, but nothing in the series calls it: no implementation runs',
    },
    sources: [
      { where: 'Documentation/process/stable-api-nonsense.rst', what: 'code comes with its user' },
    ],
    falsePositives: [],
    limits: [
      'Callers are looked for in the files of the series and in the folder of the function, not in the whole tree.',
      'Only functions that reach a DMA or IOMMU interface are asked about.',
    ],
    page: {
      what: 'Notes a new external function that uses a DMA or IOMMU interface, or a new member of an operations struct, that neither the series nor its neighbours call.',
      why: 'Code without a caller is neither tested nor reviewed against a use, and its contract is a guess.',
      example: `
+int qcap_map_window(struct qcap *q, phys_addr_t pa)
+{
+	return iommu_map(q->domain, q->iova, pa, SZ_4K, IOMMU_READ, GFP_KERNEL);
+}
+EXPORT_SYMBOL_GPL(qcap_map_window);`,
      instead: `
 /* the same, and in a later patch of the series: */
+	ret = qcap_map_window(q, res->start);`,
    },
  },
  ({ uncalled }, report) => {
    for (const { name, kind, place } of uncalled) {
      report({ message: kind, values: { name: { text: name } }, at: place });
    }
  },
);
