import {
  family,
  field,
  fromFile,
  inWord,
  member,
  number,
  value,
  type FieldFamily,
} from './define.ts';

/** SEV-SNP reverse map entry (RMP): arch/x86/virt/svm/sev.c. */
// prettier-ignore
export const snpRmpFields: FieldFamily = family({
  format: 'snp-rmp',
  title: 'SEV-SNP reverse map entry (RMP)',
  path: 'arch/x86/virt/svm/sev.c',
  noun: 'RMP entry',
  prefixes: ['rmpentry_raw.', 'rmpentry.'],
  setBy: 'RMPUPDATE and PSMASH, through rmp_make_private() and rmp_make_shared(); the firmware',
  readBy: 'CPU and IOMMU, after each translation',
  model: 'the confidential-computing part of the model checks it',
  source: 'AMD64 architecture manual, volume 2, SEV-SNP',
}, [
  ...fromFile('arch/x86/include/asm/sev.h', [
    number('SNP_CPUID_COUNT_MAX', 64, 'entries that the firmware\'s CPUID table can hold'),
    number('RMPUPDATE_FAIL_OVERLAP', 4, 'RMPUPDATE: a larger or smaller entry covers the page, try again'),
    number('PSMASH_FAIL_INUSE', 3, 'PSMASH: the entry is in use, try again'),
  ]),
  ...fromFile('arch/x86/include/asm/sev.h', [...inWord(0, [
    value('RMP_PG_SIZE_4K', 0, '1', 'rmpentry_raw.pagesize', '4 KiB entry'),
    value('RMP_PG_SIZE_2M', 1, '1', 'rmpentry_raw.pagesize', '2 MiB entry'),
  ])]),
  ...fromFile('arch/x86/include/asm/sev.h', [
    field('RMPADJUST_VMSA_PAGE_BIT', '16'),
  ]),
  ...inWord(0, [
    member('rmpentry_raw.assigned', '0', 'the page belongs to a guest or the firmware: host writes fault'),
    member('rmpentry_raw.pagesize', '1', '1 is a 2 MiB entry; IOMMU leaves must not be smaller'),
    member('rmpentry_raw.immutable', '2', 'only the firmware may change the entry'),
    member('rmpentry_raw.rsvd1', '11:3', 'reserved'),
    member('rmpentry_raw.gpa', '50:12', 'guest page number'),
    member('rmpentry_raw.asid', '60:51', 'guest that owns the page; 0 is hypervisor or firmware'),
    member('rmpentry_raw.vmsa', '61', 'the page holds saved guest registers'),
    member('rmpentry_raw.validated', '62', 'the guest has accepted the page (PVALIDATE)'),
    member('rmpentry_raw.rsvd2', '63', 'reserved'),
  ]),
  member('rmpentry.gpa', '63:0', 'guest physical address'),
  ...inWord(1, [
    member('rmpentry.assigned', '0', 'the page belongs to a guest or the firmware'),
    member('rmpentry.pagesize', '8', '1 is a 2 MiB entry'),
    member('rmpentry.hpage_region_status', '9', 'the 2 MiB around holds assigned 4 KiB entries'),
    member('rmpentry.immutable', '16', 'only the firmware may change the entry'),
    member('rmpentry.asid', '63:32', 'guest that owns the page'),
  ]),
]);
