import { bits, type RecordSet } from '../common/record.ts';
import { Cause } from './faults.ts';

/*
 * Source of every bit in this file: RISC-V IOMMU Architecture Specification 1.0, "Fault/Event-Queue" and "Command-
 * Queue".
 */

/**
 * Fault records, 256 bits each; the cause is the code.
 * Source: RISC-V IOMMU Architecture Specification 1.0, "Fault/Event-Queue".
 * Kernel: drivers/iommu/riscv/iommu-bits.h, RISCV_IOMMU_FQ_HDR_*.
 */
export const RISCV_FAULTS: RecordSet = {
  words: 4,
  code: bits(0, 11, 0),
  forms: Object.entries(Cause).map(([name, code]) => ({
    name,
    code,
    fields: {
      process: bits(0, 31, 12),
      processValid: bits(0, 32),
      privileged: bits(0, 33),
      type: bits(0, 39, 34),
      device: bits(0, 63, 40),
      page: bits(2, 63, 12),
      offset: bits(2, 11, 0),
      ipaPage: bits(3, 63, 12),
    },
  })),
};

/** func3 is 1: it stands above the seven bits of the opcode. */
const FUNC3 = 0x80;
const IOTINVAL = {
  av: bits(0, 10),
  pscid: bits(0, 31, 12),
  pscv: bits(0, 32),
  gv: bits(0, 33),
  nl: bits(0, 34),
  gscid: bits(0, 59, 44),
  s: bits(1, 9),
  page: bits(1, 61, 10),
};

/**
 * Commands as software writes them, 128 bits each: the counterpart of {@link decodeCommand}. Function and opcode together
 * are the code. Source: RISC-V IOMMU Architecture Specification 1.0, "Command-Queue". Kernel: iommu-bits.h, RISCV_IOMMU_CMD_*.
 */
export const RISCV_COMMANDS: RecordSet = {
  words: 2,
  code: bits(0, 9, 0),
  forms: [
    { name: 'IOTINVAL.VMA', code: 1, fields: IOTINVAL },
    { name: 'IOTINVAL.GVMA', code: 1 + FUNC3, fields: IOTINVAL },
    {
      name: 'IOFENCE.C',
      code: 2,
      fields: {
        av: bits(0, 10),
        wsi: bits(0, 11),
        pr: bits(0, 12),
        pw: bits(0, 13),
        data: bits(0, 63, 32),
      },
    },
    { name: 'IODIR.INVAL_DDT', code: 3, fields: { dv: bits(0, 33), device: bits(0, 63, 40) } },
    {
      name: 'IODIR.INVAL_PDT',
      code: 3 + FUNC3,
      fields: { dv: bits(0, 33), device: bits(0, 63, 40), process: bits(0, 31, 12) },
    },
    {
      name: 'ATS.INVAL',
      code: 4,
      fields: {
        process: bits(0, 31, 12),
        pv: bits(0, 32),
        rid: bits(0, 55, 40),
        page: bits(1, 63, 12),
        s: bits(1, 11),
      },
    },
    { name: 'ATS.PRGR', code: 4 + FUNC3, fields: { rid: bits(0, 55, 40) } },
  ],
};
