import { family, field, number, type FieldFamily } from './define.ts';

/** SMMUv3 first-level CD table entry: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h. */
// prettier-ignore
export const smmuv3CdL1Fields: FieldFamily = family({
  format: 'smmuv3-cd-l1',
  title: 'SMMUv3 first-level CD table entry',
  path: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h',
  prefixes: ['CTXDESC_L1_DESC_'],
  setBy: 'arm_smmu_write_cd_l1_desc()',
  readBy: 'the SMMU, on its way to a CD',
  model: 'read on the way to a CD',
  source: 'Arm SMMUv3 architecture specification IHI 0070',
}, [
  number('CTXDESC_L2_ENTRIES', 1024, 'CDs per second-level table'),
  field('CTXDESC_L1_DESC_V', '0', 'valid'),
  field('CTXDESC_L1_DESC_L2PTR_MASK', '51:12', 'address of the second-level CD table'),
]);
