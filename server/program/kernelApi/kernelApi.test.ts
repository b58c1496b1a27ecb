import assert from 'node:assert/strict';
import type { FunctionContract } from './contract.ts';
import { fn } from './define.ts';
import { allFunctions, kernelApi } from './registry.ts';
import { comparedReleases, mayExist, versionOfMakefile } from './versions.ts';

describe('contracts', () => {
  it('say one thing per name, arity and release', () => {
    for (const release of comparedReleases) {
      const seen = new Set<string>();
      for (const { name, params } of kernelApi(release).functions) {
        const key = `${name}/${params.length}`;
        assert.ok(!seen.has(key), `${key} twice in ${release}`);
        seen.add(key);
      }
    }
  });

  it('have a release for every family that can be acquired, and the other way round', () => {
    const acquired = new Set(allFunctions.flatMap(({ acquires }) => acquires?.family ?? []));
    const released = new Set(allFunctions.flatMap(({ releases }) => releases?.families ?? []));
    assert.deepEqual([...acquired].sort(), [...released].sort());
  });

  it('name handles that the call really has', () => {
    for (const contract of allFunctions) {
      const places = [
        contract.acquires?.handle,
        contract.acquires?.other,
        contract.releases?.handle,
        contract.releases?.other,
      ];
      for (const place of places) {
        if (place === undefined || place.at === 'result') continue;
        assert.ok(place.index < contract.params.length, contract.name);
      }
      if (contract.checks !== undefined)
        assert.equal(contract.params[contract.checks.argument], 'dma');
    }
  });

  it('release what they acquire by the same kind of handle', () => {
    const role = (contract: FunctionContract, index: number): string => contract.params[index]!;
    for (const contract of allFunctions) {
      if (contract.releases?.families[0] !== 'iommuMapping') continue;
      const { handle } = contract.releases;
      assert.ok(handle.at === 'argument' && role(contract, handle.index) === 'iova', contract.name);
    }
  });

  it('change with the release and with the number of arguments', () => {
    assert.equal(kernelApi('6.1').find('iommu_map')?.params.length, 5);
    assert.equal(kernelApi('6.12').find('iommu_map')?.params.length, 6);
    // Between two compared releases the number of arguments decides.
    assert.equal(kernelApi('6.6').find('iommu_map', 5)?.params.length, 5);
    assert.equal(kernelApi('6.6').find('iommu_map', 6)?.params.length, 6);
    assert.equal(kernelApi('6.1').find('iommu_paging_domain_alloc'), undefined);
    assert.equal(kernelApi('7.3').find('iommu_domain_alloc'), undefined);
    assert.equal(kernelApi('6.1').operation('iommu_domain_ops', 'map_pages')?.context, 'atomic');
    assert.equal(kernelApi('7.3').operation('iommu_domain_ops', 'map'), undefined);
  });

  it('know the sizes and directions of the kernel without a tree', () => {
    const api = kernelApi('7.3');
    assert.equal(api.constant('SZ_2M')?.value, 2 * 1024 * 1024);
    assert.equal(api.constant('DMA_FROM_DEVICE')?.value, 2);
    assert.equal(api.constant('IOMMU_MMIO')?.value, 16);
    assert.ok(
      api.constant('PAGE_SIZE') !== undefined && api.constant('PAGE_SIZE')?.value === undefined,
    );
  });

  it('refuse a definition with an unknown role or place', () => {
    assert.throws(() => fn('x(banana)', 'void', 'atomic'), /not a role: banana/);
    assert.throws(
      () => fn('x(dev)', 'void', 'atomic', { releases: ['memory', 'object'] }),
      /no argument has the role object/,
    );
  });
});

describe('releases', () => {
  it('accept both forms between two compared releases', () => {
    assert.ok(mayExist('6.12', undefined, '6.6'));
    assert.ok(!mayExist('6.12', undefined, '6.1'));
    assert.ok(mayExist(undefined, '6.1', '6.6'));
    assert.ok(!mayExist(undefined, '6.1', '6.12'));
  });

  it('are read from a Makefile only if it is a kernel tree', () => {
    assert.equal(versionOfMakefile('VERSION = 7\nPATCHLEVEL = 2\n'), '7.2');
    assert.equal(versionOfMakefile('all:\n\techo VERSION = 7\n'), undefined);
  });
});
