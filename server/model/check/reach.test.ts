import assert from 'node:assert/strict';
import { addr } from '../bits/pfn.ts';
import { word } from '../bits/pte64.ts';
import { iommuMap } from '../core/iommuCore.ts';
import { IOMMU_READ, IOMMU_WRITE } from '../fmt/prot.ts';
import { makeSpace } from '../world/makeSpace.ts';
import { runQueuedCommand } from '../world/queued/run.ts';
import { watchSpace, watchStores } from '../world/watch.ts';
import { createWorld } from '../world/world.ts';
import { checkReach } from './reach.ts';

describe('what a cache remembers not to be there', () => {
  it('has to be told when a map returns, of all pages', () => {
    const world = createWorld({ walks: 'coherent', atcOrder: 'after-sync', encryptionPfn: 0 });
    const made = makeSpace(world, {
      ...{ name: 'dom', arch: 'vtd', format: 'vtdss', stage: 'second', id: 7 },
      ...{ features: 0, vaszLg2: 48, topLevel: 3, walks: 'coherent' },
      ...{ cachesNegative: true, faults: {} },
    });
    assert.ok('space' in made, JSON.stringify(made));
    watchSpace(world, made.space);
    watchStores(world);
    const rights = IOMMU_READ | IOMMU_WRITE;
    assert.equal(iommuMap(made.space.domain, addr(0x400), addr(0x8000), addr(2), rights), 0);
    const wrong = (): number =>
      checkReach(world, {
        ...{ since: 0, scope: 'all', made: [] },
        claims: [{ kind: 'map-told', space: 'dom', first: 0x400, last: 0x401 }],
      }).length;
    const drop = (high: number): void => {
      runQueuedCommand(world, 'vtd', [word(2 | (3 << 4) | (7 << 16)), word(high)]);
      runQueuedCommand(world, 'vtd', [word(5), word(0)]);
    };
    assert.equal(wrong(), 2);
    drop(0x400000);
    assert.equal(wrong(), 1);
    drop(0x400000 | 1);
    assert.equal(wrong(), 0);
  });
});
