import { accessor, family, field, number, type FieldFamily } from './define.ts';

/** AMD guest APIC log: drivers/iommu/amd/amd_iommu_types.h. */
// prettier-ignore
export const amdGaFields: FieldFamily = family({
  format: 'amd-ga',
  title: 'AMD guest APIC log',
  path: 'drivers/iommu/amd/amd_iommu_types.h',
}, [
  number('GA_LOG_ENTRIES', 512),
  number('GA_LOG_SIZE_SHIFT', 56),
  field('GA_LOG_SIZE_512', '59'),
  number('GA_ENTRY_SIZE', 8),
  number('GA_LOG_SIZE', 4096),
  accessor('GA_TAG', '31:0'),
  accessor('GA_DEVID', '47:32'),
  accessor('GA_REQ_TYPE', '63:60'),
  number('GA_GUEST_NR', 1),
]);
