import { accessor, family, field, inWord, number, value, type FieldFamily } from './define.ts';

/** VT-d PASID entry: drivers/iommu/intel/pasid.h. */
// prettier-ignore
export const vtdPasidFields: FieldFamily = family({
  format: 'vtd-pasid',
  title: 'VT-d PASID entry',
  path: 'drivers/iommu/intel/pasid.h',
  noun: 'PASID entry',
  prefixes: ['pasid_set_', 'pasid_clear_', 'PASID_PTE_', 'PASID_'],
  setBy: 'intel_pasid_setup_*(), through the setters of pasid.h; P is set last',
  readBy: 'the IOMMU, when its PASID cache misses',
  model: 'read by the VT-d walker when its PASID cache misses',
  modelled: ['PASID_PTE_PRESENT', 'PASID_PTE_FPD', 'PASID_ENTRY_PGTT_FL_ONLY', 'PASID_ENTRY_PGTT_SL_ONLY', 'PASID_ENTRY_PGTT_NESTED', 'PASID_ENTRY_PGTT_PT', 'pasid_set_domain_id', 'pasid_set_slptr', 'pasid_set_address_width', 'pasid_set_translation_type', 'pasid_set_fault_enable', 'pasid_set_present', 'pasid_clear_present', 'pasid_set_flptr', 'pasid_set_flpm'],
  source: 'Intel VT-d architecture specification',
}, [
  number('PASID_MAX', 0x100000),
  field('PASID_PTE_MASK', '5:0', 'index into the last PASID table'),
  ...inWord(0, [
    field('PASID_PTE_PRESENT', '0', 'P: the entry counts'),
    field('PASID_PTE_FPD', '1', 'faults are not reported'),
  ]),
  number('PASID_PDE_SHIFT', 6),
  number('PASID_TBL_ENTRIES', 64),
  field('PASID_FLAG_NESTED', '1', 'the entry nests'),
  field('PASID_FLAG_PAGE_SNOOP', '2', 'accesses are snooped'),
  field('PASID_FLAG_PWSNP', '3', 'page walks are snooped'),
  field('PASID_FLAG_FL5LP', '1', 'first stage with 5 levels, else 4'),
  ...inWord(0, [
    value('PASID_ENTRY_PGTT_FL_ONLY', 1, '8:6', 'pasid_set_translation_type', 'first stage'),
    value('PASID_ENTRY_PGTT_SL_ONLY', 2, '8:6', 'pasid_set_translation_type', 'second stage'),
    value('PASID_ENTRY_PGTT_NESTED', 3, '8:6', 'pasid_set_translation_type', 'first stage over second'),
    value('PASID_ENTRY_PGTT_PT', 4, '8:6', 'pasid_set_translation_type', 'pass through'),
  ]),
  ...inWord(1, [
    accessor('pasid_set_domain_id', '15:0', 'sets the domain id'),
  ]),
  ...inWord(0, [
    accessor('pasid_set_slptr', '63:12', 'sets the address of the second-stage table'),
    accessor('pasid_set_address_width', '4:2', 'sets AW: 1 is 3 levels, 2 is 4, 3 is 5'),
    accessor('pasid_set_translation_type', '8:6', 'sets PGTT: 1 first stage, 2 second, 3 nested, 4 pass through'),
    accessor('pasid_set_fault_enable', '1', 'clears FPD: faults are reported'),
    accessor('pasid_set_ssade', '9', 'lets hardware set A and D in the second stage'),
    accessor('pasid_clear_ssade', '9', 'keeps hardware from setting A and D in the second stage'),
    accessor('pasid_get_ssade', '9', 'tells whether hardware sets A and D in the second stage'),
  ]),
  ...inWord(2, [
    accessor('pasid_set_sre', '0', 'allows supervisor requests'),
    accessor('pasid_set_wpe', '4', 'makes write protection hold for supervisor requests too'),
  ]),
  ...inWord(0, [
    accessor('pasid_set_present', '0', 'sets P, after everything else is written'),
    accessor('pasid_clear_present', '0', 'clears P; then invalidate, then zero the rest'),
  ]),
  ...inWord(1, [
    accessor('pasid_set_page_snoop', '23', 'sets PWSNP: page walks are snooped'),
    accessor('pasid_set_pgsnp', '24', 'sets PGSNP: accesses are snooped'),
  ]),
  ...inWord(2, [
    accessor('pasid_set_flptr', '63:12', 'sets the address of the first-stage table'),
    accessor('pasid_set_flpm', '3:2', 'sets the first-stage levels: 0 is 4, 1 is 5'),
    accessor('pasid_set_eafe', '7', 'lets hardware set the extended accessed flag'),
  ]),
]);
