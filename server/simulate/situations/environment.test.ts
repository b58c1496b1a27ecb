import assert from 'node:assert/strict';
import { FrontEnd } from '../../cfront/frontEnd.ts';
import { DEFAULT_BUDGET } from '../machine/budget.ts';
import type { RunResult } from '../runFunction.ts';
import { runFunction } from '../runFunction.ts';
import { situationFrom } from './fromSpec.ts';
import { operationsOf } from './operations.ts';
import type { SituationSpec } from './spec.ts';

/** What the builders of devices, lists and domains name of the kernel, in its smallest form. */
const KERNEL = `
  typedef unsigned long long u64;
  typedef unsigned long size_t;
  #define IOMMU_DOMAIN_UNMANAGED 1
  #define GFP_KERNEL 0xcc0
  struct page { unsigned long flags; struct { int counter; } _refcount; };
  #define pfn_to_page(pfn) ((struct page *)0xffffea0000000000UL + (pfn))
  #define page_to_pfn(p) ((unsigned long)((p) - (struct page *)0xffffea0000000000UL))
  struct device { u64 *dma_mask; u64 coherent_dma_mask; };
  struct pci_dev { int vendor; struct device dev; };
  struct scatterlist { unsigned long page_link; unsigned int offset, length; };
  struct sg_table { struct scatterlist *sgl; unsigned int nents, orig_nents; };
  static inline void sg_init_table(struct scatterlist *sg, unsigned int n) { sg[n - 1].page_link = 2; }
  static inline void sg_set_page(struct scatterlist *sg, struct page *page, unsigned int length, unsigned int offset)
  {
    sg->page_link = (unsigned long)page | (sg->page_link & 3);
    sg->length = length;
    sg->offset = offset;
  }
  extern unsigned long sme_me_mask;
  int set_memory_decrypted(unsigned long address, int pages);
  int cc_platform_has(int attribute);
  enum { CC_ATTR_MEM_ENCRYPT, CC_ATTR_HOST_MEM_ENCRYPT, CC_ATTR_GUEST_MEM_ENCRYPT };
  void *__kmalloc(size_t size, unsigned int gfp);
  struct iommu_domain;
  struct iommu_domain_ops { int (*map)(struct iommu_domain *domain, unsigned long iova); };
  struct iommu_domain { unsigned type; const struct iommu_domain_ops *ops; unsigned long pgsize_bitmap; };
  struct iommu_ops {
    struct iommu_domain *(*domain_alloc)(unsigned type);
    const struct iommu_domain_ops *default_domain_ops;
    unsigned long pgsize_bitmap;
  };
`;
const DRIVER = `
  struct driver_domain { int levels; struct iommu_domain domain; };
  static int driver_map(struct iommu_domain *domain, unsigned long iova) { return 0; }
  static struct iommu_domain *driver_alloc(unsigned type)
  {
    struct driver_domain *made = __kmalloc(sizeof(*made), 0x100 | GFP_KERNEL);
    made->levels = type + 3;
    return &made->domain;
  }
  static const struct iommu_domain_ops driver_domain_ops = { .map = driver_map };
  static const struct iommu_ops driver_ops = {
    .domain_alloc = driver_alloc, .default_domain_ops = &driver_domain_ops, .pgsize_bitmap = 0x1000,
  };
`;

function run(entry: string, spec: Partial<SituationSpec>, more = ''): RunResult {
  const text = `${KERNEL}\n${more}\n${entry}\n`;
  return runFunction({
    source: { read: (path) => (path === 'a.c' ? text : undefined), list: () => [] },
    ...{ file: 'a.c', function: 'f', budget: DEFAULT_BUDGET, now: () => 0 },
    situation: situationFrom({ name: 'test', summary: 'a test', ...spec }),
  });
}

function returned(entry: string, spec: Partial<SituationSpec>, more = ''): string {
  const result = run(entry, spec, more);
  assert.ok(result.ok, result.ok ? '' : result.problem.reason);
  const outcome = result.run.paths[0]?.outcome;
  assert.ok(outcome?.kind === 'returned', JSON.stringify(outcome));
  return outcome.value;
}

describe('environments', () => {
  it('makes devices with their masks, those of a bus around one', () => {
    const entry = `long f(struct device *a, struct pci_dev *b)
      { return *a->dma_mask == 0xffffffff && b->dev.dma_mask == &b->dev.coherent_dma_mask; }`;
    assert.equal(returned(entry, { device: { dma: 'direct', addressBits: 32 } }), '1');
  });

  it('makes a scatter-gather list by the tree’s own helpers', () => {
    const entry = `long f(struct sg_table *t, struct page *first)
      {
        struct scatterlist *sg = t->sgl;
        if ((struct page *)(sg->page_link & ~3UL) != first || !(sg[1].page_link & 2)) return -1;
        return t->orig_nents * 100000 + sg[1].length * 10 + sg[1].offset;
      }`;
    const scatterlist = [{ length: 4096 }, { length: 300, offset: 8 }];
    assert.equal(returned(entry, { scatterlist }), '203008');
  });

  it('asks the driver for a domain and does what the core does to it', () => {
    const entry = `long f(struct iommu_domain *d, struct driver_domain *own)
      {
        if (&own->domain != d || d->ops->map != driver_map) return -1;
        return own->levels * 100 + d->type * 10 + (d->pgsize_bitmap == 0x201000);
      }`;
    const table = { format: 'driver', pageSizes: '0x201000' } as const;
    assert.equal(returned(entry, { table }, DRIVER), '411');
    const none = run('long f(void) { return 0; }', { table });
    assert.ok(!none.ok);
    assert.equal(none.situation?.reason, 'a.c defines no struct iommu_ops');
  });

  it('knows which operation of an interface a function is', () => {
    const files = { 'a.c': `${KERNEL}\n${DRIVER}` };
    const loaded = new FrontEnd({ read: (path) => files[path as 'a.c'] }).load('a.c');
    assert.ok(loaded.ok);
    const found = [...operationsOf(loaded.unit)].map(([{ name }, operation]) => [name, operation]);
    assert.deepEqual(Object.fromEntries(found), {
      driver_alloc: 'iommu_ops.domain_alloc',
      driver_map: 'iommu_domain_ops.map',
    });
  });

  it('calls through pointers of what it made, and sets only what is there where asked to', () => {
    const entry = 'long f(struct driver_domain *own) { return own->levels * 10 + own->mapped; }';
    const driver = DRIVER.replace('int levels;', 'int levels; unsigned long mapped;').replace(
      'iova) { return 0; }',
      'iova) { ((struct driver_domain *)((char *)domain - 16))->mapped = iova; return 0; }',
    );
    const spec: Partial<SituationSpec> = {
      table: { format: 'driver' },
      set: { 'driver_domain.levels?': 7, 'driver_domain.depth?': 9, 'other_domain.depth?': 9 },
      before: [{ call: 'iommu_domain.ops.map', arguments: { iova: 5 } }],
    };
    assert.equal(returned(entry, spec, driver), '75');
  });

  it('says who encrypts memory', () => {
    const entry = `long f(void)
      {
        return cc_platform_has(CC_ATTR_MEM_ENCRYPT) * 100 + cc_platform_has(CC_ATTR_HOST_MEM_ENCRYPT) * 10
          + cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT) + (sme_me_mask != 0) * 1000;
      }`;
    assert.equal(returned(entry, { encryption: 'host' }), '1110');
    assert.equal(returned(entry, { encryption: 'guest' }), '1101');
    assert.equal(returned(entry, {}), '0');
  });

  it('tells stores into RAM that it put in place', () => {
    const physical = [{ start: 0x80000000, bytes: 0x1000, fill: 'entries' }] as const;
    const entry = `long f(void)
      {
        u64 *word = (u64 *)(0xffff888000000000UL + 0x80000008UL);
        u64 old = *word;
        *word = 0;
        return old;
      }`;
    assert.equal(returned(entry, { physical }), String(0x3000001003n));
  });
});
