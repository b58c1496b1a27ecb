import assert from 'node:assert/strict';
import { addr } from '../bits/pfn.ts';
import { iommuMap, iommuUnmap } from '../core/iommuCore.ts';
import { features, PT_FEAT } from '../fmt/features.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../fmt/prot.ts';
import { cachedAccess, type CachedAccess } from './cachedAccess.ts';
import { writeContexts } from './contexts.ts';
import { namedEntries } from './iotlbView.ts';
import { makeSpace } from './makeSpace.ts';
import type { Arch, DriverFaults, ModelSpace } from './space.ts';
import { watchStores } from './watch.ts';
import { createWorld, type ModelWorld } from './world.ts';

interface Rig {
  readonly world: ModelWorld;
  readonly space: ModelSpace;
  readonly path: CachedAccess;
}

const FORMATS: Readonly<Record<Arch, string>> = {
  amd: 'amdv1',
  vtd: 'vtdss',
  smmuv3: 'arm_64_lpae_s2',
  riscv: 'riscv_64',
};
const RW = IOMMU_READ | IOMMU_WRITE;

function rig(arch: Arch, faults: Partial<DriverFaults> = {}): Rig {
  const world = createWorld({ walks: 'coherent', atcOrder: 'after-sync', encryptionPfn: 0 });
  watchStores(world);
  const second = arch !== 'riscv';
  const made = makeSpace(world, {
    ...{ name: 'dom', arch, format: FORMATS[arch], stage: second ? 'second' : 'first', id: 7 },
    ...{
      features: second ? 0 : features(PT_FEAT.SIGN_EXTEND),
      vaszLg2: 48,
      topLevel: 3,
      walks: 'coherent',
    },
    ...{ cachesNegative: false, faults },
  });
  assert.ok('space' in made, JSON.stringify(made));
  const { space } = made;
  const pair = { first: second ? undefined : space, second: second ? space : undefined };
  const base = { requester: 3, pasid: undefined, ats: false };
  const contextRoot = writeContexts(world, arch, { ...base, ...pair });
  const names = { first: pair.first?.name, second: pair.second?.name };
  const device = { name: 'nic', arch, ...base, ...names, trustedBy: undefined, contextRoot };
  world.devices.set('nic', device);
  return { world, space, path: cachedAccess(world, device) };
}

describe('Accesses through the concrete IOTLB', () => {
  for (const arch of Object.keys(FORMATS) as Arch[]) {
    it(`${arch}: walks once, then hits, until the range is unmapped`, () => {
      const { world, space, path } = rig(arch);
      assert.equal(iommuMap(space.domain, addr(0x400), addr(0x8000), addr(16), RW), 0);
      assert.equal(path.access(0x40f, 'write'), 0x800f);
      assert.equal(path.access(0x40f, 'write'), 0x800f);
      const { hits, misses } = world.iotlb.iotlb.counts;
      assert.deepEqual([hits, misses], [1, 1]);
      assert.deepEqual(namedEntries(world.iotlb)[0]!.tags, [space.tag]);
      assert.equal(iommuUnmap(space.domain, addr(0x400), addr(16)).pfn, 16);
      assert.deepEqual(namedEntries(world.iotlb), []);
      assert.equal(path.access(0x40f, 'write'), -1);
      assert.equal(path.refusal?.kind, 'fault');
    });
  }

  it('goes on with the old page where the driver does not flush', () => {
    const { space, path } = rig('vtd', { skipFlush: true });
    iommuMap(space.domain, addr(0x400), addr(0x8000), addr(1), RW);
    assert.equal(path.access(0x400, 'read'), 0x8000);
    iommuUnmap(space.domain, addr(0x400), addr(1));
    assert.equal(path.access(0x400, 'read'), 0x8000);
  });
});
