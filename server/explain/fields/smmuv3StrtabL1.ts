import { family, field, type FieldFamily } from './define.ts';

/** SMMUv3 first-level stream table entry: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h. */
// prettier-ignore
export const smmuv3StrtabL1Fields: FieldFamily = family({
  format: 'smmuv3-strtab-l1',
  title: 'SMMUv3 first-level stream table entry',
  path: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h',
  prefixes: ['STRTAB_L1_DESC_'],
  setBy: 'arm_smmu_write_strtab_l1_desc()',
  readBy: 'the SMMU, on its way to an STE',
  model: 'read on the way to an STE',
  source: 'Arm SMMUv3 architecture specification IHI 0070',
}, [
  field('STRTAB_L1_DESC_SPAN', '4:0', 'lg2 of the STEs behind the pointer, plus 1; 0 is invalid'),
  field('STRTAB_L1_DESC_L2PTR_MASK', '51:6', 'address of the second-level stream table'),
]);
