import { family, field, number, type FieldFamily } from './define.ts';

/** RISC-V MSI table entry: drivers/iommu/riscv/iommu-bits.h. */
// prettier-ignore
export const riscvMsipteFields: FieldFamily = family({
  format: 'riscv-msipte',
  title: 'RISC-V MSI table entry',
  path: 'drivers/iommu/riscv/iommu-bits.h',
  source: 'RISC-V IOMMU architecture specification',
}, [
  field('RISCV_IOMMU_MSIPTE_V', '0'),
  field('RISCV_IOMMU_MSIPTE_M', '2:1'),
  field('RISCV_IOMMU_MSIPTE_MRIF_ADDR', '53:7'),
  field('RISCV_IOMMU_MSIPTE_PPN', '53:10'),
  field('RISCV_IOMMU_MSIPTE_C', '63'),
  field('RISCV_IOMMU_MSIPTE_MRIF_NID', '9:0'),
  number('RISCV_IOMMU_MSIPTE_MRIF_NPPN', '0x3ffffffffffc00'),
  field('RISCV_IOMMU_MSIPTE_MRIF_NID_MSB', '60'),
]);
