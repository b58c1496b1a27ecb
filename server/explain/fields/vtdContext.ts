import { accessor, family, field, inWord, value, type FieldFamily } from './define.ts';

/** VT-d context entry: drivers/iommu/intel/iommu.h. */
// prettier-ignore
export const vtdContextFields: FieldFamily = family({
  format: 'vtd-context',
  title: 'VT-d context entry',
  path: 'drivers/iommu/intel/iommu.h',
  noun: 'context entry',
  prefixes: ['context_set_sm_', 'context_set_', 'context_clear_', 'context_', 'CONTEXT_'],
  setBy: 'domain_context_mapping_one() (legacy), context_entry_set_pasid_table() (scalable); P is set last',
  readBy: 'the IOMMU, when its context cache misses',
  model: 'read by the VT-d walker when its context cache misses',
  modelled: ['context_set_present', 'context_clear_present', 'context_set_fault_enable', 'context_set_translation_type', 'context_set_address_root', 'context_set_address_width', 'context_set_domain_id', 'context_set_pasid', 'context_set_sm_rid2pasid', 'context_pdts', 'CONTEXT_TT_MULTI_LEVEL', 'CONTEXT_TT_DEV_IOTLB', 'CONTEXT_TT_PASS_THROUGH', 'CONTEXT_PASIDE'],
  source: 'Intel VT-d architecture specification',
}, [
  ...inWord(0, [
    value('CONTEXT_TT_MULTI_LEVEL', 0, '3:2', 'context_set_translation_type', 'untranslated requests only; ATS is refused'),
    value('CONTEXT_TT_DEV_IOTLB', 1, '3:2', 'context_set_translation_type', 'translated requests (ATS) are allowed too'),
    value('CONTEXT_TT_PASS_THROUGH', 2, '3:2', 'context_set_translation_type', 'addresses pass untranslated'),
    field('CONTEXT_PASIDE', '3', 'scalable mode: requests with PASID are allowed'),
    accessor('context_set_present', '0', 'sets P, after everything else is written'),
    accessor('context_clear_present', '0', 'clears P; then invalidate, then zero the rest'),
    accessor('context_set_fault_enable', '1', 'clears FPD: faults are reported'),
    accessor('context_set_translation_type', '3:2', 'sets TT: 0 translate, 1 and ATS, 2 pass through'),
    accessor('context_set_address_root', '63:12', 'sets the address of the second-stage table'),
  ]),
  ...inWord(1, [
    accessor('context_set_address_width', '2:0', 'sets AW: 1 is 3 levels, 2 is 4, 3 is 5'),
    accessor('context_set_domain_id', '23:8', 'sets the domain id'),
  ]),
  ...inWord(0, [
    accessor('context_set_pasid', '3', 'scalable mode: sets PASIDE'),
  ]),
  ...inWord(1, [
    accessor('context_set_sm_rid2pasid', '19:0', 'scalable mode: sets the PASID of requests without one'),
  ]),
  ...inWord(0, [
    accessor('context_set_sm_dte', '2', 'scalable mode: allows ATS'),
    accessor('context_set_sm_pre', '4', 'scalable mode: allows page requests'),
    accessor('context_pdts', '11:9', 'scalable mode: codes the size of the PASID directory'),
  ]),
]);
