import { cited } from './source.ts';

const IOMMU_H = 'include/linux/iommu.h';

/** Mapping permission: the device may read. */
export const IOMMU_READ: number = cited(1, IOMMU_H, 'IOMMU_READ');
/** Mapping permission: the device may write. */
export const IOMMU_WRITE: number = cited(2, IOMMU_H, 'IOMMU_WRITE');
/** The device's accesses snoop CPU caches. */
export const IOMMU_CACHE: number = cited(4, IOMMU_H, 'IOMMU_CACHE');
/** The device may not fetch instructions. */
export const IOMMU_NOEXEC: number = cited(8, IOMMU_H, 'IOMMU_NOEXEC');
/** The output address is a device, not memory. */
export const IOMMU_MMIO: number = cited(16, IOMMU_H, 'IOMMU_MMIO');
/** Only privileged transactions are allowed. */
export const IOMMU_PRIV: number = cited(32, IOMMU_H, 'IOMMU_PRIV');
