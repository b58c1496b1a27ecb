import assert from 'node:assert/strict';
import { LinkedTree } from '../link/linkedTree.ts';
import { statedEntries } from './library.ts';

/** What C that implements the DMA API or an I/O address space knows, as far as parameters go. */
const KERNEL = `
  typedef unsigned long long u64;
  typedef unsigned long size_t;
  typedef u64 dma_addr_t;
  typedef u64 phys_addr_t;
  typedef unsigned int gfp_t;
  enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE };
  struct device { int id; };
  struct page { unsigned long flags; };
  struct scatterlist { unsigned long page_link; };
  struct dma_map_ops { int (*map)(struct device *dev); };
  struct dma_devres { int id; };
  struct io_pagetable { int id; };
  struct iommufd_ctx { int id; };
  struct iommu_group { int id; };
  struct iommu_iotlb_gather { unsigned long start, end; };
  struct iommu_domain { int id; };
  struct vfio_iommu { int id; };
  struct vfio_dma { int id; };
  struct vfio_domain { int id; };
  typedef _Bool bool;
`;

function situationsOf(parameters: string, result = 'int', kernel = KERNEL): string[] {
  const text = `${kernel}\n${result} f(${parameters}) { ${result === 'void' ? '' : 'return 0;'} }\n`;
  const source = { read: (path: string) => (path === 'a.c' ? text : undefined), list: () => [] };
  const opened = new LinkedTree(source).open('a.c');
  assert.ok(opened.ok);
  const entries = statedEntries(opened.file.unit, 'f', () => []);
  return entries.flatMap(({ situations }) => situations.map(({ name }) => name));
}

describe('statedEntries', () => {
  const DIRECT = ['dma-direct', 'dma-bounce', 'dma-guest'];
  const BEHIND_IOMMU = [
    ...['dma-iommu', 'dma-iommu-no-page-1', 'dma-iommu-no-page-2'],
    ...['dma-iommu-bounce', 'dma-iommu-bounce-no-page-1'],
  ];
  const MAPS = [...DIRECT, ...BEHIND_IOMMU];
  /** What is there already needs no memory. */
  const DMA = MAPS.filter((name) => !name.includes('no-page'));

  it('fits functions of the DMA API by the types of their parameters, whatever their names', () => {
    for (const parameters of [
      'struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir, unsigned long attrs',
      'struct device *a, struct scatterlist *b, int c, enum dma_data_direction d, unsigned long e',
      'struct device *a, phys_addr_t b, size_t c, enum dma_data_direction d, unsigned long e',
      'struct device *a, struct page *b, unsigned long c, size_t d, enum dma_data_direction e',
      'struct device *a, size_t b, dma_addr_t *c, gfp_t d, unsigned long e',
    ]) {
      assert.deepEqual(situationsOf(parameters), MAPS, parameters);
    }
  });

  it('runs what others call in place of a static function, where that fits, too', () => {
    const part = 'static void part(struct device *d, dma_addr_t a, size_t s)';
    const entriesOf = (linkage: string): string[] => {
      const text = `${KERNEL} ${part} {} ${linkage} void whole(struct device *d, dma_addr_t a, size_t s) {}`;
      const source = {
        read: (path: string) => (path === 'a.c' ? text : undefined),
        list: () => [],
      };
      const opened = new LinkedTree(source).open('a.c');
      assert.ok(opened.ok);
      const above = (name: string): string[] => (name === 'part' ? ['whole'] : []);
      return statedEntries(opened.file.unit, 'part', above).map(({ entry }) => entry.name);
    };
    assert.deepEqual(entriesOf(''), ['whole']);
    assert.deepEqual(entriesOf('static'), ['part']);
  });

  it('gives each implementation of the DMA API the devices that it is for', () => {
    const of = (struct: string): string[] =>
      situationsOf(
        'struct device *a, phys_addr_t b, size_t c, enum dma_data_direction d, unsigned long e',
        'dma_addr_t',
        KERNEL.replace('struct dma_devres', `struct ${struct}`),
      );
    assert.deepEqual(of('iommu_dma_cookie'), BEHIND_IOMMU);
    assert.deepEqual(of('io_tlb_slot'), DIRECT);
  });

  it('knows the steps of the DMA API that takes IOVAs first', () => {
    const kernel = `${KERNEL} struct dma_iova_state { dma_addr_t addr; u64 size; }; struct iommu_dma_cookie { int id; };`;
    const of = (more: string, result = 'void'): string[] =>
      situationsOf(`struct device *a, struct dma_iova_state *b${more}`, result, kernel);
    const both = (...steps: readonly string[]): string[] =>
      ['dma-iommu', 'dma-iommu-bounce'].flatMap((way) =>
        steps.map((step) => `${way}-iova-${step}`),
      );
    const rest = 'enum dma_data_direction f, unsigned long g';
    assert.deepEqual(of(', phys_addr_t c, size_t d', 'bool'), both('alloc'));
    assert.deepEqual(of(''), both('free'));
    assert.deepEqual(of(', size_t c, size_t d', 'int'), both('sync'));
    assert.deepEqual(of(`, size_t c, size_t d, ${rest}`), both('unlink'));
    assert.deepEqual(of(`, size_t c, ${rest}`), both('destroy'));
    const links = both('link', 'link-head', 'link-no-page');
    assert.deepEqual(of(`, phys_addr_t c, size_t d, size_t e, ${rest}`, 'int'), links);
  });

  it('maps nothing for a function that frees what was allocated', () => {
    const memory = 'struct device *a, size_t b, struct sg_table *c, enum dma_data_direction d';
    assert.deepEqual(situationsOf(memory, 'void'), []);
  });

  it('maps before it what a function of the DMA API is handed to unmap or to sync', () => {
    const rest = 'size_t c, enum dma_data_direction d';
    const address = DMA.map((name) => `${name}-mapped`);
    assert.deepEqual(situationsOf(`struct device *a, dma_addr_t b, ${rest}`), address);
    assert.deepEqual(situationsOf(`struct device *a, dma_addr_t b, ${rest}`, 'void'), address);
    // A function that gives something back for a physical address maps it; one that does not has to find it mapped.
    assert.deepEqual(situationsOf(`struct device *a, phys_addr_t b, ${rest}`, 'dma_addr_t'), MAPS);
    assert.deepEqual(situationsOf(`struct device *a, phys_addr_t b, ${rest}`, 'void'), address);
    const list = 'struct device *a, struct scatterlist *b, int c, enum dma_data_direction d';
    assert.deepEqual(situationsOf(list), MAPS);
    assert.deepEqual(
      situationsOf(list, 'void'),
      DMA.map((name) => `${name}-mapped-list`),
    );
  });

  it('runs the core of IOMMUs on its own functions', () => {
    const domain = 'struct iommu_domain *a, unsigned long b';
    assert.deepEqual(situationsOf(`${domain}, phys_addr_t c, size_t d, int e, gfp_t f`), [
      'iommu-core-map',
      'iommu-core-map-small',
      'iommu-core-map-fails',
    ]);
    for (const more of ['', ', struct iommu_iotlb_gather *d']) {
      assert.deepEqual(situationsOf(`${domain}, size_t c${more}`), ['iommu-core-unmap']);
    }
    assert.deepEqual(situationsOf(`${domain}, size_t c, int d`), []);
    const list = `${domain}, struct scatterlist *c, unsigned int d, int e, gfp_t f`;
    assert.deepEqual(situationsOf(list), ['iommu-core-map-list', 'iommu-core-map-list-fails']);
  });

  it('has something mapped for the functions of VFIO that take it back', () => {
    const taken = 'struct vfio_iommu *a, struct vfio_dma *b';
    assert.deepEqual(situationsOf(`${taken}, bool c`), ['vfio-amdv1-sme-unmap']);
    assert.ok(situationsOf(taken).includes('vfio-amdv1-sme-unmap'));
    assert.ok(!situationsOf('struct vfio_iommu *a').includes('vfio-amdv1-sme-unmap'));
  });

  it('leaves functions alone that take what nobody states', () => {
    for (const parameters of [
      'struct device *dev, int nents',
      'struct device *dev, u64 size',
      'struct device *dev, unsigned int gfp',
    ]) {
      assert.deepEqual(situationsOf(parameters), [], parameters);
    }
  });

  it('tells functions of an I/O address space by their whole parameter list', () => {
    const map = 'struct iommufd_ctx *a, struct io_pagetable *b, unsigned long *c';
    assert.deepEqual(situationsOf(`${map}, void *d, unsigned long e, int f, unsigned int g`), [
      'iommufd-amdv1-sme-map',
    ]);
    assert.deepEqual(situationsOf(`${map}, int d, unsigned long e, int f, unsigned int g`), []);
    assert.deepEqual(situationsOf('struct io_pagetable *a, unsigned long *b'), [
      'iommufd-amdv1-sme-unmap',
    ]);
  });
});
