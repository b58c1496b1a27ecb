import assert from 'node:assert/strict';
import fc from 'fast-check';
import { kernelApi } from '../../program/kernelApi/registry.ts';
import { explained } from '../unit.test.ts';
import { callAt } from './callAt.ts';
import { choicesFor, roleOfAssignment } from './flags.ts';
import { codeHints } from './hints.ts';
import { signatureOf } from './signature.ts';

const api = kernelApi('7.3');
const found = (text: string): string => {
  const offset = text.indexOf('|');
  const call = callAt(api, text.replace('|', ''), offset);
  return call === undefined ? 'none' : `${call.contract.name} ${call.argument}`;
};

describe('the call around a cursor', () => {
  it('is the innermost one, with the argument that the cursor is in', () => {
    assert.equal(found('ret = iommu_map(d, iova, |'), 'iommu_map 2');
    assert.equal(found('iommu_map(d, f(a, b), (x + |'), 'iommu_map 2');
    assert.equal(found('iommu_map(d, f(a, b), x, |'), 'iommu_map 3');
    assert.equal(found('iommu_map(d, f(a, |'), 'none');
    assert.equal(found('iommu_map(d, i); x = |'), 'none');
    assert.equal(found('dma_map_single(dev, buf[i], len, |)'), 'dma_map_single 3');
    assert.equal(found('printk(|)'), 'none');
  });

  it('is looked for in any text without a complaint', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(40), (text, at) => {
        callAt(api, text, Math.min(at, text.length));
      }),
    );
  });
});

describe('signatures', () => {
  it('mark each parameter in the label', () => {
    for (const contract of api.functions.filter(({ relevant }) => relevant)) {
      const { label, parameters } = signatureOf(contract);
      const inside = label.slice(label.indexOf('(') + 1, -1);
      const marked = parameters.map(({ span: [start, end] }) => label.slice(start, end));
      assert.equal(marked.join(', '), inside, contract.name);
    }
  });
});

describe('constants that fit an argument', () => {
  it('warn where a flag does nothing, and name the format of the driver at hand', () => {
    const mmio = (path: string) =>
      choicesFor('prot', path).find(({ name }) => name === 'IOMMU_MMIO');
    assert.equal(mmio('drivers/iommu/intel/iommu.c')?.warning, 'no effect on VT-d');
    assert.equal(mmio('drivers/net/a.c')?.warning, 'no effect: x86_64 on VT-d, vtdss');
    assert.equal(mmio('drivers/iommu/amd/iommu.c')?.warning, undefined);
    const read = choicesFor('prot', 'drivers/iommu/intel/iommu.c').find(
      ({ name }) => name === 'IOMMU_READ',
    );
    assert.equal(read?.warning, 'no effect: x86_64', 'second stage tables do get R');
    assert.equal(choicesFor('size', 'a.c').length, 0);
  });

  it('are found by the name of the assigned variable too', () => {
    assert.equal(roleOfAssignment('\tprot |= IOMMU_'), 'prot');
    assert.equal(roleOfAssignment('\tint iommu_prot = IOMMU_READ | '), 'prot');
    assert.equal(roleOfAssignment('\tdir = '), 'dir');
    assert.equal(roleOfAssignment('\tattrs |= '), 'attrs');
    assert.equal(roleOfAssignment('\tif (prot == '), undefined);
    assert.equal(roleOfAssignment('\tx = '), undefined);
  });
});

describe('remarks in the code', () => {
  it('say where an address comes from, and that a call is atomic', async () => {
    const text = `static int f(struct iommu_domain *d, struct pci_dev *pdev, spinlock_t *lock)
{
	int ret;

	spin_lock(lock);
	ret = iommu_map(d, 0, pci_resource_start(pdev, 2), SZ_4K, IOMMU_READ, GFP_ATOMIC);
	spin_unlock(lock);
	return ret;
}
`;
    const file = await explained('drivers/a.c', { 'drivers/a.c': text });
    const hints = codeHints(file.facts).map(({ offset, text: said }) => `${text.slice(0, offset).split(/\W+/).at(-1) ?? ''} ${said}`); // prettier-ignore
    assert.ok(hints.includes('iommu_map atomic'), hints.join());
    assert.ok(
      hints.some((hint) => hint.endsWith('device memory')),
      hints.join(),
    );
  });
});
