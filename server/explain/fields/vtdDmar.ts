import { family, number, type FieldFamily } from './define.ts';

/** DMAR driver constant: include/linux/dmar.h. */
// prettier-ignore
export const vtdDmarFields: FieldFamily = family({
  format: 'vtd-dmar',
  title: 'DMAR driver constant',
  path: 'include/linux/dmar.h',
}, [
  number('DMAR_UNITS_SUPPORTED', 1024),
  number('DMAR_INTR_REMAP', 1),
  number('DMAR_X2APIC_OPT_OUT', 2),
  number('DMAR_PLATFORM_OPT_IN', 4),
  number('DMAR_REMAP_OPT_OUT', 8),
]);
