import assert from 'node:assert/strict';
import { addr } from '../../server/model/bits/pfn.ts';
import { checkFormat } from '../../server/model/check/format.ts';
import { iommuMap } from '../../server/model/core/iommuCore.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../../server/model/fmt/prot.ts';
import { makeSpace } from '../../server/model/world/makeSpace.ts';
import { watchStores } from '../../server/model/world/watch.ts';
import { createWorld } from '../../server/model/world/world.ts';

describe('I-FMT-2, where software is asked by IOVA', () => {
  const world = createWorld({ walks: 'coherent', atcOrder: 'after-sync', encryptionPfn: 0 });
  watchStores(world);
  const made = makeSpace(world, {
    ...{ name: 'd', arch: 'vtd', format: 'vtdss', stage: 'second', id: 1, features: 0 },
    ...{ vaszLg2: 48, topLevel: 3, walks: 'coherent', cachesNegative: false },
  });
  assert.ok('space' in made);
  const { domain } = made.space;
  iommuMap(domain, addr(0x10), addr(0x80000), addr(1), IOMMU_READ | IOMMU_WRITE);

  const broken = (page: number, translated: boolean): string[] => {
    const claims = [{ kind: 'looked-up' as const, space: 'd', page, translated }];
    const since = world.log.next;
    return checkFormat(world, { since, scope: 'changed', made: [], claims }).map(
      ({ what }) => what,
    );
  };

  it('holds where both say the same', () => {
    assert.deepEqual(broken(0x10, true), []);
    assert.deepEqual(broken(0x11, false), []);
  });

  it('breaks where one of them finds nothing', () => {
    assert.match(broken(0x10, false)[0]!, /^hardware translates 0x10000 of d, and software says/);
    assert.match(broken(0x11, true)[0]!, /^software translates 0x11000 of d, and hardware finds/);
  });
});
