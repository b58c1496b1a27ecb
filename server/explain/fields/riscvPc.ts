import { family, field, inWord, type FieldFamily } from './define.ts';

/** RISC-V process context: drivers/iommu/riscv/iommu-bits.h. */
// prettier-ignore
export const riscvPcFields: FieldFamily = family({
  format: 'riscv-pc',
  title: 'RISC-V process context',
  path: 'drivers/iommu/riscv/iommu-bits.h',
  noun: 'process context',
  prefixes: ['RISCV_IOMMU_PC_TA_', 'RISCV_IOMMU_PC_'],
  setBy: 'nobody in 7.3: the driver has no PASIDs yet',
  readBy: 'the IOMMU, when its directory cache misses',
  model: 'read by the RISC-V walker when its directory cache misses',
  source: 'RISC-V IOMMU architecture specification',
}, [
  ...inWord(0, [
    field('RISCV_IOMMU_PC_TA_V', '0', 'valid; 0 faults with PDT_INVALID'),
    field('RISCV_IOMMU_PC_TA_ENS', '1', 'supervisor requests are allowed'),
    field('RISCV_IOMMU_PC_TA_SUM', '2', 'supervisor requests may use user pages'),
    field('RISCV_IOMMU_PC_TA_PSCID', '31:12', 'PSCID: tags first-stage entries, a process'),
  ]),
  ...inWord(1, [
    field('RISCV_IOMMU_PC_FSC_PPN', '43:0', 'page number of the first-stage table'),
    field('RISCV_IOMMU_PC_FSC_MODE', '63:60', 'levels of the first stage'),
  ]),
]);
