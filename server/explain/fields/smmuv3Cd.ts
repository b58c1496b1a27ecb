import { family, field, inWord, number, type FieldFamily } from './define.ts';

/** SMMUv3 context descriptor (CD): drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h. */
// prettier-ignore
export const smmuv3CdFields: FieldFamily = family({
  format: 'smmuv3-cd',
  title: 'SMMUv3 context descriptor (CD)',
  path: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h',
  noun: 'CD',
  prefixes: ['CTXDESC_CD_0_TCR_', 'CTXDESC_CD_0_', 'CTXDESC_CD_1_'],
  setBy: 'arm_smmu_make_s1_cd() and _sva_cd(), stored by arm_smmu_write_cd_entry() only, each step with CFGI_CD and CMD_SYNC',
  readBy: 'the SMMU, when its configuration cache misses',
  model: 'read by the SMMUv3 walker when its configuration cache misses',
  source: 'Arm SMMUv3 architecture specification IHI 0070',
}, [
  number('CTXDESC_CD_DWORDS', 8),
  ...inWord(0, [
    field('CTXDESC_CD_0_TCR_T0SZ', '5:0', 'stage 1 input size is 64 - T0SZ bits'),
    field('CTXDESC_CD_0_TCR_TG0', '7:6', 'granule: 0 4 KiB, 1 64 KiB, 2 16 KiB'),
    field('CTXDESC_CD_0_TCR_IRGN0', '9:8', 'inner cacheability of walks'),
    field('CTXDESC_CD_0_TCR_ORGN0', '11:10', 'outer cacheability of walks'),
    field('CTXDESC_CD_0_TCR_SH0', '13:12', 'shareability of walks'),
    field('CTXDESC_CD_0_TCR_EPD0', '14', 'no walks from TTB0'),
    field('CTXDESC_CD_0_TCR_EPD1', '30', 'no walks from TTB1'),
    field('CTXDESC_CD_0_ENDI', '15', 'tables are big-endian'),
    field('CTXDESC_CD_0_V', '31', 'valid; 0 ends each transaction with C_BAD_CD'),
    field('CTXDESC_CD_0_TCR_IPS', '34:32', 'output size of stage 1'),
    field('CTXDESC_CD_0_TCR_TBI0', '38', 'the top address byte is ignored'),
    field('CTXDESC_CD_0_TCR_HA', '43', 'hardware sets the access flag'),
    field('CTXDESC_CD_0_TCR_HD', '42', 'hardware tracks dirty leaves; needs HA'),
    field('CTXDESC_CD_0_AA64', '41', 'tables are AArch64'),
    field('CTXDESC_CD_0_S', '44', 'faults stall'),
    field('CTXDESC_CD_0_R', '45', 'faults are recorded'),
    field('CTXDESC_CD_0_A', '46', 'a terminated transaction aborts, instead of reading zero'),
    field('CTXDESC_CD_0_ASET', '47', '1 keeps the ASID out of broadcast invalidation'),
    field('CTXDESC_CD_0_ASID', '63:48', 'ASID: tags stage 1 TLB entries'),
  ]),
  ...inWord(1, [
    field('CTXDESC_CD_1_HAFT', '3', 'hardware sets the access flag of tables too'),
    field('CTXDESC_CD_1_TTB0_MASK', '51:4', 'address of the stage 1 table'),
  ]),
]);
