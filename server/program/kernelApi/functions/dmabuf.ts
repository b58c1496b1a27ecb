import type { FunctionContract } from '../contract.ts';
import { each, fn, relevant } from '../define.ts';

/** Buffers shared between devices: include/linux/dma-buf.h. */
// prettier-ignore
export const dmabufFunctions: readonly FunctionContract[] = relevant([
  fn('dma_buf_map_attachment(attachment, dir)', 'err_ptr', 'maySleep', { acquires: ['dmabufMapping', 'result'], note: 'with the reservation lock held' }),
  fn('dma_buf_unmap_attachment(attachment, sgtable, dir)', 'void', 'maySleep', { releases: ['dmabufMapping', 'sgtable'], note: 'with the reservation lock held' }),
  fn('dma_buf_map_attachment_unlocked(attachment, dir)', 'err_ptr', 'maySleep', { acquires: ['dmabufMapping', 'result'] }),
  fn('dma_buf_unmap_attachment_unlocked(attachment, sgtable, dir)', 'void', 'maySleep', { releases: ['dmabufMapping', 'sgtable'] }),
  fn('dma_buf_attach(dmabuf, dev)', 'err_ptr', 'maySleep', { acquires: ['dmabufAttachment', 'result'] }),
  fn('dma_buf_dynamic_attach(dmabuf, dev, other, other)', 'err_ptr', 'maySleep', { acquires: ['dmabufAttachment', 'result'] }),
  fn('dma_buf_detach(dmabuf, attachment)', 'void', 'maySleep', { releases: ['dmabufAttachment', 'attachment'] }),
  fn('dma_buf_get(other)', 'err_ptr', 'maySleep', { acquires: ['dmabufRef', 'result'] }),
  fn('dma_buf_export(other)', 'err_ptr', 'maySleep', { acquires: ['dmabufRef', 'result'] }),
  fn('dma_buf_put(dmabuf)', 'void', 'maySleep', { releases: ['dmabufRef', 'dmabuf'] }),
  fn('dma_buf_pin(attachment)', 'errno', 'maySleep', { acquires: ['dmabufPin', 'attachment'] }),
  fn('dma_buf_unpin(attachment)', 'void', 'maySleep', { releases: ['dmabufPin', 'attachment'] }),
  ...each('dma_buf_vmap dma_buf_vmap_unlocked', 'dmabuf, other', 'errno', 'maySleep', { acquires: ['dmabufVmap', 'dmabuf'] }),
  ...each('dma_buf_vunmap dma_buf_vunmap_unlocked', 'dmabuf, other', 'void', 'maySleep', { releases: ['dmabufVmap', 'dmabuf'] }),
  fn('dma_buf_phys_vec_to_sgt(attachment, other, other, other, size, dir)', 'err_ptr', 'maySleep', { acquires: ['dmabufMapping', 'result'], since: '7.2' }),
  fn('dma_buf_free_sgt(attachment, sgtable, dir)', 'void', 'maySleep', { releases: ['dmabufMapping', 'sgtable'], since: '7.2' }),
  ...each('dma_buf_begin_cpu_access dma_buf_end_cpu_access', 'dmabuf, dir', 'errno', 'maySleep'),
  fn('pci_p2pdma_add_resource(dev, bar, size, offset)', 'errno', 'maySleep'),
]);
