import { family, number, type FieldFamily } from './define.ts';

/** X86 memory encryption: arch/x86/coco/core.c. */
// prettier-ignore
export const x86CcFields: FieldFamily = family({
  format: 'x86-cc',
  title: 'x86 memory encryption',
  path: 'arch/x86/coco/core.c',
}, [
  number('cc_mask', undefined, 'address bit that tells encrypted from shared memory: SEV C-bit, or TDX shared bit'),
]);
