import { accessor, family, field, mask, number, type FieldFamily } from './define.ts';

/** AMD page request: drivers/iommu/amd/amd_iommu_types.h. */
// prettier-ignore
export const amdPprFields: FieldFamily = family({
  format: 'amd-ppr',
  title: 'AMD page request',
  path: 'drivers/iommu/amd/amd_iommu_types.h',
  source: 'AMD I/O Virtualization specification 48882',
}, [
  field('PPR_STATUS_MASK', '3:0'),
  number('PPR_STATUS_SHIFT', 12),
  number('PPRLOG_ENTRY_SIZE', 16),
  number('PPRLOG_SIZE_SHIFT', 56),
  number('PPRLOG_SIZE_DEF', 0x2000),
  mask('PPRLOG_LEN_MASK_DEF', '0x900000000000000'),
  number('PPRLOG_SIZE_MAX', 0x80000),
  number('PPRLOG_LEN_MASK_MAX', '0xf00000000000000'),
  field('PPR_FLAG_EXEC', '1', 'asks to fetch instructions'),
  field('PPR_FLAG_READ', '2', 'asks to read'),
  field('PPR_FLAG_WRITE', '5', 'asks to write'),
  field('PPR_FLAG_US', '6', '1 user, 0 supervisor'),
  field('PPR_FLAG_RVSD', '7', 'a reserved bit was set'),
  field('PPR_FLAG_GN', '8', 'guest address and PASID count'),
  accessor('PPR_REQ_TYPE', '63:60', 'kind of log entry'),
  accessor('PPR_FLAGS', '59:48'),
  accessor('PPR_DEVID', '15:0', 'device that asks'),
  accessor('PPR_TAG', '40:32', 'group that the answer names'),
  accessor('PPR_TAG_LAST_PAGE', '41:32'),
  accessor('PPR_PASID1', '31:16'),
  accessor('PPR_PASID2', '45:42'),
  accessor('PPR_PASID', undefined, 'PASID of the request'),
  number('PPR_REQ_FAULT', 1),
]);
