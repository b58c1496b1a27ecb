import type { Arch } from './space.ts';

/** A range of IOVA pages, both ends inclusive. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** log2 of the largest range that one AMD command codes. Kernel: build_inv_address(). */
const AMD_MAX_LG2 = 52;
/** Default of cap_max_amask_val(): the largest address mask of a VT-d page-selective invalidation. Unit: lg2 pages. */
export const VTD_MAX_MASK = 18;
/** Commands after which RISC-V flushes the whole address space instead. Kernel: riscv_iommu_iotlb_inval(). */
const RISCV_MAX_COMMANDS = 512;
const PAGE_LG2 = 12;

/**
 * The range that the commands for a gathered range really cover; undefined for a whole address space.
 * Source: MODEL section 5. Kernel: amd/iommu.c:build_inv_address(), intel/cache.c:calculate_psi_aligned_address(),
 * riscv/iommu.c, arm-smmu-v3.c:__arm_smmu_tlb_inv_range().
 */
export function codedRange(arch: Arch, asked: PageRange): PageRange | undefined {
  switch (arch) {
    case 'amd':
      return powerOfTwo(asked, AMD_MAX_LG2 - PAGE_LG2);
    case 'vtd':
      return powerOfTwo(asked, VTD_MAX_MASK);
    case 'riscv':
      return asked.last - asked.first >= RISCV_MAX_COMMANDS ? undefined : asked;
    case 'smmuv3':
      return asked;
  }
}

/** The smallest naturally aligned power of two that holds a range. */
function powerOfTwo(asked: PageRange, maxLg2: number): PageRange | undefined {
  let lg2 = 0;
  while (Math.floor(asked.first / 2 ** lg2) !== Math.floor(asked.last / 2 ** lg2)) lg2++;
  if (lg2 > maxLg2) return undefined;
  const first = asked.first - (asked.first % 2 ** lg2);
  return { first, last: first + 2 ** lg2 - 1 };
}
