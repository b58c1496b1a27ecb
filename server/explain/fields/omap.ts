import { family, field, mask, number, type FieldFamily } from './define.ts';

/** OMAP IOMMU: drivers/iommu/omap-iopgtable.h. */
// prettier-ignore
export const omapFields: FieldFamily = family({
  format: 'omap',
  title: 'OMAP IOMMU',
  path: 'drivers/iommu/omap-iopgtable.h',
}, [
  number('IOPGD_SHIFT', 20),
  field('IOPGD_SIZE', '20'),
  field('IOPGD_MASK', '63:20'),
  number('IOSECTION_SHIFT', 20),
  field('IOSECTION_SIZE', '20'),
  field('IOSECTION_MASK', '63:20'),
  number('IOSUPER_SHIFT', 24),
  field('IOSUPER_SIZE', '24'),
  field('IOSUPER_MASK', '63:24'),
  number('IOPTE_SHIFT', 12),
  field('IOPTE_SIZE', '12'),
  field('IOPTE_MASK', '63:12'),
  number('IOLARGE_SHIFT', 16),
  field('IOLARGE_SIZE', '16'),
  field('IOLARGE_MASK', '63:16'),
  field('IOPAGE_MASK', '63:12'),
  number('IOPGD_TABLE', 1),
  number('IOPGD_SECTION', 2),
  mask('IOPGD_SUPER', 0x40002),
  number('IOPTE_SMALL', 2),
  number('IOPTE_LARGE', 1),
]);
