import type { FunctionContract } from '../contract.ts';
import { each, fn, relevant } from '../define.ts';

/** Tables of scatterlist entries that are owned, include/linux/scatterlist.h. */
// prettier-ignore
export const sgTableFunctions: readonly FunctionContract[] = relevant([
  fn('sg_alloc_table(sgtableOut, nents, gfp)', 'errno', 'gfp', { acquires: ['sgTable', 'sgtableOut'] }),
  fn('__sg_alloc_table(sgtableOut, nents, other, other, other, gfp, other)', 'errno', 'gfp', { acquires: ['sgTable', 'sgtableOut'], note: 'the caller frees a partly built table after an error' }),
  fn('sg_alloc_table_from_pages(sgtableOut, pages, npages, offset, size, gfp)', 'errno', 'gfp', { acquires: ['sgTable', 'sgtableOut'] }),
  fn('sg_alloc_table_from_pages_segment(sgtableOut, pages, npages, offset, size, other, gfp)', 'errno', 'gfp', { acquires: ['sgTable', 'sgtableOut'] }),
  fn('sg_alloc_append_table_from_pages(sgtableOut, pages, npages, offset, size, other, other, gfp)', 'errno', 'gfp', { acquires: ['sgTable', 'sgtableOut'] }),
  fn('sg_alloc_table_chained(sgtableOut, nents, other, other)', 'errno', 'gfp', { acquires: ['sgTable', 'sgtableOut'] }),
  ...each('sg_free_table sg_free_append_table', 'sgtable', 'void', 'atomic', { releases: ['sgTable', 'sgtable'] }),
  fn('sg_free_table_chained(sgtable, other)', 'void', 'atomic', { releases: ['sgTable', 'sgtable'] }),
  fn('drm_prime_pages_to_sg(other, pages, npages)', 'err_ptr', 'maySleep', { acquires: ['sgTable', 'result'] }),
]);

/** Reading and filling single entries; no ownership. */
// prettier-ignore
export const scatterlistFunctions: readonly FunctionContract[] = [
  ...each('sg_dma_address', 'sg', 'dma_addr', 'atomic', { value: { is: 'member', index: 0, name: 'dma_address' }, entrySide: 'dma', provenance: 'dma', note: 'an lvalue' }),
  ...each('sg_dma_len', 'sg', 'size', 'atomic', { value: { is: 'member', index: 0, name: 'dma_length' }, entrySide: 'dma', note: 'an lvalue; valid after mapping only' }),
  ...each('sg_phys', 'sg', 'paddr', 'atomic', { value: { is: 'opaque' }, entrySide: 'cpu', provenance: 'ram' }),
  ...each('sg_page sg_virt', 'sg', 'ptr', 'atomic', { value: { is: 'opaque' }, entrySide: 'cpu' }),
  ...each('sg_next sg_last', 'sg', 'ptr', 'atomic', { value: { is: 'opaque' } }),
  ...each('sg_nents', 'sg', 'value', 'atomic', { value: { is: 'opaque' } }),
  ...each('sg_nents_for_len', 'sg, size', 'count_or_errno', 'atomic', { value: { is: 'opaque' } }),
  ...each('sg_is_last sg_is_chain sg_dma_is_bus_address', 'sg', 'bool', 'atomic', { value: { is: 'opaque' } }),
  fn('sg_init_table(sg, nents)', 'void', 'atomic', { effect: { does: 'nothing' } }),
  fn('sg_init_one(sg, cpu, size)', 'void', 'atomic', { effect: { does: 'setMembers', object: 0, members: { length: 2 } } }),
  fn('sg_set_page(sg, page, size, offset)', 'void', 'atomic', { effect: { does: 'setMembers', object: 0, members: { length: 2, offset: 3 } } }),
  fn('sg_set_buf(sg, cpu, size)', 'void', 'atomic', { effect: { does: 'setMembers', object: 0, members: { length: 2 } } }),
  fn('sg_assign_page(sg, page)', 'void', 'atomic', { effect: { does: 'nothing' } }),
  fn('sg_mark_end(sg)', 'void', 'atomic', { effect: { does: 'nothing' } }),
  fn('sg_unmark_end(sg)', 'void', 'atomic', { effect: { does: 'nothing' } }),
  fn('sg_chain(sg, nents, sg)', 'void', 'atomic', { effect: { does: 'nothing' } }),
  ...each('sg_copy_from_buffer sg_copy_to_buffer sg_pcopy_from_buffer sg_pcopy_to_buffer', 'sg, nents, cpu, size', 'size', 'atomic', { effect: { does: 'nothing' } }),
];
