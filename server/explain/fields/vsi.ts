import { family, field, number, type FieldFamily } from './define.ts';

/** Verisilicon IOMMU: drivers/iommu/vsi-iommu.c. */
// prettier-ignore
export const vsiFields: FieldFamily = family({
  format: 'vsi',
  title: 'Verisilicon IOMMU',
  path: 'drivers/iommu/vsi-iommu.c',
}, [
  number('NUM_DT_ENTRIES', 1024),
  number('NUM_PT_ENTRIES', 1024),
  field('SPAGE_SIZE', '12'),
  number('VSI_MMU_CONFIG1_BASE', 428),
  number('VSI_MMU_AHB_EXCEPTION_BASE', 896),
  number('VSI_MMU_AHB_CONTROL_BASE', 904),
  number('VSI_MMU_AHB_TLB_ARRAY_BASE_L_BASE', 908),
  number('VSI_MMU_FLUSH_BASE', 388),
  field('VSI_MMU_BIT_FLUSH', '4'),
  number('VSI_MMU_PAGE_FAULT_ADDR', 896),
  number('VSI_MMU_STATUS_BASE', 900),
  field('VSI_MMU_BIT_ENABLE', '0'),
  field('VSI_MMU_OUT_OF_BOUND', '28'),
  field('VSI_MMU_IRQ_MASK', '2:0'),
  field('VSI_DTE_PT_ADDRESS_MASK', '31:6'),
  field('VSI_DTE_PT_VALID', '0'),
  field('VSI_PAGE_DESC_LO_MASK', '31:12'),
  field('VSI_PAGE_DESC_HI_MASK', '39:32'),
  number('VSI_PAGE_DESC_HI_SHIFT', 28),
  field('VSI_PTE_PAGE_WRITABLE', '2'),
  field('VSI_PTE_PAGE_VALID', '0'),
  field('VSI_MASTER_TLB_MASK', '31:10'),
  number('VSI_PTA_4K_MODE', 0),
  field('VSI_IOVA_DTE_MASK', '31:22'),
  number('VSI_IOVA_DTE_SHIFT', 22),
  field('VSI_IOVA_PTE_MASK', '21:12'),
  number('VSI_IOVA_PTE_SHIFT', 12),
  field('VSI_IOVA_PAGE_MASK', '11:0'),
  number('VSI_IOVA_PAGE_SHIFT', 0),
]);
