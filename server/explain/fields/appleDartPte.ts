import { family, field, number, type FieldFamily } from './define.ts';

/** Apple DART entry: drivers/iommu/io-pgtable-dart.c. */
// prettier-ignore
export const appleDartPteFields: FieldFamily = family({
  format: 'apple-dart-pte',
  title: 'Apple DART entry',
  path: 'drivers/iommu/io-pgtable-dart.c',
}, [
  number('DART1_MAX_ADDR_BITS', 36),
  number('DART_MAX_TABLE_BITS', 2),
  number('DART_MAX_TABLES', 4),
  number('DART_MAX_LEVELS', 4),
  field('APPLE_DART_PTE_SUBPAGE_START', '63:52'),
  field('APPLE_DART_PTE_SUBPAGE_END', '51:40'),
  field('APPLE_DART1_PADDR_MASK', '35:12'),
  field('APPLE_DART2_PADDR_MASK', '37:10'),
  number('APPLE_DART2_PADDR_SHIFT', 4),
  field('APPLE_DART1_PTE_PROT_NO_READ', '8'),
  field('APPLE_DART1_PTE_PROT_NO_WRITE', '7'),
  field('APPLE_DART1_PTE_PROT_SP_DIS', '1'),
  field('APPLE_DART2_PTE_PROT_NO_READ', '3'),
  field('APPLE_DART2_PTE_PROT_NO_WRITE', '2'),
  field('APPLE_DART2_PTE_PROT_NO_CACHE', '1'),
  field('APPLE_DART_PTE_VALID', '0'),
]);
