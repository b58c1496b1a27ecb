import { family, field, inWord, number, type FieldFamily } from './define.ts';

/** SMMUv3 page request: drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h. */
// prettier-ignore
export const smmuv3PriFields: FieldFamily = family({
  format: 'smmuv3-pri',
  title: 'SMMUv3 page request',
  path: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h',
  noun: 'page request',
  prefixes: ['PRIQ_0_', 'PRIQ_1_'],
  setBy: 'the SMMU',
  readBy: 'the PRI queue thread',
  source: 'Arm SMMUv3 architecture specification IHI 0070',
}, [
  number('PRIQ_ENT_SZ_SHIFT', 4, 'lg2 of the bytes of a page request'),
  number('PRIQ_ENT_DWORDS', 2),
  number('PRIQ_MAX_SZ_SHIFT', 18),
  ...inWord(0, [
    field('PRIQ_0_SID', '31:0', 'stream that asks'),
    field('PRIQ_0_SSID', '51:32', 'substream (PASID)'),
    field('PRIQ_0_PERM_PRIV', '58', 'asks with privilege'),
    field('PRIQ_0_PERM_EXEC', '59', 'asks to fetch instructions'),
    field('PRIQ_0_PERM_READ', '60', 'asks to read'),
    field('PRIQ_0_PERM_WRITE', '61', 'asks to write'),
    field('PRIQ_0_PRG_LAST', '62', 'last request of its group'),
    field('PRIQ_0_SSID_V', '63', 'the substream field counts'),
  ]),
  ...inWord(1, [
    field('PRIQ_1_PRG_IDX', '8:0', 'group that the answer names'),
    field('PRIQ_1_ADDR_MASK', '63:12', 'page that is asked for'),
  ]),
]);
