import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import { allocatePages, pagePool } from '../kernel/pages.ts';
import { LinkedTree } from '../link/linkedTree.ts';
import { DEFAULT_BUDGET } from '../machine/budget.ts';
import { situationFrom } from '../situations/fromSpec.ts';
import { runInSituation } from '../situations/run.ts';
import { NO_SITUATION } from '../situations/situation.ts';
import type { SituationSpec } from '../situations/spec.ts';
import { judgeMappings } from './mappings.ts';
import { judgeReturned } from './returnedAddress.ts';

/** A driver with a table of two levels' worth of pages: enough for what is judged. */
const DRIVER = `
  typedef unsigned long u64;
  struct iommu_domain;
  struct iommu_domain_ops { int (*unmap)(struct iommu_domain *domain, unsigned long iova, unsigned long size); };
  struct iommu_domain { unsigned type; const struct iommu_domain_ops *ops; unsigned long pgsize_bitmap; };
  struct iommu_ops {
    struct iommu_domain *(*domain_alloc)(unsigned type);
    const struct iommu_domain_ops *default_domain_ops;
  };
  #define IOMMU_DOMAIN_UNMANAGED 1
  unsigned long get_zeroed_page(unsigned gfp);
  void *__kmalloc(unsigned long size, unsigned gfp);
  struct dmar_domain { u64 *pgd; int agaw; struct iommu_domain domain; };
  #define to_own(d) ((struct dmar_domain *)((char *)(d) - __builtin_offsetof(struct dmar_domain, domain)))
  #define PHYSICAL(p) ((u64)(p) - 0xffff888000000000UL)
  typedef unsigned long size_t;
  typedef u64 dma_addr_t;
  typedef u64 phys_addr_t;
  enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE };
  dma_addr_t give(phys_addr_t memory) { return memory; }
  dma_addr_t give_part(phys_addr_t memory, size_t bytes) { return memory; }
  phys_addr_t bounce(phys_addr_t memory, size_t bytes, enum dma_data_direction direction) { return memory; }
  typedef _Bool bool;
  struct dma_iova_state { dma_addr_t addr; };
  struct dma_iova_state taken = { 0x1000 };
  bool take(struct dma_iova_state *state, phys_addr_t memory) { return 1; }
  int link(struct dma_iova_state *state, phys_addr_t memory, size_t offset, size_t bytes, enum dma_data_direction direction) { return 0; }
  static struct iommu_domain *alloc(unsigned type)
  {
    struct dmar_domain *made = __kmalloc(sizeof(*made), 0x100);
    u64 *middle = (u64 *)get_zeroed_page(0);
    u64 *leaves = (u64 *)get_zeroed_page(0);
    made->pgd = (u64 *)get_zeroed_page(0);
    made->agaw = 1;
    made->pgd[0] = PHYSICAL(middle) | 3;
    middle[0] = PHYSICAL(leaves) | 3;
    for (int i = 0; i < 4; i++)
      leaves[i] = (0x80000000UL + i * 4096UL) | 3;
    return &made->domain;
  }
  static int unmap(struct iommu_domain *d, unsigned long iova, unsigned long size)
  {
    u64 *middle = (u64 *)((to_own(d)->pgd[0] & ~4095UL) + 0xffff888000000000UL);
    u64 *leaves = (u64 *)((middle[0] & ~4095UL) + 0xffff888000000000UL);
    for (unsigned long at = iova; at < iova + size; at += 4096)
      leaves[at >> 12] = 0;
    return 0;
  }
  static const struct iommu_domain_ops domain_ops = { .unmap = unmap };
  static const struct iommu_ops ops = { .domain_alloc = alloc, .default_domain_ops = &domain_ops };
`;

/** A run of `unmap` with the table as it is then. */
function ran(size: number, spec: Partial<SituationSpec>) {
  const source = { read: (path: string) => (path === 'a.c' ? DRIVER : undefined), list: () => [] };
  const opened = new LinkedTree(source).open('a.c');
  assert.ok(opened.ok);
  const situation = situationFrom({
    ...{ name: 'test', summary: 'a test', table: { format: 'driver' } },
    ...{ arguments: { iova: 0x1000, size }, ...spec },
  });
  const { unit } = opened.file;
  const entry = unit.function('unmap')!;
  const options = { budget: DEFAULT_BUDGET, now: () => 0 };
  const { machine, environment, stop } = runInSituation(opened.file, entry, situation, options);
  assert.equal(stop, undefined);
  return { unit, entry, machine, environment: environment! };
}

function judged(
  size: number,
  spec: Partial<SituationSpec>,
  report: 'success' | 'error' = 'success',
): string[] {
  const { machine, environment, entry } = ran(size, spec);
  return judgeMappings(machine, environment, report, {
    entry,
    args: [],
    value: 0,
    mappedBefore: 0,
    pagesBefore: new Set<number>(),
  }).map(({ id, message }) => `${id} ${message}`);
}

describe('judgeMappings', () => {
  const removes = [{ iova: 0x1000, bytes: 0x2000 }];
  const keeps = [
    { iova: 0, bytes: 0x1000 },
    { iova: 0x3000, bytes: 0x1000 },
  ];

  it('is content when exactly what was asked for goes', () => {
    assert.deepEqual(judged(0x2000, { removes, keeps }), []);
  });

  it('finds what goes beside it', () => {
    assert.deepEqual(judged(0x3000, { removes, keeps }), [
      'I-PAIR-1 changes 1 page from IOVA 0x3000 on that were not asked for',
    ]);
  });

  it('finds what leads elsewhere, or nowhere', () => {
    const leads = (to: number) => [{ iova: 0x1000, bytes: 0x2000, to }];
    assert.deepEqual(judged(0, { leads: leads(0x80001000) }), []);
    assert.deepEqual(judged(0, { leads: leads(0x80000000) }), [
      'C-TARGET IOVA 0x1000 leads to 0x80001000, not to 0x80000000',
    ]);
    assert.deepEqual(judged(0x1000, { leads: leads(0x80001000) }), [
      'C-TARGET IOVA 0x1000 leads nowhere, not to 0x80001000',
    ]);
  });

  it('finds what a failure leaves mapped', () => {
    const leads = [{ iova: 0x1000, bytes: 0x2000, to: 0x80001000 }];
    assert.deepEqual(judged(0x1000, { leads }, 'error'), [
      'C-LEAK fails and keeps 1 page from IOVA 0x2000 on mapped',
    ]);
    assert.deepEqual(judged(0x2000, { leads }, 'error'), []);
  });

  it('finds what goes beside it of a failure, too', () => {
    assert.deepEqual(judged(0x3000, { keeps }, 'error'), [
      'I-PAIR-1 changes 1 page from IOVA 0x3000 on that were not asked for',
    ]);
  });

  it('finds pages that a failed function of the DMA API lost, tables aside', () => {
    const { machine, environment, entry } = ran(0, {});
    const pagesBefore = new Set(pagePool(machine).sizes.keys());
    const kept = [...pagesBefore].slice(1);
    allocatePages(machine, 1, true);
    const lost = (more: object): string[] => {
      const call = { entry: { ...entry, external: true }, args: [], value: 0, mappedBefore: 0 };
      const about = { ...environment, dma: 'iommu' as const };
      return judgeMappings(machine, about, 'error', { ...call, pagesBefore, ...more }).map(
        ({ id, message }) => `${id} ${message}`,
      );
    };
    assert.deepEqual(lost({}), ['C-LEAK fails and keeps 8192 bytes of pages']);
    assert.deepEqual(lost({ pagesBefore: new Set(kept) }), lost({}));
    assert.deepEqual(lost({ entry }), []);
  });

  it('finds what stays', () => {
    assert.deepEqual(judged(0x1000, { removes, keeps }), [
      'I-PAIR-1 leaves 1 page from IOVA 0x2000 on mapped',
    ]);
  });
});

describe('judgeReturned', () => {
  it('wants the address that a mapping returns to lead to what was to be mapped', () => {
    const { unit, machine, environment } = ran(0, {});
    const entry = unit.function('give')!;
    const returned = (dma: 'direct' | 'iommu' | 'swiotlb', value: bigint): string[] => {
      const call = {
        entry,
        args: [0x80002010n],
        value,
        mappedBefore: 0,
        pagesBefore: new Set<number>(),
      };
      return judgeReturned(machine, { ...environment, dma }, call).map(({ message }) => message);
    };
    assert.deepEqual(returned('direct', 0x80002010n), []);
    assert.deepEqual(returned('iommu', 0x2010n), []);
    assert.deepEqual(returned('iommu', 2n ** 64n - 1n), []);
    assert.deepEqual(returned('swiotlb', 0x2000n), []);
    assert.deepEqual(returned('iommu', 0x2000n), [
      'returns 0x2000, which leads a device to 0x80002000, not to 0x80002010',
    ]);
    assert.deepEqual(returned('iommu', 0x9000n), [
      'returns 0x9000, which leads a device nowhere, not to 0x80002010',
    ]);
    assert.deepEqual(returned('direct', 0x2010n), [
      'returns 0x2010, which leads a device to 0x2010, not to 0x80002010',
    ]);
  });

  it('wants no device that nobody trusts at pages of which it has a part', () => {
    const { unit, machine, environment } = ran(0, {});
    const entry = unit.function('give_part')!;
    const returned = (memory: bigint, bytes: bigint, untrusted: boolean): string[] => {
      const call = { entry, args: [memory, bytes], value: memory - 0x80000000n };
      const about = { mappedBefore: 0, pagesBefore: new Set<number>() };
      const where = { ...environment, dma: 'iommu' as const, untrusted };
      return judgeReturned(machine, where, { ...call, ...about }).map(({ message }) => message);
    };
    assert.deepEqual(returned(0x80001000n, 0x2000n, true), []);
    assert.deepEqual(returned(0x80001010n, 0x20n, false), []);
    assert.deepEqual(returned(0x80001010n, 0x20n, true), [
      'returns 0x1010, which lets a device that nobody trusts at all of the page at 0x80001000',
    ]);
    assert.deepEqual(returned(0x80001000n, 0x1020n, true), [
      'returns 0x1000, which lets a device that nobody trusts at all of the page at 0x80002000',
    ]);
  });

  it('wants IOVAs that were taken first to lead to what is linked to them', () => {
    const { unit, machine, environment } = ran(0, {});
    const state = machine.evaluate('(unsigned long)&taken');
    const returned = (name: string, value: number, offset: bigint): string[] => {
      const entry = unit.function(name)!;
      const address = Number(BigInt.asIntN(64, BigInt(state!)));
      const args = [address, 0x80001010n, offset, 0x100n, 0];
      const call = { entry, args, value, mappedBefore: 0, pagesBefore: new Set<number>() };
      return judgeReturned(machine, { ...environment, dma: 'iommu' }, call).map(
        ({ message }) => message,
      );
    };
    assert.deepEqual(returned('link', 0, 0x10n), []);
    assert.deepEqual(returned('link', 0, 0x1010n), [
      'links 0x2010, which leads a device to 0x80002010, not to 0x80001010',
    ]);
    assert.deepEqual(returned('take', 1, 0n), ['takes 0x1000, which ends in 0x0 and not in 0x10']);
  });

  it('wants an address to end as it did where the device demands that', () => {
    const machine = machineFor(`
      typedef unsigned long long dma_addr_t;
      typedef unsigned long long phys_addr_t;
      struct device_dma_parameters { unsigned int max_segment_size, min_align_mask; };
      struct device { int id; struct device_dma_parameters *dma_parms; };
      struct device_dma_parameters demands = { 0, 0xfff };
      struct device strict = { 1, &demands }, other = { 2, 0 };
      dma_addr_t map(struct device *dev, phys_addr_t memory) { return memory; }
    `);
    const entry = machine.mainUnit.function('map')!;
    const returned = (device: string): string[] => {
      const dev = Number(BigInt.asIntN(64, BigInt(machine.evaluate(`(unsigned long)&${device}`)!)));
      const call = { entry, args: [dev, 0x5f80n], value: 0x7800n };
      const about = { mappedBefore: 0, pagesBefore: new Set<number>() };
      const environment = { ...NO_SITUATION.build(machine), dma: 'swiotlb' as const };
      return judgeReturned(machine, environment, { ...call, ...about }).map(
        ({ message }) => message,
      );
    };
    assert.deepEqual(returned('strict'), ['returns 0x7800, which ends in 0x800 and not in 0xf80']);
    assert.deepEqual(returned('other'), []);
  });

  it('wants a bounce buffer to hold what the device is to read', () => {
    const buffer = (start: number, fill: 'zero' | 'bytes') => ({ start, bytes: 0x1000, fill });
    const physical = [buffer(0x10000, 'bytes'), buffer(0x20000, 'bytes'), buffer(0x30000, 'zero')];
    const { unit, machine, environment } = ran(0, { physical });
    const entry = unit.function('bounce')!;
    const returned = (value: bigint, direction: number): string[] => {
      const call = {
        entry,
        args: [0x10080n, 0x100n, direction],
        value,
        mappedBefore: 0,
        pagesBefore: new Set<number>(),
      };
      return judgeReturned(machine, { ...environment, dma: 'swiotlb' }, call).map(
        ({ message }) => message,
      );
    };
    assert.deepEqual(returned(0x20080n, 1), []);
    assert.deepEqual(returned(0x30080n, 1), [
      'returns 0x30080, which does not hold what is at 0x10080',
    ]);
    assert.deepEqual(returned(0x30080n, 2), []);
  });
});
