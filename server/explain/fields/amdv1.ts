import { family, field, fromFile, number, value, type FieldFamily } from './define.ts';

/** AMD v1 entry: drivers/iommu/generic_pt/fmt/amdv1.h. */
// prettier-ignore
export const amdv1Fields: FieldFamily = family({
  format: 'amdv1',
  title: 'AMD v1 entry',
  path: 'drivers/iommu/generic_pt/fmt/amdv1.h',
  prefixes: ['AMDV1PT_FMT_'],
  setBy: 'amdv1pt_install_leaf_entry() and _install_table(), with the bits of amdv1pt_iommu_set_prot()',
  readBy: 'the IOMMU, on each walk that its caches do not answer',
  model: 'format amdv1: written by the page-table code, read by the AMD walker',
  source: 'AMD I/O Virtualization specification 48882, I/O page tables',
}, [
  number('PT_MAX_VA_ADDRESS_LG2', 64),
  number('PT_MAX_OUTPUT_ADDRESS_LG2', 52),
  number('PT_MAX_TOP_LEVEL', 5),
  number('PT_GRANULE_LG2SZ', 12),
  number('PT_TABLEMEM_LG2SZ', 12),
  field('PT_TOP_PHYS_MASK', '51:12', 'table addresses that fit the DTE: 51:12'),
  field('AMDV1PT_FMT_PR', '0', 'present; 0 makes the walker ignore all other bits'),
  field('AMDV1PT_FMT_D', '6', 'dirty: hardware sets it on a write while DTE.HAD is 3'),
  field('AMDV1PT_FMT_NEXT_LEVEL', '11:9', '1-6 a table of that level, 0 or 7 a leaf'),
  field('AMDV1PT_FMT_OA', '51:12', 'output address; with NEXT_LEVEL 7 its trailing ones code the size; the SME C-bit lies in it'),
  field('AMDV1PT_FMT_FC', '60', 'force coherent, the access is snooped'),
  field('AMDV1PT_FMT_IR', '61', 'read is allowed; every level on the way has to grant it'),
  field('AMDV1PT_FMT_IW', '62', 'write is allowed; every level on the way has to grant it'),
  value('AMDV1PT_FMT_NL_DEFAULT', 0, '11:9', 'AMDV1PT_FMT_NEXT_LEVEL', 'leaf of the level\'s own size'),
  value('AMDV1PT_FMT_NL_SIZE', 7, '11:9', 'AMDV1PT_FMT_NEXT_LEVEL', 'leaf whose size is coded in the low OA bits'),
  ...fromFile('drivers/iommu/amd/amd_iommu_types.h', [
    field('IOMMU_PROT_MASK', '1:0', 'read and write permission as the driver keeps them'),
    value('IOMMU_PROT_IR', 1, '1:0', 'IOMMU_PROT_MASK'),
    value('IOMMU_PROT_IW', 2, '1:0', 'IOMMU_PROT_MASK'),
  ]),
]);
