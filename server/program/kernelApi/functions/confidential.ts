import type { FunctionContract } from '../contract.ts';
import { each, fn, relevant } from '../define.ts';

/** Confidential computing: pages shared with the host, RMP entries. */
// prettier-ignore
export const confidentialFunctions: readonly FunctionContract[] = relevant([
  fn('set_memory_decrypted(cpu, npages)', 'errno', 'maySleep', { acquires: ['decrypted', 'cpu'], note: 'after a failure the state of the pages is unknown: leak them, or encrypt them again with success' }),
  fn('set_memory_encrypted(cpu, npages)', 'errno', 'maySleep', { releases: ['decrypted', 'cpu'], note: 'after a failure the pages must be leaked' }),
  fn('dma_set_decrypted(dev, cpu, size)', 'errno', 'maySleep', { acquires: ['decrypted', 'cpu'] }),
  fn('dma_set_encrypted(dev, cpu, size)', 'errno', 'maySleep', { releases: ['decrypted', 'cpu'] }),
  fn('vmbus_establish_gpadl(object, cpu, size, handleOut)', 'errno', 'maySleep'),
  ...each('force_dma_unencrypted', 'dev', 'bool', 'atomic', { value: { is: 'opaque' } }),
  ...each('cc_platform_has', 'other', 'bool', 'atomic', { value: { is: 'opaque' } }),
  fn('snp_lookup_rmpentry(pfn, other, other)', 'errno', 'atomic', { since: '6.12' }),
  fn('psmash(pfn)', 'errno', 'atomic', { since: '6.12', note: 'splits an entry of 2 MiB into 512; there is no way back' }),
  fn('rmp_make_private(pfn, other, other, other, other)', 'errno', 'maySleep', { since: '6.12' }),
  fn('rmp_make_shared(pfn, other)', 'errno', 'maySleep', { since: '6.12', note: 'after a failure the pages must be leaked' }),
  fn('snp_leak_pages(pfn, npages)', 'void', 'atomic', { since: '6.12' }),
  fn('swiotlb_tbl_map_single(dev, paddr, size, mask, dir, attrs)', 'paddr', 'atomic', { since: '6.12', note: 'the size came twice before 6.12, and since 7.3 attributes go through another way' }),
  fn('swiotlb_tbl_unmap_single(dev, paddr, size, dir, attrs)', 'void', 'atomic'),
]);
