import { bit, family, field, value, type FieldFamily } from './define.ts';

/** Page-table feature: include/linux/generic_pt/common.h. */
// prettier-ignore
export const genericPtFeaturesFields: FieldFamily = family({
  format: 'generic_pt-features',
  title: 'page-table feature',
  path: 'include/linux/generic_pt/common.h',
  prefixes: ['PT_FEAT_'],
  setBy: 'the driver, in cfg.common.features at pt_iommu_*_init()',
  readBy: 'the page-table code, through pt_feature()',
  model: 'features of a table: they change what map, unmap and flush do',
}, [
  value('PT_TOP_LEVEL_BITS', 3, '2:0', 'PT_TOP_LEVEL_MASK', 'width of the top level inside top_of_table'),
  field('PT_TOP_LEVEL_MASK', '2:0', 'low bits of top_of_table that hold the top level'),
  bit('PT_FEAT_DMA_INCOHERENT', 0, 'the IOMMU reads tables past the CPU cache: each table write is flushed'),
  bit('PT_FEAT_FULL_VA', 1, 'the table can span every address that the format has'),
  bit('PT_FEAT_DYNAMIC_TOP', 2, 'mapping may add levels on top; excludes SIGN_EXTEND'),
  bit('PT_FEAT_SIGN_EXTEND', 3, 'the highest address bit is repeated upwards; excludes FULL_VA and DYNAMIC_TOP'),
  bit('PT_FEAT_FLUSH_RANGE', 4, 'one invalidation per operation, gaps included'),
  bit('PT_FEAT_FLUSH_RANGE_NO_GAPS', 5, 'invalidations cover changed addresses only: a hypervisor shadows each one'),
  bit('PT_FEAT_DETAILED_GATHER', 6, 'the gather records which levels held leaves and tables'),
  bit('PT_FEAT_FMT_START', 7, 'first number for features of a single format'),
  bit('PT_FEAT_AMDV1_ENCRYPT_TABLES', 7, 'the C-bit goes into table pointers, and into leaves unless IOMMU_MMIO'),
  bit('PT_FEAT_AMDV1_FORCE_COHERENCE', 8, 'every leaf gets FC'),
  bit('PT_FEAT_VTDSS_FORCE_COHERENCE', 7, 'every leaf gets SNP'),
  bit('PT_FEAT_VTDSS_FORCE_WRITEABLE', 8, 'mappings without write are refused (nest parents, erratum 772415)'),
  bit('PT_FEAT_RISCV_SVNAPOT_64K', 7, 'runs of 64 KiB become Svnapot leaves'),
  bit('PT_FEAT_RISCV_SVPBMT', 8, 'leaves carry a memory type; 7.3 does not list it as supported in fmt/iommu_riscv64.c'),
  bit('PT_FEAT_X86_64_AMD_ENCRYPT_TABLES', 7, 'the C-bit goes into table pointers, and into leaves unless IOMMU_MMIO'),
]);
