import { family, field, inWord, value, type FieldFamily } from './define.ts';

/** RISC-V device context: drivers/iommu/riscv/iommu-bits.h. */
// prettier-ignore
export const riscvDcFields: FieldFamily = family({
  format: 'riscv-dc',
  title: 'RISC-V device context',
  path: 'drivers/iommu/riscv/iommu-bits.h',
  noun: 'device context',
  prefixes: ['RISCV_IOMMU_DC_TC_', 'RISCV_IOMMU_DC_TA_', 'RISCV_IOMMU_DC_'],
  setBy: 'riscv_iommu_iodir_update(): V is cleared, the rest written, V set, with IODIR.INVAL_DDT between',
  readBy: 'the IOMMU, when its directory cache misses',
  model: 'read by the RISC-V walker when its directory cache misses',
  source: 'RISC-V IOMMU architecture specification',
}, [
  ...inWord(0, [
    field('RISCV_IOMMU_DC_TC_V', '0', 'valid; 0 faults with DDT_INVALID'),
    field('RISCV_IOMMU_DC_TC_EN_ATS', '1', 'ATS is allowed'),
    field('RISCV_IOMMU_DC_TC_EN_PRI', '2', 'page requests are allowed'),
    field('RISCV_IOMMU_DC_TC_T2GPA', '3', 'ATS answers guest physical addresses'),
    field('RISCV_IOMMU_DC_TC_DTF', '4', 'translation faults are not reported'),
    field('RISCV_IOMMU_DC_TC_PDTV', '5', 'fsc points to a process directory'),
    field('RISCV_IOMMU_DC_TC_PRPR', '6', 'answers to page requests carry the PASID'),
    field('RISCV_IOMMU_DC_TC_GADE', '7', 'hardware sets A and D in the second stage'),
    field('RISCV_IOMMU_DC_TC_SADE', '8', 'hardware sets A and D in the first stage'),
    field('RISCV_IOMMU_DC_TC_DPE', '9', 'requests without PASID use process 0'),
    field('RISCV_IOMMU_DC_TC_SBE', '10', 'first-stage tables are big-endian'),
    field('RISCV_IOMMU_DC_TC_SXL', '11', 'first stage is 32-bit'),
  ]),
  ...inWord(1, [
    field('RISCV_IOMMU_DC_IOHGATP_PPN', '43:0', 'page number of the second-stage table'),
    field('RISCV_IOMMU_DC_IOHGATP_GSCID', '59:44', 'GSCID: tags second-stage entries, a VM'),
    field('RISCV_IOMMU_DC_IOHGATP_MODE', '63:60', 'levels of the second stage'),
    value('RISCV_IOMMU_DC_IOHGATP_MODE_BARE', 0, '63:60', 'RISCV_IOMMU_DC_IOHGATP_MODE', 'no second stage'),
    value('RISCV_IOMMU_DC_IOHGATP_MODE_SV32X4', 8, '63:60', 'RISCV_IOMMU_DC_IOHGATP_MODE', 'Sv32x4'),
    value('RISCV_IOMMU_DC_IOHGATP_MODE_SV39X4', 8, '63:60', 'RISCV_IOMMU_DC_IOHGATP_MODE', 'Sv39x4, 3 levels'),
    value('RISCV_IOMMU_DC_IOHGATP_MODE_SV48X4', 9, '63:60', 'RISCV_IOMMU_DC_IOHGATP_MODE', 'Sv48x4, 4 levels'),
    value('RISCV_IOMMU_DC_IOHGATP_MODE_SV57X4', 10, '63:60', 'RISCV_IOMMU_DC_IOHGATP_MODE', 'Sv57x4, 5 levels'),
  ]),
  ...inWord(2, [
    field('RISCV_IOMMU_DC_TA_PSCID', '31:12', 'PSCID: tags first-stage entries, a process'),
  ]),
  ...inWord(3, [
    field('RISCV_IOMMU_DC_FSC_PPN', '43:0', 'page number of the first-stage table, or of the process directory'),
    field('RISCV_IOMMU_DC_FSC_MODE', '63:60', 'levels of the first stage, or of the process directory'),
    value('RISCV_IOMMU_DC_FSC_MODE_BARE', 0, '63:60', 'RISCV_IOMMU_DC_FSC_MODE', 'no first stage'),
    value('RISCV_IOMMU_DC_FSC_IOSATP_MODE_SV32', 8, '63:60', 'RISCV_IOMMU_DC_FSC_MODE', 'Sv32'),
    value('RISCV_IOMMU_DC_FSC_IOSATP_MODE_SV39', 8, '63:60', 'RISCV_IOMMU_DC_FSC_MODE', 'Sv39, 3 levels'),
    value('RISCV_IOMMU_DC_FSC_IOSATP_MODE_SV48', 9, '63:60', 'RISCV_IOMMU_DC_FSC_MODE', 'Sv48, 4 levels'),
    value('RISCV_IOMMU_DC_FSC_IOSATP_MODE_SV57', 10, '63:60', 'RISCV_IOMMU_DC_FSC_MODE', 'Sv57, 5 levels'),
    value('RISCV_IOMMU_DC_FSC_PDTP_MODE_PD8', 1, '63:60', 'RISCV_IOMMU_DC_FSC_MODE', 'process directory of 8 bits'),
    value('RISCV_IOMMU_DC_FSC_PDTP_MODE_PD17', 2, '63:60', 'RISCV_IOMMU_DC_FSC_MODE', 'process directory of 17 bits'),
    value('RISCV_IOMMU_DC_FSC_PDTP_MODE_PD20', 3, '63:60', 'RISCV_IOMMU_DC_FSC_MODE', 'process directory of 20 bits'),
  ]),
  ...inWord(4, [
    field('RISCV_IOMMU_DC_MSIPTP_PPN', '43:0', 'page number of the MSI table'),
    field('RISCV_IOMMU_DC_MSIPTP_MODE', '63:60', 'whether MSI writes are translated'),
    value('RISCV_IOMMU_DC_MSIPTP_MODE_OFF', 0, '63:60', 'RISCV_IOMMU_DC_MSIPTP_MODE', 'MSI writes are not translated'),
    value('RISCV_IOMMU_DC_MSIPTP_MODE_FLAT', 1, '63:60', 'RISCV_IOMMU_DC_MSIPTP_MODE', 'one flat MSI table'),
  ]),
  ...inWord(5, [
    field('RISCV_IOMMU_DC_MSI_ADDR_MASK', '51:0', 'page number bits that pick the interrupt file'),
  ]),
  ...inWord(6, [
    field('RISCV_IOMMU_DC_MSI_PATTERN', '51:0', 'page number that makes a write an MSI'),
  ]),
]);
