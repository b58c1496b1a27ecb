import { family, field, number, type FieldFamily } from './define.ts';

/** Io-pgtable configuration: include/linux/io-pgtable.h. */
// prettier-ignore
export const ioPgtableFields: FieldFamily = family({
  format: 'io-pgtable',
  title: 'io-pgtable configuration',
  path: 'include/linux/io-pgtable.h',
  setBy: 'the driver, in struct io_pgtable_cfg',
  readBy: 'the io-pgtable formats',
}, [
  number('ARM_32_LPAE_S1', 0),
  number('ARM_32_LPAE_S2', 1),
  number('ARM_64_LPAE_S1', 2),
  number('ARM_64_LPAE_S2', 3),
  number('ARM_V7S', undefined),
  number('ARM_MALI_LPAE', 5),
  field('IO_PGTABLE_QUIRK_ARM_NS', '0', 'set NS and NSTABLE in stage 1 entries'),
  field('IO_PGTABLE_QUIRK_NO_PERMS', '1', 'permission bits are left out'),
  field('IO_PGTABLE_QUIRK_ARM_MTK_EXT', '3', 'v7s: MediaTek\'s wider addresses'),
  field('IO_PGTABLE_QUIRK_ARM_MTK_TTBR_EXT', '4', 'v7s: MediaTek\'s wider table pointer'),
  field('IO_PGTABLE_QUIRK_ARM_TTBR1', '5', 'the table is for TTBR1, upper addresses'),
  field('IO_PGTABLE_QUIRK_ARM_OUTER_WBWA', '6', 'table walks are cached outside only'),
  field('IO_PGTABLE_QUIRK_ARM_HD', '7', 'stage 1: hardware tracks dirty leaves (DBM)'),
  field('IO_PGTABLE_QUIRK_ARM_S2FWB', '8', 'stage 2: MemAttr forces write-back'),
  field('IO_PGTABLE_QUIRK_NO_WARN', '9', 'no WARN when a mapping is already there'),
]);
