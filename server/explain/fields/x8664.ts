import { family, field, number, type FieldFamily } from './define.ts';

/** X86_64 entry: drivers/iommu/generic_pt/fmt/x86_64.h. */
// prettier-ignore
export const x8664Fields: FieldFamily = family({
  format: 'x86_64',
  title: 'x86_64 entry',
  path: 'drivers/iommu/generic_pt/fmt/x86_64.h',
  prefixes: ['X86_64_FMT_'],
  setBy: 'x86_64_pt_install_leaf_entry() and _install_table(), with the bits of x86_64_pt_iommu_set_prot()',
  readBy: 'AMD v2 and VT-d first-stage walks',
  model: 'format x86_64: written by the page-table code, read by the AMD and VT-d walkers',
  source: 'AMD 48882 and VT-d specification, first-stage paging entries',
}, [
  number('PT_MAX_OUTPUT_ADDRESS_LG2', 52),
  number('PT_MAX_VA_ADDRESS_LG2', 57),
  number('PT_MAX_TOP_LEVEL', 4),
  number('PT_GRANULE_LG2SZ', 12),
  number('PT_TABLEMEM_LG2SZ', 12),
  field('PT_TOP_PHYS_MASK', '51:12', 'table addresses: what GCR3 (AMD) and FSPTPTR (VT-d) can hold'),
  field('X86_64_FMT_P', '0', 'present'),
  field('X86_64_FMT_RW', '1', 'write is allowed'),
  field('X86_64_FMT_U', '2', 'user access; DMA without privilege needs it at every level'),
  field('X86_64_FMT_A', '5', 'accessed; set in advance, so that hardware need not write it'),
  field('X86_64_FMT_D', '6', 'dirty; set in advance together with RW'),
  field('X86_64_FMT_OA', '51:12', 'output address; the SME C-bit lies in it on AMD'),
  field('X86_64_FMT_XD', '63', 'no instruction fetch'),
  field('X86_64_FMT_PS', '7', 'page size: 1 makes level 1 a 2 MiB leaf, level 2 a 1 GiB leaf'),
]);
