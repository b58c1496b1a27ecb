import { family, field, inWord, number, type FieldFamily } from './define.ts';

/** RISC-V IOMMU command: drivers/iommu/riscv/iommu-bits.h. */
// prettier-ignore
export const riscvCmdFields: FieldFamily = family({
  format: 'riscv-cmd',
  title: 'RISC-V IOMMU command',
  path: 'drivers/iommu/riscv/iommu-bits.h',
  noun: 'command',
  setBy: 'riscv_iommu_cmd_*()',
  readBy: 'the IOMMU, from its command queue',
  model: 'commands drop what the model has cached',
  source: 'RISC-V IOMMU architecture specification',
}, [
  ...inWord(0, [
    field('RISCV_IOMMU_CMD0_OPCODE', '6:0', 'what the command does'),
    field('RISCV_IOMMU_CMD0_FUNC', '9:7', 'variant of the command'),
  ]),
  number('RISCV_IOMMU_CMD_IOTINVAL_OPCODE', 1, 'drop cached translations'),
  number('RISCV_IOMMU_CMD_IOTINVAL_FUNC_VMA', 0, 'first stage'),
  number('RISCV_IOMMU_CMD_IOTINVAL_FUNC_GVMA', 1, 'second stage'),
  ...inWord(0, [
    field('RISCV_IOMMU_CMD0_IOTINVAL_AV', '10', 'the address counts; 0 drops every address'),
    field('RISCV_IOMMU_CMD0_IOTINVAL_PSCID', '31:12', 'process whose entries go'),
    field('RISCV_IOMMU_CMD0_IOTINVAL_PSCV', '32', 'the PSCID counts'),
    field('RISCV_IOMMU_CMD0_IOTINVAL_GV', '33', 'the GSCID counts'),
    field('RISCV_IOMMU_CMD0_IOTINVAL_GSCID', '59:44', 'guest whose entries go'),
    field('RISCV_IOMMU_CMD0_IOTINVAL_NL', '34', 'table entries go too, not only leaves'),
  ]),
  ...inWord(1, [
    field('RISCV_IOMMU_CMD1_IOTINVAL_S', '9', 'the address codes a range, by its trailing ones'),
    field('RISCV_IOMMU_CMD1_IOTINVAL_ADDR', '61:10', 'page whose entries go'),
  ]),
  number('RISCV_IOMMU_CMD_IOFENCE_OPCODE', 2, 'done when all commands before it are'),
  number('RISCV_IOMMU_CMD_IOFENCE_FUNC_C', 0),
  ...inWord(0, [
    field('RISCV_IOMMU_CMD0_IOFENCE_AV', '10', 'writes DATA to an address when done'),
    field('RISCV_IOMMU_CMD0_IOFENCE_WSI', '11', 'raises a wired interrupt when done'),
    field('RISCV_IOMMU_CMD0_IOFENCE_PR', '12', 'earlier reads are done as well'),
    field('RISCV_IOMMU_CMD0_IOFENCE_PW', '13', 'earlier writes are done as well'),
    field('RISCV_IOMMU_CMD0_IOFENCE_DATA', '63:32', 'value written when done'),
  ]),
  number('RISCV_IOMMU_CMD_IODIR_OPCODE', 3, 'drop cached directory entries'),
  number('RISCV_IOMMU_CMD_IODIR_FUNC_INVAL_DDT', 0, 'device contexts'),
  number('RISCV_IOMMU_CMD_IODIR_FUNC_INVAL_PDT', 1, 'process contexts'),
  ...inWord(0, [
    field('RISCV_IOMMU_CMD0_IODIR_PID', '31:12', 'process whose context goes'),
    field('RISCV_IOMMU_CMD0_IODIR_DV', '33', 'the device id counts'),
    field('RISCV_IOMMU_CMD0_IODIR_DID', '63:40', 'device whose context goes'),
  ]),
  number('RISCV_IOMMU_CMD_ATS_OPCODE', 4, 'message to a device: ATS or PRI'),
  number('RISCV_IOMMU_CMD_ATS_FUNC_INVAL', 0, 'invalidate the ATC of a device'),
  number('RISCV_IOMMU_CMD_ATS_FUNC_PRGR', 1, 'answer a page request group'),
  ...inWord(0, [
    field('RISCV_IOMMU_CMD0_ATS_PID', '31:12'),
    field('RISCV_IOMMU_CMD0_ATS_PV', '32'),
    field('RISCV_IOMMU_CMD0_ATS_DSV', '33'),
    field('RISCV_IOMMU_CMD0_ATS_RID', '55:40'),
    field('RISCV_IOMMU_CMD0_ATS_DSEG', '63:56'),
  ]),
  ...inWord(1, [
    field('RISCV_IOMMU_CMD1_ATS_INVAL_G', '0', 'every PASID of the device'),
    field('RISCV_IOMMU_CMD1_ATS_INVAL_S', '11', 'the address codes a range, by its trailing ones'),
    field('RISCV_IOMMU_CMD1_ATS_INVAL_UADDR', '63:12'),
    field('RISCV_IOMMU_CMD1_ATS_PRGR_PRG_INDEX', '40:32', 'group that is answered'),
    field('RISCV_IOMMU_CMD1_ATS_PRGR_RESP_CODE', '47:44', '0 success, 1 invalid, 15 failure'),
    field('RISCV_IOMMU_CMD1_ATS_PRGR_DST_ID', '63:48'),
  ]),
]);
