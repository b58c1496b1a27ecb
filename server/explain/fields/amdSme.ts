import { family, fromFile, number, type FieldFamily } from './define.ts';

/** AMD memory encryption: drivers/iommu/amd/amd_iommu.h. */
// prettier-ignore
export const amdSmeFields: FieldFamily = family({
  format: 'amd-sme',
  title: 'AMD memory encryption',
  path: 'drivers/iommu/amd/amd_iommu.h',
}, [
  number('__sme_set', undefined, 'ORs the C-bit into an address that the IOMMU reads as encrypted RAM; never for MMIO'),
  ...fromFile('arch/x86/include/asm/mem_encrypt.h', [
    number('sme_me_mask', undefined, 'the C-bit; 0 while SME is off'),
  ]),
]);
