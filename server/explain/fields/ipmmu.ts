import { accessor, family, field, number, type FieldFamily } from './define.ts';

/** Renesas IPMMU: drivers/iommu/ipmmu-vmsa.c. */
// prettier-ignore
export const ipmmuFields: FieldFamily = family({
  format: 'ipmmu',
  title: 'Renesas IPMMU',
  path: 'drivers/iommu/ipmmu-vmsa.c',
}, [
  number('IM_NS_ALIAS_OFFSET', 2048),
  number('IMCTR', 0),
  field('IMCTR_INTEN', '2'),
  field('IMCTR_FLUSH', '1'),
  field('IMCTR_MMUEN', '0'),
  number('IMTTBCR', 8),
  field('IMTTBCR_EAE', '31'),
  field('IMTTBCR_SH0_INNER_SHAREABLE', '13:12'),
  field('IMTTBCR_ORGN0_WB_WA', '10'),
  field('IMTTBCR_IRGN0_WB_WA', '8'),
  field('IMTTBCR_SL0_TWOBIT_LVL_1', '7'),
  field('IMTTBCR_SL0_LVL_1', '4'),
  number('IMBUSCR', 12),
  field('IMBUSCR_DVM', '2'),
  field('IMBUSCR_BUSSEL_MASK', '1:0'),
  number('IMTTLBR0', 16),
  number('IMTTUBR0', 20),
  number('IMSTR', 32),
  field('IMSTR_MHIT', '4'),
  field('IMSTR_ABORT', '2'),
  field('IMSTR_PF', '1'),
  field('IMSTR_TF', '0'),
  number('IMMAIR0', 40),
  number('IMELAR', 48),
  number('IMEUAR', 52),
  accessor('IMUCTR_TTSEL_MMU', undefined),
  field('IMUCTR_FLUSH', '1'),
  field('IMUCTR_MMUEN', '0'),
]);
