import { family, field, inWord, number, type FieldFamily } from './define.ts';

/** RISC-V device directory entry: drivers/iommu/riscv/iommu-bits.h. */
// prettier-ignore
export const riscvDdteFields: FieldFamily = family({
  format: 'riscv-ddte',
  title: 'RISC-V device directory entry',
  path: 'drivers/iommu/riscv/iommu-bits.h',
  noun: 'DDT entry',
  prefixes: ['RISCV_IOMMU_DDTE_'],
  setBy: 'riscv_iommu_get_dc()',
  readBy: 'the IOMMU, on its way to a device context',
  model: 'read on the way to a device context',
  source: 'RISC-V IOMMU architecture specification',
}, [
  ...inWord(0, [
    field('RISCV_IOMMU_DDTE_V', '0', 'valid'),
  ]),
  number('RISCV_IOMMU_DDTE_PPN', '0x3ffffffffffc00'),
]);
