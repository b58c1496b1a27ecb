import { family, field, number, value, type FieldFamily } from './define.ts';

/** Arm LPAE entry, stage 2: drivers/iommu/io-pgtable-arm.c. */
// prettier-ignore
export const armLpaeS2Fields: FieldFamily = family({
  format: 'arm-lpae-s2',
  title: 'Arm LPAE entry, stage 2',
  path: 'drivers/iommu/io-pgtable-arm.c',
  prefixes: ['ARM_LPAE_PTE_', 'ARM_LPAE_'],
  setBy: 'io-pgtable-arm: __arm_lpae_init_pte() and arm_lpae_install_table(), with the bits of arm_lpae_prot_to_pte()',
  readBy: 'the SMMU, in stage 2 walks',
  model: 'format arm_64_lpae_s2: written by io-pgtable-arm, read by the SMMUv3 walker',
  source: 'Arm architecture reference manual, VMSAv8-64 descriptors',
}, [
  number('ARM_LPAE_S2_MAX_CONCAT_PAGES', 16),
  value('ARM_LPAE_PTE_HAP_FAULT', 0, '7:6', undefined, 'stage 2: no access'),
  value('ARM_LPAE_PTE_HAP_READ', 64, '6', undefined, 'stage 2: read'),
  value('ARM_LPAE_PTE_HAP_WRITE', 128, '7', undefined, 'stage 2: write'),
  value('ARM_LPAE_PTE_MEMATTR_FWB_WB', 24, '5:2', undefined, 'stage 2 with FWB: Normal write-back, whatever stage 1 says'),
  value('ARM_LPAE_PTE_MEMATTR_OIWB', 60, '5:2', undefined, 'stage 2: Normal, write-back inside and outside'),
  value('ARM_LPAE_PTE_MEMATTR_NC', 20, '5:2', undefined, 'stage 2: Normal, not cached'),
  value('ARM_LPAE_PTE_MEMATTR_DEV', 4, '5:2', undefined, 'stage 2: Device-nGnRE, chosen by IOMMU_MMIO'),
  field('ARM_LPAE_VTCR_SL0_MASK', '1:0', 'start level of the stage 2 walk'),
  number('ARM_LPAE_VTCR_PS_SHIFT', 16),
  field('ARM_LPAE_VTCR_PS_MASK', '2:0'),
  number('ARM_MALI_LPAE_MEMATTR_IMP_DEF', 136),
  number('ARM_MALI_LPAE_MEMATTR_WRITE_ALLOC', 141),
]);
