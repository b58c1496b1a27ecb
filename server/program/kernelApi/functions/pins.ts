import type { FunctionContract } from '../contract.ts';
import { each, fn, relevant } from '../define.ts';

/** Pages pinned for DMA: include/linux/mm.h. */
// prettier-ignore
export const pinFunctions: readonly FunctionContract[] = relevant([
  fn('pin_user_pages(other, npages, flags, pages)', 'count_or_errno', 'maySleep', { acquires: ['pin', 'pages'], since: '6.12' }),
  fn('pin_user_pages(other, npages, flags, pages, other)', 'count_or_errno', 'maySleep', { acquires: ['pin', 'pages'], until: '6.1' }),
  fn('pin_user_pages_fast(other, npages, flags, pages)', 'count_or_errno', 'maySleep', { acquires: ['pin', 'pages'] }),
  fn('pin_user_pages_unlocked(other, npages, pages, flags)', 'count_or_errno', 'maySleep', { acquires: ['pin', 'pages'] }),
  fn('pin_user_pages_remote(mm, other, npages, flags, pages, other)', 'count_or_errno', 'maySleep', { acquires: ['pin', 'pages'], since: '6.12', note: 'FOLL_LONGTERM where the pin outlives the call' }),
  fn('pin_user_pages_remote(mm, other, npages, flags, pages, other, other)', 'count_or_errno', 'maySleep', { acquires: ['pin', 'pages'], until: '6.1' }),
  fn('unpin_user_page(page)', 'void', 'atomic', { releases: ['pin', 'page'] }),
  fn('unpin_user_pages(pages, npages)', 'void', 'atomic', { releases: ['pin', 'pages'] }),
  fn('unpin_user_pages_dirty_lock(pages, npages, other)', 'void', 'maySleep', { releases: ['pin', 'pages'] }),
  fn('unpin_user_page_range_dirty_lock(page, npages, other)', 'void', 'maySleep', { releases: ['pin', 'page'] }),
  ...each('get_user_pages get_user_pages_fast', 'other, npages, flags, pages', 'count_or_errno', 'maySleep', { acquires: ['pageRef', 'pages'] }),
  fn('get_user_pages_remote(mm, other, npages, flags, pages, other)', 'count_or_errno', 'maySleep', { acquires: ['pageRef', 'pages'] }),
  fn('release_pages(pages, npages)', 'void', 'atomic', { releases: ['pageRef', 'pages'] }),
]);

/** References to single pages: too common to make a function worth analysing by themselves. */
export const pageReferenceFunctions: readonly FunctionContract[] = [
  fn('put_page(page)', 'void', 'atomic', { releases: [['pageRef', 'pageMemory'], 'page'] }),
  fn('get_page(page)', 'void', 'atomic', { effect: { does: 'nothing' } }),
];
