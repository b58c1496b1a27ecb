import { family, field, fromFile, member, number, type FieldFamily } from './define.ts';

/** VT-d second-stage entry: drivers/iommu/generic_pt/fmt/vtdss.h. */
// prettier-ignore
export const vtdssFields: FieldFamily = family({
  format: 'vtdss',
  title: 'VT-d second-stage entry',
  path: 'drivers/iommu/generic_pt/fmt/vtdss.h',
  prefixes: ['VTDSS_FMT_', 'DMA_PTE_', 'DMA_SL_PTE_', 'dma_pte.val.'],
  setBy: 'vtdss_pt_install_leaf_entry() and _install_table(), with the bits of vtdss_pt_iommu_set_prot()',
  readBy: 'VT-d second-stage walks',
  model: 'format vtdss: written by the page-table code, read by the VT-d walker',
  source: 'VT-d specification, second-stage paging entries',
}, [
  number('PT_MAX_OUTPUT_ADDRESS_LG2', 52),
  number('PT_MAX_VA_ADDRESS_LG2', 57),
  number('PT_MAX_TOP_LEVEL', 4),
  number('PT_GRANULE_LG2SZ', 12),
  number('PT_TABLEMEM_LG2SZ', 12),
  field('PT_TOP_PHYS_MASK', '63:12', 'table addresses: 4 KiB aligned, as wide as the host address'),
  field('VTDSS_FMT_R', '0', 'read; there is no present bit, R or W makes the entry present'),
  field('VTDSS_FMT_W', '1', 'write; there is no present bit, R or W makes the entry present'),
  field('VTDSS_FMT_A', '8', 'accessed; needs ECAP.SSADS, and SSADE in the PASID entry'),
  field('VTDSS_FMT_D', '9', 'dirty; needs ECAP.SSADS, and SSADE in the PASID entry'),
  field('VTDSS_FMT_SNP', '11', 'snooped, whatever the TLP asks for; needs ECAP.SC'),
  field('VTDSS_FMT_OA', '51:12', 'host physical address'),
  field('VTDSS_FMT_PS', '7', 'page size: 1 makes level 1 a 2 MiB leaf, level 2 a 1 GiB leaf'),
  ...fromFile('drivers/iommu/intel/iommu.h', [
    field('DMA_PTE_READ', '0', 'second stage: read'),
    field('DMA_PTE_WRITE', '1', 'second stage: write'),
    field('DMA_PTE_LARGE_PAGE', '7', 'second stage: leaf at level 1 or 2'),
    field('DMA_PTE_SNP', '11', 'second stage: snooped by force'),
    number('DMA_SL_PTE_DIRTY_BIT', 9),
    field('DMA_SL_PTE_DIRTY', '9', 'second stage: dirty'),
    member('dma_pte.val.R', '0', 'second stage: read'),
    member('dma_pte.val.W', '1', 'second stage: write'),
    member('dma_pte.val.ADDR', '63:12', 'host physical address of a leaf or table'),
  ]),
]);
