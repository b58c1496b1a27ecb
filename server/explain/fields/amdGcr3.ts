import { family, number, type FieldFamily } from './define.ts';

/** AMD GCR3 table: drivers/iommu/amd/amd_iommu_types.h. */
// prettier-ignore
export const amdGcr3Fields: FieldFamily = family({
  format: 'amd-gcr3',
  title: 'AMD GCR3 table',
  path: 'drivers/iommu/amd/amd_iommu_types.h',
}, [
  number('GCR3_VALID', 1),
]);
