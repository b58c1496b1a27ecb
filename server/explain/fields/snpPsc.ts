import { accessor, family, field, mask, number, type FieldFamily } from './define.ts';

/** SEV-SNP page state change: arch/x86/include/asm/sev-common.h. */
// prettier-ignore
export const snpPscFields: FieldFamily = family({
  format: 'snp-psc',
  title: 'SEV-SNP page state change',
  path: 'arch/x86/include/asm/sev-common.h',
}, [
  number('GHCB_MSR_PSC_REQ', 20),
  accessor('GHCB_MSR_PSC_REQ_GFN', '39:0', 'guest page whose state changes'),
  number('VMGEXIT_PSC_MAX_ENTRY', 64),
  number('VMGEXIT_PSC_MAX_COUNT', 253),
  field('VMGEXIT_PSC_ERROR_GENERIC', '40'),
  mask('VMGEXIT_PSC_ERROR_INVALID_HDR', '0x100000001'),
  mask('VMGEXIT_PSC_ERROR_INVALID_ENTRY', '0x100000002'),
  number('VMGEXIT_PSC_OP_PRIVATE', 1, 'make private'),
  number('VMGEXIT_PSC_OP_SHARED', 2, 'make shared'),
]);
