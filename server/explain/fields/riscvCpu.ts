import { family, field, fromFile, mask, number, value, type FieldFamily } from './define.ts';

/** RISC-V CPU page table: arch/riscv/include/asm/pgtable-bits.h. */
// prettier-ignore
export const riscvCpuFields: FieldFamily = family({
  format: 'riscv-cpu',
  title: 'RISC-V CPU page table',
  path: 'arch/riscv/include/asm/pgtable-bits.h',
}, [
  ...fromFile('arch/riscv/include/asm/pgtable-64.h', [
    field('_PAGE_PFN_MASK', '53:10'),
    number('_PAGE_NAPOT_SHIFT', 63),
    field('_PAGE_NAPOT', '63'),
    field('_PAGE_NOCACHE_SVPBMT', '61'),
    field('_PAGE_IO_SVPBMT', '62'),
    field('_PAGE_MTMASK_SVPBMT', '62:61'),
    field('_PAGE_PMA_THEAD', '62:60'),
    field('_PAGE_NOCACHE_THEAD', '61:60'),
    mask('_PAGE_IO_THEAD', '0x9000000000000000'),
    field('_PAGE_MTMASK_THEAD', '63:59'),
  ]),
  number('_PAGE_ACCESSED_OFFSET', 6),
  field('_PAGE_PRESENT', '0'),
  field('_PAGE_READ', '1', 'read'),
  field('_PAGE_WRITE', '2', 'write'),
  field('_PAGE_EXEC', '3', 'instruction fetch'),
  field('_PAGE_USER', '4', 'user access'),
  field('_PAGE_GLOBAL', '5', 'in every address space'),
  field('_PAGE_ACCESSED', '6', 'accessed'),
  field('_PAGE_DIRTY', '7', 'dirty'),
  field('_PAGE_SOFT', '9:8'),
  field('_PAGE_SPECIAL', '8'),
  value('_PAGE_SOFT_DIRTY', 0, '9:8', '_PAGE_SOFT'),
  number('_PAGE_SWP_SOFT_DIRTY', 0),
  number('_PAGE_UFFD', 0),
  number('_PAGE_SWP_UFFD', 0),
  field('_PAGE_TABLE', '0'),
  field('_PAGE_PROT_NONE', '5'),
  field('_PAGE_SWP_EXCLUSIVE', '6'),
  number('_PAGE_PFN_SHIFT', 10),
  field('_PAGE_LEAF', '3:1'),
]);
