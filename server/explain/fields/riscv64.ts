import { family, field, number, type FieldFamily } from './define.ts';

/** RISC-V entry: drivers/iommu/generic_pt/fmt/riscv.h. */
// prettier-ignore
export const riscv64Fields: FieldFamily = family({
  format: 'riscv64',
  title: 'RISC-V entry',
  path: 'drivers/iommu/generic_pt/fmt/riscv.h',
  prefixes: ['RISCVPT_'],
  setBy: 'riscvpt_install_leaf_entry() and _install_table(), with the bits of riscvpt_iommu_set_prot()',
  readBy: 'the RISC-V IOMMU, first and second stage',
  model: 'format riscv_64: written by the page-table code, read by the RISC-V walker',
  source: 'RISC-V privileged architecture, Sv39/Sv48/Sv57',
}, [
  number('PT_MAX_VA_ADDRESS_LG2', 57),
  number('PT_MAX_OUTPUT_ADDRESS_LG2', 56),
  number('PT_MAX_TOP_LEVEL', 4),
  number('PT_GRANULE_LG2SZ', 12),
  number('PT_TABLEMEM_LG2SZ', 12),
  field('PT_TOP_PHYS_MASK', '55:12', 'table addresses: fsc.PPN has 44 bits of 4 KiB pages'),
  field('RISCVPT_V', '0', 'valid; 0 makes the walker ignore all other bits'),
  field('RISCVPT_R', '1', 'read; V with R, W and X all 0 points to the next table'),
  field('RISCVPT_W', '2', 'write; W without R is reserved'),
  field('RISCVPT_X', '3', 'instruction fetch; V with R, W and X all 0 points to the next table'),
  field('RISCVPT_U', '4', 'user access; DMA without privilege needs it'),
  field('RISCVPT_G', '5', 'global: valid for every PSCID'),
  field('RISCVPT_A', '6', 'accessed; 0 faults unless hardware may set it (SADE)'),
  field('RISCVPT_D', '7', 'dirty; 0 faults on a write unless hardware may set it (SADE)'),
  field('RISCVPT_RSW', '9:8', 'left to software'),
  field('RISCVPT_PPN32', '31:10', 'page number in Sv32'),
  field('RISCVPT_PPN64', '53:10', 'page number in Sv39, Sv48 and Sv57: physical address 55:12'),
  field('RISCVPT_PPN64_64K', '53:14', 'page number above the size code of a 64 KiB Svnapot leaf'),
  field('RISCVPT_PBMT', '62:61', 'memory type (Svpbmt): 0 as the PMA says, 1 NC, 2 IO, 3 reserved'),
  field('RISCVPT_NC', '61', 'memory type NC: not cached, weakly ordered RAM'),
  field('RISCVPT_IO', '62', 'memory type IO: not cached, strongly ordered; IOMMU_MMIO asks for it'),
  field('RISCVPT_N', '63', 'Svnapot: one of a run of equal leaves; only 64 KiB at level 0 exists'),
  field('RISCVPT_PPN64_64K_SZ', '13', 'Svnapot size code: ppn[3:0] = 1000b is 64 KiB'),
  number('RISCVPT_PPN', '0x3ffffffffffc00'),
]);
