import { family, field, inWord, type FieldFamily } from './define.ts';

/** AMD extended feature register: drivers/iommu/amd/amd_iommu_types.h. */
// prettier-ignore
export const amdEfrFields: FieldFamily = family({
  format: 'amd-efr',
  title: 'AMD extended feature register',
  path: 'drivers/iommu/amd/amd_iommu_types.h',
  noun: 'EFR',
  prefixes: ['FEATURE_'],
  setBy: 'the hardware',
  readBy: 'check_feature() and check_feature2()',
  source: 'AMD I/O Virtualization specification 48882',
}, [
  field('FEATURE_PREFETCH', '0', 'prefetch command'),
  field('FEATURE_PPR', '1', 'page requests'),
  field('FEATURE_X2APIC', '2'),
  field('FEATURE_NX', '3'),
  field('FEATURE_GT', '4', 'guest (v2) tables'),
  field('FEATURE_IA', '6', 'invalidate-all command'),
  field('FEATURE_GA', '7', 'guest virtual APIC'),
  field('FEATURE_HE', '8', 'hardware error registers'),
  field('FEATURE_PC', '9', 'performance counters'),
  field('FEATURE_HATS', '11:10', 'levels of host tables: 0 is 4, 1 is 5, 2 is 6'),
  field('FEATURE_GATS', '13:12', 'levels of guest tables: 0 is 4, 1 is 5'),
  field('FEATURE_GLX', '15:14', 'levels of GCR3 tables, minus 1'),
  field('FEATURE_GAM_VAPIC', '21'),
  field('FEATURE_PASMAX', '36:32', 'PASID bits, minus 1'),
  field('FEATURE_GIOSUP', '48', 'GIOV: DMA without PASID as PASID 0'),
  field('FEATURE_HASUP', '49', 'hardware sets accessed bits in host tables'),
  field('FEATURE_EPHSUP', '50'),
  field('FEATURE_HDSUP', '52', 'hardware sets dirty bits in host tables'),
  field('FEATURE_SNP', '63', 'SEV-SNP checks'),
  ...inWord(1, [
    field('FEATURE_SEVSNPIO_SUP', '1', 'trusted I/O for SEV-SNP guests'),
    field('FEATURE_GCR3TRPMODE', '3', 'the DTE can hold a guest physical GCR3 pointer'),
    field('FEATURE_SNPAVICSUP', '7:5'),
    field('FEATURE_HT_RANGE_IGNORE', '11'),
    field('FEATURE_SNP_PAGE_MODE0_SUP', '13', 'DTE mode 0 is allowed while SNP is on'),
    field('FEATURE_NUM_INT_REMAP_SUP', '9:8'),
  ]),
]);
