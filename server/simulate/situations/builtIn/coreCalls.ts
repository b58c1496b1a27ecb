import type { CallSpec, StatedValue } from '../spec.ts';

/** IOMMU_READ and IOMMU_WRITE (include/linux/iommu.h). */
const READ_WRITE = 3;

/**
 * What the IOMMU core is asked for, by the types that its functions take: releases name and order parameters
 * differently. Unit: bytes.
 */
export function asked(
  iova: number,
  paddr: number,
  bytes: number,
): Readonly<Record<string, StatedValue>> {
  return {
    ...{ '(unsigned long)': iova, '(phys_addr_t)': paddr, '(size_t)': bytes },
    ...{ '(int)': READ_WRITE, '(gfp_t)': 'GFP_KERNEL' },
  };
}

/** iommu_map() of a range to RAM. Unit: bytes. */
export function map(iova: number, paddr: number, bytes: number): CallSpec {
  return { call: 'iommu_map', arguments: asked(iova, paddr, bytes) };
}
