import { family, number, type FieldFamily } from './define.ts';

/** Arm CCA: arch/arm64/include/asm/pgtable-prot.h. */
// prettier-ignore
export const armCcaFields: FieldFamily = family({
  format: 'arm-cca',
  title: 'Arm CCA',
  path: 'arch/arm64/include/asm/pgtable-prot.h',
}, [
  number('PROT_NS_SHARED', undefined, 'realm: the top address bit selects the shared alias'),
]);
