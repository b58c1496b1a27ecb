import type { FunctionContract } from '../contract.ts';
import { each, fn, relevant } from '../define.ts';

const original = 'takes the number of entries that was given to the map call, not what it returned';
const checkIt = 'the result is only to be tested with dma_mapping_error()';

const streaming = ['dmaSingle', 'dmaPage', 'dmaPhys', 'dmaResource'] as const;

/** Streaming mappings: include/linux/dma-mapping.h and the wrappers that subsystems put around it. */
// prettier-ignore
export const dmaStreamingFunctions: readonly FunctionContract[] = relevant([
  fn('dma_map_single(dev, cpu, size, dir)', 'dma_addr', 'atomic', { acquires: ['dmaSingle', 'result'], note: checkIt }),
  fn('dma_map_single_attrs(dev, cpu, size, dir, attrs)', 'dma_addr', 'atomic', { acquires: ['dmaSingle', 'result'], note: checkIt }),
  fn('dma_unmap_single(dev, dma, size, dir)', 'void', 'atomic', { releases: [['dmaSingle', 'dmaPage', 'dmaPhys'], 'dma'] }),
  fn('dma_unmap_single_attrs(dev, dma, size, dir, attrs)', 'void', 'atomic', { releases: [['dmaSingle', 'dmaPage', 'dmaPhys'], 'dma'] }),
  fn('dma_map_page(dev, page, offset, size, dir)', 'dma_addr', 'atomic', { acquires: ['dmaPage', 'result'], note: checkIt }),
  fn('dma_map_page_attrs(dev, page, offset, size, dir, attrs)', 'dma_addr', 'atomic', { acquires: ['dmaPage', 'result'], note: checkIt }),
  fn('dma_unmap_page(dev, dma, size, dir)', 'void', 'atomic', { releases: [['dmaPage', 'dmaSingle', 'dmaPhys'], 'dma'] }),
  fn('dma_unmap_page_attrs(dev, dma, size, dir, attrs)', 'void', 'atomic', { releases: [['dmaPage', 'dmaSingle', 'dmaPhys'], 'dma'] }),
  fn('dma_map_phys(dev, paddr, size, dir, attrs)', 'dma_addr', 'atomic', {
    acquires: ['dmaPhys', 'result'],
    since: '7.2',
    note: 'attributes must be the same at the unmap',
  }),
  fn('dma_unmap_phys(dev, dma, size, dir, attrs)', 'void', 'atomic', {
    releases: [['dmaPhys', 'dmaPage', 'dmaSingle', 'dmaResource'], 'dma'],
    since: '7.2',
  }),
  fn('dma_map_resource(dev, paddr, size, dir, attrs)', 'dma_addr', 'atomic', {
    acquires: ['dmaResource', 'result'],
    note: 'for device memory only, never for RAM',
  }),
  fn('dma_unmap_resource(dev, dma, size, dir, attrs)', 'void', 'atomic', { releases: ['dmaResource', 'dma'] }),
  fn('dma_map_bvec(dev, other, dir, attrs)', 'dma_addr', 'atomic', { acquires: ['dmaPage', 'result'] }),
  fn('skb_frag_dma_map(dev, page, offset, size, dir)', 'dma_addr', 'atomic', { acquires: ['dmaPage', 'result'] }),
  fn('skb_frag_dma_map(dev, page)', 'dma_addr', 'atomic', { acquires: ['dmaPage', 'result'] }),
  fn('dma_map_sg(dev, sg, nents, dir)', 'count_zero_is_error', 'atomic', { acquires: ['dmaSg', 'sg'] }),
  fn('dma_map_sg_attrs(dev, sg, nents, dir, attrs)', 'count_zero_is_error', 'atomic', { acquires: ['dmaSg', 'sg'] }),
  fn('dma_unmap_sg(dev, sg, nents, dir)', 'void', 'atomic', { releases: ['dmaSg', 'sg'], note: original }),
  fn('dma_unmap_sg_attrs(dev, sg, nents, dir, attrs)', 'void', 'atomic', { releases: ['dmaSg', 'sg'], note: original }),
  fn('dma_map_sgtable(dev, sgtable, dir, attrs)', 'errno', 'atomic', { acquires: ['dmaSgtable', 'sgtable'] }),
  fn('dma_unmap_sgtable(dev, sgtable, dir, attrs)', 'void', 'atomic', { releases: ['dmaSgtable', 'sgtable'] }),
  fn('dma_mapping_error(dev, dma)', 'errno', 'atomic', { checks: 'dma', note: 'the only legal test of a DMA address' }),
  fn('dma_sync_single_for_cpu(dev, dma, size, dir)', 'void', 'atomic', { syncs: [streaming, 'dma'] }),
  fn('dma_sync_single_for_device(dev, dma, size, dir)', 'void', 'atomic', { syncs: [streaming, 'dma'] }),
  fn('dma_sync_single_range_for_cpu(dev, dma, offset, size, dir)', 'void', 'atomic', { syncs: [streaming, 'dma'] }),
  fn('dma_sync_single_range_for_device(dev, dma, offset, size, dir)', 'void', 'atomic', { syncs: [streaming, 'dma'] }),
  fn('dma_sync_sg_for_cpu(dev, sg, nents, dir)', 'void', 'atomic', { syncs: ['dmaSg', 'sg'], note: original }),
  fn('dma_sync_sg_for_device(dev, sg, nents, dir)', 'void', 'atomic', { syncs: ['dmaSg', 'sg'], note: original }),
  ...each('pci_dma_sync_single_for_cpu pci_dma_sync_single_for_device', 'dev, dma, size, dir', 'void', 'atomic', { syncs: [streaming, 'dma'] }),
  ...each('pci_dma_sync_sg_for_cpu pci_dma_sync_sg_for_device', 'dev, sg, nents, dir', 'void', 'atomic', { syncs: ['dmaSg', 'sg'], note: original }),
  fn('dma_sync_sgtable_for_cpu(dev, sgtable, dir)', 'void', 'atomic', { syncs: ['dmaSgtable', 'sgtable'] }),
  fn('dma_sync_sgtable_for_device(dev, sgtable, dir)', 'void', 'atomic', { syncs: ['dmaSgtable', 'sgtable'] }),
  fn('dma_need_sync(dev, dma)', 'bool', 'atomic', { value: { is: 'opaque' } }),
  fn('dma_need_unmap(dev)', 'bool', 'atomic', { value: { is: 'opaque' }, since: '7.2' }),

  // InfiniBand: the first argument is an ib_device that stands for its DMA device.
  fn('ib_dma_map_single(dev, cpu, size, dir)', 'dma_addr', 'atomic', { acquires: ['dmaSingle', 'result'] }),
  fn('ib_dma_unmap_single(dev, dma, size, dir)', 'void', 'atomic', { releases: [['dmaSingle', 'dmaPage'], 'dma'] }),
  fn('ib_dma_map_page(dev, page, offset, size, dir)', 'dma_addr', 'atomic', { acquires: ['dmaPage', 'result'] }),
  fn('ib_dma_map_bvec(dev, other, dir)', 'dma_addr', 'atomic', { acquires: ['dmaPage', 'result'] }),
  fn('ib_dma_unmap_page(dev, dma, size, dir)', 'void', 'atomic', { releases: [['dmaPage', 'dmaSingle'], 'dma'] }),
  fn('ib_dma_map_sg(dev, sg, nents, dir)', 'count_zero_is_error', 'atomic', { acquires: ['dmaSg', 'sg'] }),
  fn('ib_dma_map_sg_attrs(dev, sg, nents, dir, attrs)', 'count_zero_is_error', 'atomic', { acquires: ['dmaSg', 'sg'] }),
  fn('ib_dma_unmap_sg(dev, sg, nents, dir)', 'void', 'atomic', { releases: ['dmaSg', 'sg'], note: original }),
  fn('ib_dma_unmap_sg_attrs(dev, sg, nents, dir, attrs)', 'void', 'atomic', { releases: ['dmaSg', 'sg'], note: original }),
  fn('ib_dma_map_sgtable_attrs(dev, sgtable, dir, attrs)', 'errno', 'atomic', { acquires: ['dmaSgtable', 'sgtable'] }),
  fn('ib_dma_unmap_sgtable_attrs(dev, sgtable, dir, attrs)', 'void', 'atomic', { releases: ['dmaSgtable', 'sgtable'] }),
  fn('ib_dma_mapping_error(dev, dma)', 'errno', 'atomic', { checks: 'dma' }),
  fn('ib_dma_sync_single_for_cpu(dev, dma, size, dir)', 'void', 'atomic', { syncs: [streaming, 'dma'] }),
  fn('ib_dma_sync_single_for_device(dev, dma, size, dir)', 'void', 'atomic', { syncs: [streaming, 'dma'] }),
  fn('ib_umem_dmabuf_map_pages(other)', 'errno', 'maySleep'),

  // PCI wrappers of old drivers and other thin covers.
  fn('pci_map_single(dev, cpu, size, dir)', 'dma_addr', 'atomic', { acquires: ['dmaSingle', 'result'] }),
  fn('pci_unmap_single(dev, dma, size, dir)', 'void', 'atomic', { releases: [['dmaSingle', 'dmaPage'], 'dma'] }),
  fn('pci_map_page(dev, page, offset, size, dir)', 'dma_addr', 'atomic', { acquires: ['dmaPage', 'result'] }),
  fn('pci_unmap_page(dev, dma, size, dir)', 'void', 'atomic', { releases: [['dmaPage', 'dmaSingle'], 'dma'] }),
  fn('pci_map_sg(dev, sg, nents, dir)', 'count_zero_is_error', 'atomic', { acquires: ['dmaSg', 'sg'] }),
  fn('pci_unmap_sg(dev, sg, nents, dir)', 'void', 'atomic', { releases: ['dmaSg', 'sg'], note: original }),
  fn('pci_dma_mapping_error(dev, dma)', 'errno', 'atomic', { checks: 'dma' }),
  fn('scsi_dma_map(object)', 'count_or_errno', 'atomic', { note: 'negative when mapping failed, 0 when there is nothing to map' }),
  fn('scsi_dma_unmap(object)', 'void', 'atomic'),
  fn('vring_mapping_error(other, dma)', 'errno', 'atomic', { checks: 'dma' }),
  fn('fc_dma_mapping_error(dev, dma)', 'errno', 'atomic', { checks: 'dma' }),
  fn('virtqueue_dma_mapping_error(other, dma)', 'errno', 'atomic', { checks: 'dma' }),
  fn('virtqueue_dma_map_single_attrs(other, cpu, size, dir, attrs)', 'dma_addr', 'atomic', { acquires: ['dmaSingle', 'result'] }),
  fn('virtqueue_dma_unmap_single_attrs(other, dma, size, dir, attrs)', 'void', 'atomic', { releases: ['dmaSingle', 'dma'] }),
  fn('dma_map_benchmark(other)', 'errno', 'maySleep'),

  // Masks and limits.
  ...each('dma_set_mask dma_set_coherent_mask dma_set_mask_and_coherent dma_coerce_mask_and_coherent', 'dev, mask', 'errno', 'maySleep', { effect: { does: 'nothing' } }),
  ...each('dma_set_max_seg_size', 'dev, size', 'errno', 'maySleep', { effect: { does: 'nothing' }, note: 'returns nothing since 6.12' }),
  ...each('dma_set_seg_boundary dma_set_min_align_mask', 'dev, mask', 'errno', 'maySleep', { effect: { does: 'nothing' }, note: 'returns nothing since 6.12' }),
  ...each('dma_get_required_mask dma_get_mask dma_get_merge_boundary dma_get_seg_boundary', 'dev', 'mask', 'atomic', { value: { is: 'opaque' } }),
  ...each('dma_max_mapping_size dma_opt_mapping_size dma_get_max_seg_size dma_get_cache_alignment', 'dev', 'size', 'atomic', { value: { is: 'opaque' } }),
  ...each('dma_addressing_limited dev_is_dma_coherent is_swiotlb_force_bounce is_swiotlb_active', 'dev', 'bool', 'atomic', { value: { is: 'opaque' } }),
  ...each('dma_unmap_addr dma_unmap_len', 'object, name', 'value', 'atomic', { effect: { does: 'getField', object: 0, field: 1 } }),
  ...each('dma_unmap_addr_set dma_unmap_len_set', 'object, name, value', 'void', 'atomic', { effect: { does: 'setField', object: 0, field: 1, value: 2 } }),

  // Inside the DMA layer.
  ...each('phys_to_dma phys_to_dma_unencrypted phys_to_dma_encrypted', 'dev, paddr', 'dma_addr', 'atomic', { value: { is: 'opaque' } }),
  ...each('dma_to_phys', 'dev, dma', 'paddr', 'atomic', { value: { is: 'opaque' } }),
  fn('swiotlb_map(dev, paddr, size, dir, attrs)', 'dma_addr', 'atomic', { acquires: ['dmaSingle', 'result'] }),
  fn('swiotlb_max_mapping_size(dev)', 'size', 'atomic', { value: { is: 'opaque' } }),
  fn('pci_p2pdma_map_type(other, dev)', 'enum', 'atomic', { value: { is: 'opaque' }, since: '7.2' }),
]);

/** The two-step interface of 7.x: reserve IOVA space, link ranges into it, sync once. */
export const dmaIovaFunctions: readonly FunctionContract[] = relevant([
  fn('dma_iova_try_alloc(dev, iovaState, paddr, size)', 'bool', 'atomic', {
    acquires: ['dmaIova', 'iovaState'],
    since: '7.2',
    note: 'false asks for dma_map_phys() instead',
  }),
  fn('dma_iova_link(dev, iovaState, paddr, offset, size, dir, attrs)', 'errno', 'atomic', {
    since: '7.2',
  }),
  fn('dma_iova_sync(dev, iovaState, offset, size)', 'errno', 'atomic', {
    since: '7.2',
    note: 'owed before the device sees the addresses',
  }),
  fn('dma_iova_unlink(dev, iovaState, offset, size, dir, attrs)', 'void', 'atomic', {
    since: '7.2',
  }),
  fn('dma_iova_free(dev, iovaState)', 'void', 'atomic', {
    releases: ['dmaIova', 'iovaState'],
    since: '7.2',
  }),
  fn('dma_iova_destroy(dev, iovaState, size, dir, attrs)', 'void', 'atomic', {
    releases: ['dmaIova', 'iovaState'],
    since: '7.2',
  }),
  fn('dma_use_iova(iovaState)', 'bool', 'atomic', { value: { is: 'reading' }, since: '7.2' }),
]);
