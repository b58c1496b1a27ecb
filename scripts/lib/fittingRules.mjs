/** Rules that name the defect of a class. A finding of any other rule in the function does not count as found. */
const leak = ['dma-map-leak-error-path', 'iommu-map-partial-unwind', 'iommu-domain-leak'];
const unchecked = [
  'dma-map-no-error-check',
  'dma-map-null-check',
  'dma-map-sg-negative-check',
  'iommu-map-ret-unchecked',
];
const counts = ['dma-unmap-sg-nents', 'sgtable-nents-vs-orig-nents', 'dma-map-sg-negative-check'];
const pairing = ['dma-unmap-params-mismatch', 'dma-coherent-free-mismatch', 'iommu-map-unmap-size'];

/** By class of the corpus. */
export const fitting = {
  // Memory that is not even tested is not freed on the later errors either.
  'coherent-leak-error-path': [...leak, 'dma-map-no-error-check'],
  'dma-pool-leak-error-path': leak,
  'missing-unmap-error-path': leak,
  'missing-unmap-remove': leak,
  'iommu-lifecycle-leak': [...leak, 'iommu-domain-alloc-err-ptr'],
  'missing-mapping-error': unchecked,
  'wrong-mapping-error-check': unchecked,
  'map-sg-zero-unchecked': [...unchecked, 'dma-unmap-sg-nents'],
  'unwind-wrong-element': ['dma-unwind-wrong-element', ...leak, ...pairing],
  'nents-mapped-vs-orig': counts,
  'sg-walk-mapped-list': counts,
  'sg-dma-len-before-map': ['sg-dma-len-before-map'],
  'missing-sync': ['dma-sync-missing', 'dma-unmap-before-complete'],
  'size-mismatch': pairing,
  'device-mismatch': pairing,
  'alloc-free-api-mismatch': pairing,
  'dma-api-bypass': ['dma-addr-arith', 'dma-virt-to-phys'],
  'iommu-map-sg-ssize': ['iommu-map-sg-ret-type', 'iommu-map-sg-short'],
  'iommu-map-range': [
    'iommu-map-unmap-size',
    'iommu-map-partial-unwind',
    'iommu-map-overlap',
    'iommu-unmap-ret',
  ],
  'iommu-tlb-range': ['iommu-flush-range'],
  'iommu-tlb-wait': ['iommu-completion-wait'],
  'iommu-alias': ['iommu-alias'],
  'iommufd-lifecycle': ['iommufd-lifecycle'],
  'gfp-sleep-in-atomic': ['iommu-gfp-atomic-context', 'dma-gfp-atomic-context'],
  'pin-unpin': ['pin-unpin-mismatch', 'iommu-unmap-ret'],
  'cc-shared-memory': ['cc-decrypt-fail-leak'],
};
