import { family, field, number, value, type FieldFamily } from './define.ts';

/** Arm LPAE entry: drivers/iommu/io-pgtable-arm.c. */
// prettier-ignore
export const armLpaeFields: FieldFamily = family({
  format: 'arm-lpae',
  title: 'Arm LPAE entry',
  path: 'drivers/iommu/io-pgtable-arm.c',
  prefixes: ['ARM_LPAE_PTE_', 'ARM_LPAE_'],
  setBy: 'io-pgtable-arm: __arm_lpae_init_pte() and arm_lpae_install_table(), with the bits of arm_lpae_prot_to_pte()',
  readBy: 'the SMMU, on each walk that its TLB does not answer',
  model: 'formats arm_64_lpae_s1 and _s2: written by io-pgtable-arm, read by the SMMUv3 walker',
  source: 'Arm architecture reference manual, VMSAv8-64 descriptors',
}, [
  number('ARM_LPAE_MAX_ADDR_BITS', 52),
  number('ARM_LPAE_MAX_LEVELS', 4),
  number('ARM_LPAE_PTE_TYPE_SHIFT', 0, 'position of the descriptor type'),
  field('ARM_LPAE_PTE_TYPE_MASK', '1:0', 'descriptor type: bit 0 valid, bit 1 tells table or page from block'),
  value('ARM_LPAE_PTE_TYPE_BLOCK', 1, '1:0', undefined, 'block: a leaf above the last level'),
  value('ARM_LPAE_PTE_TYPE_TABLE', 3, '1:0', undefined, 'table: the next level follows'),
  value('ARM_LPAE_PTE_TYPE_PAGE', 3, '1:0', undefined, 'page: a leaf of the last level'),
  field('ARM_LPAE_PTE_ADDR_MASK', '47:12', 'output address; with 64 KiB pages bits 15:12 hold address bits 51:48'),
  field('ARM_LPAE_PTE_XN', '54:53', 'no instruction fetch: UXN and PXN in stage 1, XN[1:0] in stage 2'),
  field('ARM_LPAE_PTE_AF', '10', 'access flag; 0 faults unless hardware may set it (CD.HA)'),
  value('ARM_LPAE_PTE_SH_NS', 0, '9:8', undefined, 'not shareable'),
  value('ARM_LPAE_PTE_SH_OS', 512, '9:8', undefined, 'outer shareable: non-cacheable and Device leaves'),
  value('ARM_LPAE_PTE_SH_IS', 768, '9:8', undefined, 'inner shareable: leaves with IOMMU_CACHE'),
  field('ARM_LPAE_PTE_VALID', '0', 'valid'),
  field('ARM_LPAE_PTE_SW_SYNC', '55', 'software: this table entry was cleaned to memory for a walker that does not snoop'),
  number('ARM_LPAE_TCR_T0SZ_SHIFT', 0),
  field('ARM_MALI_LPAE_TTBR_ADRMODE_TABLE', '1:0'),
  field('ARM_MALI_LPAE_TTBR_READ_INNER', '2'),
  field('ARM_MALI_LPAE_TTBR_SHARE_OUTER', '4'),
]);
