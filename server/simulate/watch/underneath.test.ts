import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import type { Machine } from '../machine/machine.ts';
import { ledgerOf } from './ledger.ts';
import { underneath } from './underneath.ts';

/** An allocator of IOVAs and one of bounce buffers, whose functions call each other as the kernel's do. */
const ALLOCATORS = `
  typedef unsigned long size_t;
  typedef unsigned long long phys_addr_t;
  struct device { int id; };
  struct iova { unsigned long pfn_hi, pfn_lo; };
  struct iova_domain { unsigned long granule; };
  struct iova_domain allocator = { 8192 };
  struct iova last;
  struct iova *alloc_iova(struct iova_domain *iovad, unsigned long size, unsigned long limit, _Bool aligned)
  {
    last.pfn_lo = limit - size + 1;
    last.pfn_hi = limit;
    return limit > 100 ? 0 : &last;
  }
  unsigned long alloc_iova_fast(struct iova_domain *iovad, unsigned long size, unsigned long limit, _Bool flush)
  {
    struct iova *made = alloc_iova(iovad, size, limit, 1);
    return made ? made->pfn_lo : 0;
  }
  void __free_iova(struct iova_domain *iovad, struct iova *iova) { iova->pfn_lo = 0; }
  void free_iova(struct iova_domain *iovad, unsigned long pfn) { __free_iova(iovad, &last); }
  void free_iova_fast(struct iova_domain *iovad, unsigned long pfn, unsigned long size) { free_iova(iovad, pfn); }
  static void queue_iova(void *cookie, unsigned long pfn, unsigned long pages, void *freelist)
  {
    free_iova_fast(&allocator, pfn, pages);
  }
  phys_addr_t swiotlb_tbl_map_single(struct device *dev, phys_addr_t at, size_t bytes)
  {
    return bytes > 4096 ? ~0ULL : 0x5000;
  }
  void swiotlb_tbl_unmap_single(struct device *dev, phys_addr_t at, size_t bytes) { }
  void takes(void) { alloc_iova_fast(&allocator, 2, 20, 1); }
  void takes_struct(void) { alloc_iova(&allocator, 4, 20, 1); }
  void finds_none(void) { alloc_iova_fast(&allocator, 2, 200, 1); }
  void gives(void) { takes(); free_iova_fast(&allocator, 19, 2); }
  void gives_later(void) { takes(); queue_iova(0, 19, 2, 0); }
  void gives_struct(void) { takes_struct(); __free_iova(&allocator, &last); }
  void gives_number(void) { takes_struct(); free_iova(&allocator, 17); }
  void gives_part(void) { takes(); free_iova_fast(&allocator, 19, 1); }
  void gives_twice(void) { gives(); free_iova_fast(&allocator, 19, 2); }
  void gives_inside(void) { takes(); free_iova_fast(&allocator, 20, 1); }
  void bounces(void) { swiotlb_tbl_map_single(0, 0x1000, 300); }
  void does_not_bounce(void) { swiotlb_tbl_map_single(0, 0x1000, 8192); }
  void bounces_back(void) { bounces(); swiotlb_tbl_unmap_single(0, 0x1000, 300); swiotlb_tbl_unmap_single(0, 0x5000, 300); }
`;

/** What a function takes, with its state, and what it breaks. */
function after(name: string): string[] {
  const machine: Machine = machineFor(ALLOCATORS);
  machine.observeCalls(underneath(machine));
  machine.outermost(() => machine.call(name, []));
  const { holdings, breaches } = ledgerOf(machine);
  return [
    ...holdings.map(({ api, what, state }) => `${api}: ${what}, ${state}`),
    ...breaches.map(({ contract, message }) => `${contract} ${message}`),
  ];
}

describe('underneath', () => {
  const TWO = '2 pages of IOVA at 0x26000';
  const FOUR = '4 pages of IOVA at 0x22000';

  it('notes IOVAs that are given out, once, by the interface that was called', () => {
    assert.deepEqual(after('takes'), [`alloc_iova_fast: ${TWO}, held`]);
    assert.deepEqual(after('takes_struct'), [`alloc_iova: ${FOUR}, held`]);
    assert.deepEqual(after('finds_none'), []);
  });

  it('notes that they come back, by every way there is', () => {
    for (const name of ['gives', 'gives_later']) {
      assert.deepEqual(after(name), [`alloc_iova_fast: ${TWO}, returned`], name);
    }
    for (const name of ['gives_struct', 'gives_number']) {
      assert.deepEqual(after(name), [`alloc_iova: ${FOUR}, returned`], name);
    }
  });

  it('wants them back as they were given out', () => {
    assert.deepEqual(after('gives_part'), [
      `alloc_iova_fast: ${TWO}, returned`,
      `C-FREE-ARGUMENTS gives back 1 page of ${TWO}`,
    ]);
    assert.deepEqual(after('gives_twice'), [
      `alloc_iova_fast: ${TWO}, returned`,
      `C-TWICE gives back ${TWO} again`,
    ]);
    assert.deepEqual(after('gives_inside'), [
      `alloc_iova_fast: ${TWO}, held`,
      `C-FREE-ARGUMENTS gives back what begins 1 page into ${TWO}`,
    ]);
  });

  it('notes bounce buffers, and leaves memory alone that is none', () => {
    const buffer = 'swiotlb_tbl_map_single: a bounce buffer of 300 bytes';
    assert.deepEqual(after('bounces'), [`${buffer}, held`]);
    assert.deepEqual(after('does_not_bounce'), []);
    assert.deepEqual(after('bounces_back'), [`${buffer}, returned`]);
  });
});
