import assert from 'node:assert/strict';
import { word } from '../../bits/pte64.ts';
import { addStale } from '../../hw/common/staleSet.ts';
import { atcTag, contextTag, type Device } from '../device.ts';
import { makeSpace } from '../makeSpace.ts';
import { createWorld, type ModelWorld } from '../world.ts';
import { readCommand, runQueuedCommand } from './run.ts';

const DEVICE: Device = {
  ...{ name: 'nic', arch: 'vtd', requester: 0x10, pasid: undefined, ats: true },
  ...{ first: undefined, second: 'dom', trustedBy: undefined, contextRoot: 0 },
};
const ID = 7;
const WAIT = [word(5 | (1 << 5), 2), word(0x20000)];

/** A leaf and a table of pages 0x401 to 0x401 and 0x400 to 0x5ff, one leaf in the device, and the context. */
function worldOf(stage: 'first' | 'second' = 'second'): ModelWorld {
  const world = createWorld({ walks: 'coherent', atcOrder: 'queue-order', encryptionPfn: 0 });
  const made = makeSpace(world, {
    ...{ name: 'dom', arch: 'vtd', format: stage === 'first' ? 'x86_64' : 'vtdss', stage, id: ID },
    ...{ features: stage === 'first' ? 1 : 0, vaszLg2: 48, topLevel: 3, walks: 'coherent' },
    ...{ cachesNegative: false, faults: {} },
  });
  assert.ok('space' in made, JSON.stringify(made));
  const { tag } = made.space;
  world.devices.set('nic', DEVICE);
  const entry = { level: 0, target: 0x8000, read: true, write: true, seq: 0 };
  const page = { ...entry, first: 0x401, last: 0x401 };
  addStale(world.stale, { ...page, tag, kind: 'leaf', where: ['iotlb'] });
  addStale(world.stale, { ...entry, first: 0x400, last: 0x5ff, tag, kind: 'table', where: ['walk'] }); // prettier-ignore
  addStale(world.stale, { ...page, tag: atcTag(DEVICE), kind: 'leaf', where: ['atc'] });
  addStale(world.stale, { ...entry, first: 0, last: 1e9, tag: contextTag(DEVICE), kind: 'context', where: ['context'] }); // prettier-ignore
  return world;
}

/** What is left in caches after a descriptor, by the words of the two halves, and after a wait. */
function left(
  descriptor: readonly [low: readonly [lo: number, hi: number], high: number],
  world: ModelWorld = worldOf(),
): string {
  const [[lo, hi], high] = descriptor;
  runQueuedCommand(world, 'vtd', [word(lo, hi), word(high)]);
  const before = world.stale.entries.size;
  assert.equal(before, 4, 'nothing goes before the wait');
  runQueuedCommand(world, 'vtd', WAIT);
  return [...world.stale.entries.values()].flatMap(({ where }) => [...where]).join(' ');
}

const ADDRESS = 0x400000;
const did = (id: number): number => id << 16;

describe('descriptors of the invalidation queue of VT-d', () => {
  it('IOTLB: everything, a domain, or pages of it', () => {
    assert.equal(left([[2 | (1 << 4), 0], 0]), 'atc context');
    assert.equal(left([[2 | (2 << 4) | did(ID), 0], 0]), 'atc context');
    assert.equal(left([[2 | (2 << 4) | did(ID + 1), 0], 0]), 'iotlb walk atc context');
    assert.equal(left([[2 | (3 << 4) | did(ID), 0], ADDRESS | 9]), 'atc context');
  });

  it('IOTLB: a mask that is too small, another address, or leaves only leave something', () => {
    const pages = (high: number): string => left([[2 | (3 << 4) | did(ID), 0], high]);
    assert.equal(pages(ADDRESS | 1), 'walk atc context');
    assert.equal(pages(ADDRESS), 'iotlb walk atc context');
    assert.equal(pages((ADDRESS * 2) | 9), 'iotlb walk atc context');
    assert.equal(pages(ADDRESS | 9 | (1 << 6)), 'walk atc context');
    // The mask takes the low bits of the address away.
    assert.equal(pages((ADDRESS + 0x3000) | 9), 'atc context');
  });

  it('IOTLB of pages means a second stage, PASID-IOTLB a first one', () => {
    const first = worldOf('first');
    assert.equal(left([[2 | (3 << 4) | did(ID), 0], ADDRESS | 9], first), 'iotlb walk atc context');
    const other = worldOf('first');
    assert.equal(left([[6 | (3 << 4) | did(ID), 0], ADDRESS | 9], other), 'atc context');
    assert.equal(left([[6 | (2 << 4) | did(ID), 0], 0], worldOf('first')), 'atc context');
    assert.equal(left([[6 | (2 << 4) | did(ID), 0], 0]), 'iotlb walk atc context');
  });

  it('context cache: all, or those of a device', () => {
    assert.equal(left([[1 | (1 << 4), 0], 0]), 'iotlb walk atc');
    assert.equal(left([[1 | (3 << 4), 0x10], 0]), 'iotlb walk atc');
    assert.equal(left([[1 | (3 << 4), 0x11], 0]), 'iotlb walk atc context');
  });

  it('device TLB: a page, or as many as the lowest zero of the address says', () => {
    assert.equal(left([[3, 0x10], 0x401000]), 'iotlb walk context');
    assert.equal(left([[3, 0x10], 0x400000]), 'iotlb walk atc context');
    assert.equal(left([[3, 0x10], 0x400001]), 'iotlb walk context');
    assert.equal(left([[3, 0x11], 0x401000]), 'iotlb walk atc context');
    assert.equal(left([[3, 0x10], 0x7ffff001]), 'iotlb walk context');
  });

  it('waits and others drop nothing, and reserved granularities are none', () => {
    assert.equal(left([[4, 0], 0]), 'iotlb walk atc context');
    assert.equal(readCommand('vtd', [word(2), word(0)]).effect.kind, 'illegal');
    assert.equal(readCommand('vtd', [word(6 | (1 << 4)), word(0)]).effect.kind, 'illegal');
    assert.equal(readCommand('vtd', [word(15), word(0)]).effect.kind, 'illegal');
  });
});
