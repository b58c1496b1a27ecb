import assert from 'node:assert/strict';
import { situationFrom } from '../situations/fromSpec.ts';
import { SIMULATION_LIMITS } from './simulateChange.ts';
import { simulateSource } from './simulateSource.ts';

const DRIVER = `
typedef unsigned long long dma_addr_t;
struct device;
void dma_unmap_single_attrs(struct device *dev, dma_addr_t a, unsigned long size, int dir, unsigned long attrs);
dma_addr_t dma_map_single_attrs(struct device *dev, void *p, unsigned long size, int dir, unsigned long attrs);
int dma_mapping_error(struct device *dev, dma_addr_t a);
int twice(struct device *dev, void *p)
{
	dma_addr_t a = dma_map_single_attrs(dev, p, 64, 1, 0);
	if (dma_mapping_error(dev, a))
		return -12;
	dma_unmap_single_attrs(dev, a, 64, 1, 0);
	dma_unmap_single_attrs(dev, a, 64, 1, 0);
	return 0;
}
int once(struct device *dev, void *p)
{
	dma_addr_t a = dma_map_single_attrs(dev, p, 64, 1, 0);
	if (dma_mapping_error(dev, a))
		return -12;
	dma_unmap_single_attrs(dev, a, 64, 1, 0);
	return 0;
}
int other(int x) { return x; }
`;

function simulated(
  name: string | undefined,
  text: string = DRIVER,
): ReturnType<typeof simulateSource> {
  return simulateSource({
    source: { read: (path) => (path === 'drivers/x/a.c' ? text : undefined), list: () => [] },
    ...{ path: 'drivers/x/a.c', function: name, limits: SIMULATION_LIMITS },
    ...{ now: () => 0, cancelled: () => false },
  });
}

describe('simulateSource', () => {
  it('runs the functions that use the interfaces, and says what is broken in them', () => {
    const found = simulated(undefined);
    assert.ok('functions' in found);
    assert.deepEqual(
      found.functions.map(({ function: name, verdict }) => [name, verdict]),
      [
        ['twice', 'still-broken'],
        ['once', 'unknown'],
      ],
    );
    assert.equal(found.functions[0]!.violations[0]!.id, 'C-TWICE');
    assert.match(found.functions[1]!.reason, /nothing is broken in \d+ environments/);
  });

  it('says what breaks in a callee too, and at which step', () => {
    const text = `
      static void clear(void) { *(unsigned long *)0xffff888080000008UL = 1; }
      int scribble(void) { clear(); return 0; }`;
    const physical = [{ start: 0x80000000, bytes: 4096, fill: 'zero' as const }];
    const found = simulateSource({
      source: { read: (path) => (path === 'drivers/x/a.c' ? text : undefined), list: () => [] },
      ...{ path: 'drivers/x/a.c', function: 'scribble', limits: SIMULATION_LIMITS },
      situations: [situationFrom({ name: 'test', summary: 'RAM', physical })],
      ...{ now: () => 0, cancelled: () => false },
    });
    assert.ok('functions' in found);
    const [{ verdict, reason, violations }] = found.functions as readonly [
      (typeof found.functions)[number],
    ];
    assert.equal(verdict, 'still-broken');
    assert.match(reason, /^I-LIFE-3: .* 1 word by clear\(\)$/);
    assert.equal(violations[0]!.position!.line, 2);
  });

  it('runs a function through the entry whose situation states every argument', () => {
    const text = `
      typedef unsigned long long phys_addr_t;
      #define IOMMU_DOMAIN_UNMANAGED 1
      #define GFP_KERNEL 0xcc0
      struct page { unsigned long flags; struct { int counter; } _refcount; };
      struct device { int id; };
      struct iommu_domain;
      struct iommu_domain_ops { phys_addr_t (*iova_to_phys)(struct iommu_domain *, unsigned long long); };
      struct iommu_domain { unsigned type; const struct iommu_domain_ops *ops; unsigned long pgsize_bitmap; };
      struct iommu_ops {
        struct iommu_domain *(*domain_alloc_paging)(struct device *);
        const struct iommu_domain_ops *default_domain_ops;
      };
      struct ring_domain { struct iommu_domain domain; phys_addr_t large[2048]; };
      void *__kmalloc(unsigned long size, unsigned int gfp);
      int iommu_map(struct iommu_domain *d, unsigned long iova, phys_addr_t paddr, unsigned long size, int prot, unsigned int gfp)
      {
        ((struct ring_domain *)d)->large[iova >> 21] = paddr | 1;
        return 0;
      }
      static struct iommu_domain *ring_alloc(struct device *dev)
      {
        struct ring_domain *ring = __kmalloc(sizeof(*ring), 0x100);
        return &ring->domain;
      }
      static unsigned long ring_index(unsigned long long iova) { return iova >> 21; }
      static phys_addr_t ring_look(struct iommu_domain *d, unsigned long long iova)
      {
        phys_addr_t entry = ((struct ring_domain *)d)->large[ring_index(iova)];
        return entry & 1 ? (entry & ~1ULL) + (iova & 0x1fffff) : 0;
      }
      static const struct iommu_domain_ops ring_domain_ops = { .iova_to_phys = ring_look };
      const struct iommu_ops ring_ops = { .domain_alloc_paging = ring_alloc, .default_domain_ops = &ring_domain_ops };`;
    const found = simulated('ring_index', text);
    assert.ok('functions' in found);
    assert.deepEqual(
      found.functions.map(({ function: name, entry, situation, after }) => [
        ...[name, entry, situation, after?.outcome],
      ]),
      [['ring_index', 'ring_look', 'iommu-driver-look-up', 'returns 0x80003010']],
    );
  });

  it('runs the one that is named', () => {
    const found = simulated('other');
    assert.ok('functions' in found);
    assert.deepEqual(
      found.functions.map(({ function: name }) => name),
      ['other'],
    );
  });

  it('runs a function of a header in a C file that calls it', () => {
    const texts: Readonly<Record<string, string>> = {
      'drivers/x/a.h': DRIVER.replace('int twice', 'static inline int twice'),
      'drivers/x/a.c':
        '#include "a.h"\nint both(struct device *d, void *p) { return twice(d, p); }',
      'drivers/x/b.c': '#include "a.h"\nint none(void) { return 0; }',
    };
    const about = {
      ...{ source: { read: (path: string) => texts[path], list: () => ['a.c', 'b.c'] } },
      ...{ path: 'drivers/x/a.h', limits: SIMULATION_LIMITS },
      ...{ now: () => 0, cancelled: () => false },
    };
    const found = simulateSource({ ...about, function: 'twice' });
    assert.ok('functions' in found);
    assert.deepEqual(
      found.functions.map((one) => [one.function, one.file, one.line, one.ranIn, one.verdict]),
      [['twice', 'drivers/x/a.h', 7, 'drivers/x/a.c', 'still-broken']],
    );
    assert.deepEqual(found.notSimulated, []);
    const absent = simulateSource({ ...about, function: 'both' });
    assert.ok('reason' in absent);
    assert.equal(absent.reason, 'no function both is defined here');
  });

  it('names a function that is not there', () => {
    const found = simulated('absent');
    assert.ok('reason' in found);
    assert.match(found.reason, /no function absent is defined here/);
  });
});
