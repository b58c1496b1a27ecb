import { family, field, type FieldFamily } from './define.ts';

/** VT-d first-stage entry (CPU layout): drivers/iommu/intel/iommu.h. */
// prettier-ignore
export const vtdFsFields: FieldFamily = family({
  format: 'vtd-fs',
  title: 'VT-d first-stage entry (CPU layout)',
  path: 'drivers/iommu/intel/iommu.h',
  setBy: 'the x86_64 page-table code since 6.19, intel_map_pages() before',
  readBy: 'VT-d first-stage walks',
  source: 'Intel VT-d architecture specification',
}, [
  field('DMA_FL_PTE_PRESENT', '0', 'first stage: present'),
  field('DMA_FL_PTE_US', '2', 'first stage: user access'),
  field('DMA_FL_PTE_ACCESS', '5', 'first stage: accessed'),
  field('DMA_FL_PTE_DIRTY', '6', 'first stage: dirty'),
]);
