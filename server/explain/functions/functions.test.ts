import assert from 'node:assert/strict';
import { allFunctions } from '../../program/kernelApi/registry.ts';
import { kernelApi } from '../../program/kernelApi/registry.ts';
import { explainAt } from '../explainAt.ts';
import { MOST_LINES, plainText } from '../text/explanation.ts';
import { at, explained } from '../unit.test.ts';
import { contractLines, summaryOf } from './contractLines.ts';
import { functionTexts } from './texts.ts';

const FILE = 'drivers/accel/qcap/qcap_mem.c';
const code = `struct ring { struct iommu_domain *domain; unsigned long iova; };
static int ring_init(struct ring *ring, phys_addr_t phys, unsigned long size)
{
	int ret;

	ring->iova = 0x40000000;
	ret = iommu_map(ring->domain, ring->iova, phys, SZ_2M, IOMMU_READ, GFP_KERNEL);
	if (ret)
		return ret;
	if (size > SZ_2M) {
		iommu_unmap(ring->domain, ring->iova, SZ_4K);
		return -EINVAL;
	}
	return 0;
}
static int send(struct device *dev, void *buf, size_t len)
{
	dma_addr_t dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);

	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	start(len);
	return 0;
}
static void iommu_detach_device(int x)
{
	iommu_detach_device(x);
}
static int attach(struct iommu_domain *domain)
{
	return 0;
}
static const struct iommu_domain_ops ops = {
	.attach_dev = attach,
};
`;
const shown = async (what: string, after = ''): Promise<string | undefined> => {
  const file = await explained(FILE, { [FILE]: code });
  const found = explainAt([file], at(code, what, after))?.explanations[0];
  return found === undefined ? undefined : plainText(found);
};

describe('hovering over an interface function', () => {
  it('says the contract, and what the call is given here', async () => {
    const text = (await shown('iommu_map(')) ?? '';
    assert.match(text, /^iommu_map\(domain, iova, paddr, size, prot, gfp\): maps all of a range or nothing\n/); // prettier-ignore
    assert.match(text, /Here {4}line 7 in ring_init\(\)/);
    assert.match(text, / {2}iova {2}ring->iova = 0x40000000\n/);
    assert.match(text, / {2}size {2}SZ_2M = 0x200000\n/);
    assert.match(text, / {2}ended iommu_unmap\(\), line 11/);
    assert.match(text, /Changed up to 6\.1 iommu_map\(domain, iova, paddr, size, prot\)/);
  });

  it('says which call made what a release ends, and where they differ', async () => {
    assert.match((await shown('iommu_unmap(')) ?? '', / {2}of {4}iommu_map\(\), line 7: size was SZ_2M \(!\)/); // prettier-ignore
  });

  it('says where a mapping is still held', async () => {
    assert.match(
      (await shown('dma_map_single')) ?? '',
      / {2}as {4}dma\n {2}held {2}still at line 23/,
    );
  });

  it('is silent about other functions, and static ones of the same name', async () => {
    assert.equal(await shown('start(len)'), undefined);
    assert.equal(await shown('iommu_detach_device(x)'), undefined);
  });

  it('says what the core expects of an operation where it is put into its table', async () => {
    const text = (await shown('attach_dev')) ?? '';
    assert.match(text, /^iommu_domain_ops\.attach_dev\(/);
    assert.match(text, /Here {4}attach\(\) in ops/);
  });

  it('fits into 15 lines for every contract of every release, with the fixed lines', () => {
    for (const version of ['6.1', '6.12', '7.2', '7.3'] as const) {
      for (const contract of kernelApi(version).functions) {
        if (!contract.relevant) continue;
        const { first, rest } = contractLines(contract, version);
        assert.ok(first.length + rest.length < MOST_LINES, contract.name);
        assert.notEqual(summaryOf(contract), '', contract.name);
      }
    }
  });

  it('has texts only for functions with a contract', () => {
    const known = new Set(allFunctions.map(({ name }) => name));
    assert.deepEqual(
      [...functionTexts.keys()].filter((name) => !known.has(name)),
      [],
    );
  });
});

describe('hovering over a variable', () => {
  it('gives its value on the paths that reach the line', async () => {
    const title = async (what: string, after: string): Promise<string | undefined> =>
      (await shown(what, after))?.split('\n')[0];
    assert.equal(await title('iova, phys', 'iommu_map('), 'ring->iova = 1073741824'.replace('1073741824', '0x40000000')); // prettier-ignore
    assert.equal(
      await title('dma)', 'dma_mapping_error'),
      'dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE), the result of dma_map_single(), a DMA address',
    );
  });

  it('is silent where nothing is known but the name', async () => {
    assert.equal(await shown('phys, SZ_2M'), undefined);
    assert.equal(await shown('x);', 'iommu_detach_device(x'), undefined);
  });
});
