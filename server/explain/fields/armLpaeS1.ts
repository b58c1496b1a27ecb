import { accessor, bit, family, field, number, value, type FieldFamily } from './define.ts';

/** Arm LPAE entry, stage 1: drivers/iommu/io-pgtable-arm.c. */
// prettier-ignore
export const armLpaeS1Fields: FieldFamily = family({
  format: 'arm-lpae-s1',
  title: 'Arm LPAE entry, stage 1',
  path: 'drivers/iommu/io-pgtable-arm.c',
  prefixes: ['ARM_LPAE_PTE_', 'ARM_LPAE_'],
  setBy: 'io-pgtable-arm: __arm_lpae_init_pte() and arm_lpae_install_table(), with the bits of arm_lpae_prot_to_pte()',
  readBy: 'the SMMU, in stage 1 walks',
  model: 'format arm_64_lpae_s1: written by io-pgtable-arm, read by the SMMUv3 walker',
  source: 'Arm architecture reference manual, VMSAv8-64 descriptors',
}, [
  field('ARM_LPAE_PTE_NSTABLE', '63', 'table, stage 1: everything below is non-secure'),
  field('ARM_LPAE_PTE_DBM', '51', 'dirty bit modifier: hardware may clear RDONLY on a write (CD.HD)'),
  field('ARM_LPAE_PTE_NS', '5', 'stage 1: the output address is non-secure'),
  field('ARM_LPAE_PTE_AP_UNPRIV', '6', 'stage 1: unprivileged access; IOMMU_PRIV leaves it out'),
  bit('ARM_LPAE_PTE_AP_RDONLY_BIT', 7, 'bit number of AP[2]'),
  field('ARM_LPAE_PTE_AP_RDONLY', '7', 'stage 1: read only; together with DBM writable and clean'),
  number('ARM_LPAE_PTE_AP_WR_CLEAN_MASK', '0x8000000000080', 'DBM and RDONLY: writable, not written yet'),
  number('ARM_LPAE_PTE_ATTRINDX_SHIFT', 2, 'position of AttrIndx, the index into MAIR'),
  field('ARM_LPAE_PTE_nG', '11', 'stage 1, not global: the TLB entry belongs to one ASID'),
  accessor('ARM_LPAE_MAIR_ATTR_SHIFT', undefined, 'position of one attribute inside MAIR'),
  field('ARM_LPAE_MAIR_ATTR_MASK', '7:0'),
  value('ARM_LPAE_MAIR_ATTR_DEVICE', 4, '7:0', 'ARM_LPAE_MAIR_ATTR_MASK', 'MAIR byte: Device-nGnRE'),
  value('ARM_LPAE_MAIR_ATTR_NC', 68, '7:0', 'ARM_LPAE_MAIR_ATTR_MASK', 'MAIR byte: Normal, not cached'),
  value('ARM_LPAE_MAIR_ATTR_INC_OWBRWA', 244, '7:0', 'ARM_LPAE_MAIR_ATTR_MASK', 'MAIR byte: not cached inside, write-back outside'),
  value('ARM_LPAE_MAIR_ATTR_WBRWA', 255, '7:0', 'ARM_LPAE_MAIR_ATTR_MASK', 'MAIR byte: Normal, write-back'),
  value('ARM_LPAE_MAIR_ATTR_IDX_NC', 0, '4:2', undefined, 'MAIR index of Normal, not cached'),
  value('ARM_LPAE_MAIR_ATTR_IDX_CACHE', 1, '4:2', undefined, 'MAIR index of Normal, write-back: IOMMU_CACHE'),
  value('ARM_LPAE_MAIR_ATTR_IDX_DEV', 2, '4:2', undefined, 'MAIR index of Device: IOMMU_MMIO'),
  value('ARM_LPAE_MAIR_ATTR_IDX_INC_OCACHE', 3, '4:2', undefined, 'MAIR index of Normal, cached outside only'),
]);
