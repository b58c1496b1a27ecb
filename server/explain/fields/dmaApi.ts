import { family, field, type FieldFamily } from './define.ts';

/** DMA attribute: include/linux/dma-mapping.h. */
// prettier-ignore
export const dmaApiFields: FieldFamily = family({
  format: 'dma-api',
  title: 'DMA attribute',
  path: 'include/linux/dma-mapping.h',
  prefixes: ['DMA_ATTR_'],
  setBy: 'callers of the DMA API',
  readBy: 'dma-direct, dma-iommu and the platform',
}, [
  field('DMA_ATTR_WEAK_ORDERING', '1', 'reads and writes may pass each other'),
  field('DMA_ATTR_WRITE_COMBINE', '2', 'CPU writes may be gathered'),
  field('DMA_ATTR_NO_KERNEL_MAPPING', '4', 'the CPU needs no address of the memory'),
  field('DMA_ATTR_SKIP_CPU_SYNC', '5', 'no cache maintenance here: the caller does it'),
  field('DMA_ATTR_FORCE_CONTIGUOUS', '6', 'physically contiguous memory'),
  field('DMA_ATTR_ALLOC_SINGLE_PAGES', '7', 'large pages are not worth the effort'),
  field('DMA_ATTR_NO_WARN', '8', 'failures are not printed'),
  field('DMA_ATTR_PRIVILEGED', '9', 'the buffer is for privileged accesses'),
  field('DMA_ATTR_MMIO', '10', 'the address is a device, not RAM: no cache maintenance, no page'),
  field('DMA_ATTR_DEBUGGING_IGNORE_CACHELINES', '11', 'mappings may share a cache line; all of them must say so'),
  field('DMA_ATTR_REQUIRE_COHERENT', '12', 'fails instead of bouncing or flushing'),
  field('DMA_ATTR_CC_SHARED', '13', 'the memory is shared with the host (decrypted)'),
  field('__DMA_ATTR_ALLOC_CC_SHARED', '14', 'internal: the allocator makes shared memory; not for drivers'),
  field('DMA_IOVA_USE_SWIOTLB', '63', 'a range of this IOVA was bounced'),
]);
