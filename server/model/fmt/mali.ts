import { addr } from '../bits/pfn.ts';
import { word } from '../bits/pte64.ts';
import type { ArmRegisters } from './armLpae.ts';
import { cited } from './source.ts';

const ARM_C = 'drivers/iommu/io-pgtable-arm.c';

const ADRMODE_TABLE = cited(3, ARM_C, 'ARM_MALI_LPAE_TTBR_ADRMODE_TABLE');
const READ_INNER = 1 << cited(2, ARM_C, 'ARM_MALI_LPAE_TTBR_READ_INNER');
const SHARE_OUTER = 1 << cited(4, ARM_C, 'ARM_MALI_LPAE_TTBR_SHARE_OUTER');
const IMP_DEF = cited(0x88, ARM_C, 'ARM_MALI_LPAE_MEMATTR_IMP_DEF');
const WRITE_ALLOC = cited(0x8d, ARM_C, 'ARM_MALI_LPAE_MEMATTR_WRITE_ALLOC');
const ATTR_LG2 = cited(3, ARM_C, 'ARM_LPAE_MAIR_ATTR_SHIFT');
const INDEX_CACHE = cited(1, ARM_C, 'ARM_LPAE_MAIR_ATTR_IDX_CACHE');
const INDEX_DEV = cited(2, ARM_C, 'ARM_LPAE_MAIR_ATTR_IDX_DEV');

/**
 * Registers of a Mali GPU's MMU.
 * Mali knows no uncached type, so the kernel leaves uncached and device memory to the implementation.
 * Kernel: arm_mali_lpae_alloc_pgtable().
 */
export function maliRegisters(pgdPfn: number, walks: 'coherent' | 'incoherent'): ArmRegisters {
  const share = walks === 'coherent' ? SHARE_OUTER : 0;
  return {
    transtab: { address: addr(pgdPfn, READ_INNER | ADRMODE_TABLE | share) },
    memattr: {
      word: word(
        IMP_DEF | (WRITE_ALLOC << (INDEX_CACHE << ATTR_LG2)) | (IMP_DEF << (INDEX_DEV << ATTR_LG2)),
      ),
    },
  };
}
