import type { Kernel } from './review.ts';

/** Beginnings of the names of interfaces with a contract. A file that mentions none cannot violate one. */
const mention =
  /\b(?:dma_|dmam_|iommu_|iommufd_|iova_|vfio_|sg_alloc_table|sg_free_table|for_each_sg|set_memory_(?:de|en)crypted|pin_user_page|unpin_user_page|io_pgtable|alloc_io_pgtable|pt_iommu_)/;

/** Whether a file can have findings at all: it mentions an interface with a contract, or allows a finding. */
export function mentionsInterfaces(text: string, _kernel: Kernel): boolean {
  return mention.test(text) || text.includes('iovet:');
}
