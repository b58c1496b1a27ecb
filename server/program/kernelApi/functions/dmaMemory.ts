import type { FunctionContract } from '../contract.ts';
import { each, fn, relevant } from '../define.ts';

const notIrqsOff = 'not with interrupts disabled';

/** Memory that CPU and device share: coherent, write-combined, non-coherent, pages, pools. */
// prettier-ignore
export const dmaMemoryFunctions: readonly FunctionContract[] = relevant([
  fn('dma_alloc_coherent(dev, size, dmaOut, gfp)', 'ptr_or_null', 'gfp', { acquires: ['dmaCoherent', 'result', '*dmaOut'] }),
  fn('dma_zalloc_coherent(dev, size, dmaOut, gfp)', 'ptr_or_null', 'gfp', { acquires: ['dmaCoherent', 'result', '*dmaOut'] }),
  fn('dma_alloc_attrs(dev, size, dmaOut, gfp, attrs)', 'ptr_or_null', 'gfp', { acquires: ['dmaAttrs', 'result', '*dmaOut'] }),
  fn('dma_free_coherent(dev, size, cpu, dma)', 'void', 'irqsEnabled', { releases: [['dmaCoherent', 'dmaAttrs', 'dmaWc'], 'cpu', 'dma'], note: notIrqsOff }),
  fn('dma_free_attrs(dev, size, cpu, dma, attrs)', 'void', 'irqsEnabled', { releases: [['dmaAttrs', 'dmaCoherent', 'dmaWc'], 'cpu', 'dma'], note: notIrqsOff }),
  fn('dmam_alloc_coherent(dev, size, dmaOut, gfp)', 'ptr_or_null', 'gfp', { acquires: ['dmaManaged', 'result', '*dmaOut'], managed: 'devres' }),
  fn('dmam_alloc_attrs(dev, size, dmaOut, gfp, attrs)', 'ptr_or_null', 'gfp', { acquires: ['dmaManaged', 'result', '*dmaOut'], managed: 'devres' }),
  fn('dmam_free_coherent(dev, size, cpu, dma)', 'void', 'irqsEnabled', { releases: ['dmaManaged', 'cpu', 'dma'], note: notIrqsOff }),
  fn('dma_alloc_wc(dev, size, dmaOut, gfp)', 'ptr_or_null', 'gfp', { acquires: ['dmaWc', 'result', '*dmaOut'] }),
  fn('dma_free_wc(dev, size, cpu, dma)', 'void', 'irqsEnabled', { releases: [['dmaWc', 'dmaAttrs', 'dmaCoherent'], 'cpu', 'dma'], note: notIrqsOff }),
  fn('dma_alloc_writecombine(dev, size, dmaOut, gfp)', 'ptr_or_null', 'gfp', { acquires: ['dmaWc', 'result', '*dmaOut'] }),
  fn('dma_free_writecombine(dev, size, cpu, dma)', 'void', 'irqsEnabled', { releases: [['dmaWc', 'dmaAttrs', 'dmaCoherent'], 'cpu', 'dma'], note: notIrqsOff }),
  fn('dma_alloc_pages(dev, size, dmaOut, dir, gfp)', 'ptr_or_null', 'gfp', { acquires: ['dmaPages', 'result', '*dmaOut'], note: 'needs dma_sync_*() around every use' }),
  fn('dma_free_pages(dev, size, page, dma, dir)', 'void', 'irqsEnabled', { releases: ['dmaPages', 'page', 'dma'] }),
  fn('dma_alloc_noncoherent(dev, size, dmaOut, dir, gfp)', 'ptr_or_null', 'gfp', { acquires: ['dmaNoncoherent', 'result', '*dmaOut'], note: 'needs dma_sync_*() around every use' }),
  fn('dma_free_noncoherent(dev, size, cpu, dma, dir)', 'void', 'irqsEnabled', { releases: ['dmaNoncoherent', 'cpu', 'dma'] }),
  fn('dma_alloc_noncontiguous(dev, size, dir, gfp, attrs)', 'ptr_or_null', 'gfp', { acquires: ['dmaNoncontiguous', 'result'] }),
  fn('dma_free_noncontiguous(dev, size, sgtable, dir)', 'void', 'irqsEnabled', { releases: ['dmaNoncontiguous', 'sgtable'] }),
  fn('dma_vmap_noncontiguous(dev, size, sgtable)', 'ptr_or_null', 'maySleep'),
  fn('dma_vunmap_noncontiguous(dev, cpu)', 'void', 'maySleep'),
  fn('dma_mmap_attrs(dev, vma, cpu, dma, size, attrs)', 'errno', 'maySleep'),
  fn('dma_mmap_coherent(dev, vma, cpu, dma, size)', 'errno', 'maySleep'),
  fn('dma_mmap_wc(dev, vma, cpu, dma, size)', 'errno', 'maySleep'),
  fn('dma_mmap_pages(dev, vma, size, page)', 'errno', 'maySleep'),
  fn('dma_get_sgtable(dev, sgtableOut, cpu, dma, size)', 'errno', 'maySleep', { acquires: ['sgTable', 'sgtableOut'], note: 'the table has struct pages only where the memory happens to have them' }),
  fn('dma_get_sgtable_attrs(dev, sgtableOut, cpu, dma, size, attrs)', 'errno', 'maySleep', { acquires: ['sgTable', 'sgtableOut'] }),
  fn('pci_zalloc_consistent(dev, size, dmaOut)', 'ptr_or_null', 'maySleep', { acquires: ['dmaCoherent', 'result', '*dmaOut'] }),
  fn('pci_alloc_consistent(dev, size, dmaOut)', 'ptr_or_null', 'maySleep', { acquires: ['dmaCoherent', 'result', '*dmaOut'] }),
  fn('pci_free_consistent(dev, size, cpu, dma)', 'void', 'irqsEnabled', { releases: ['dmaCoherent', 'cpu', 'dma'] }),

  fn('dma_pool_create(name, dev, size, other, other)', 'ptr_or_null', 'maySleep', { acquires: ['dmaPool', 'result'] }),
  fn('dma_pool_create_node(name, dev, size, other, other, other)', 'ptr_or_null', 'maySleep', { acquires: ['dmaPool', 'result'] }),
  fn('dmam_pool_create(name, dev, size, other, other)', 'ptr_or_null', 'maySleep', { acquires: ['dmaPool', 'result'], managed: 'devres' }),
  ...each('dma_pool_destroy dmam_pool_destroy', 'pool', 'void', 'maySleep', { releases: ['dmaPool', 'pool'] }),
  ...each('dma_pool_alloc dma_pool_zalloc', 'pool, gfp, dmaOut', 'ptr_or_null', 'gfp', { acquires: ['dmaPoolObject', 'result', '*dmaOut'] }),
  fn('dma_pool_free(pool, cpu, dma)', 'void', 'atomic', { releases: ['dmaPoolObject', 'cpu', 'dma'] }),
  fn('pci_pool_create(name, dev, size, other, other)', 'ptr_or_null', 'maySleep', { acquires: ['dmaPool', 'result'] }),
  ...each('pci_pool_alloc pci_pool_zalloc', 'pool, gfp, dmaOut', 'ptr_or_null', 'gfp', { acquires: ['dmaPoolObject', 'result', '*dmaOut'] }),
  fn('pci_pool_free(pool, cpu, dma)', 'void', 'atomic', { releases: ['dmaPoolObject', 'cpu', 'dma'] }),
  fn('pci_pool_destroy(pool)', 'void', 'maySleep', { releases: ['dmaPool', 'pool'] }),
]);
