import assert from 'node:assert/strict';
import {
  addStale,
  createStaleSet,
  queueInvalidation,
  staleAt,
  staleReaching,
  syncInvalidations,
  type CacheKind,
  type Invalidation,
  type Stale,
  type StaleSet,
} from './staleSet.ts';

const TAG = 'domain 7';

function leaf(set: StaleSet, where: readonly CacheKind[] = ['iotlb']): Stale {
  return addStale(set, {
    tag: TAG,
    kind: 'leaf',
    first: 512,
    last: 1023,
    level: 1,
    target: 0x80000,
    read: true,
    write: true,
    where,
    seq: 1,
  });
}

function flush(set: StaleSet, command: Partial<Invalidation> = {}): readonly Stale[] {
  queueInvalidation(set, {
    target: 'iotlb',
    tag: TAG,
    range: undefined,
    nonLeaf: false,
    seq: 2,
    ...command,
  });
  return syncInvalidations(set);
}

describe('Stale set', () => {
  it('drops a leaf only when the range holds all of it', () => {
    const set = createStaleSet('after-sync');
    leaf(set);
    assert.equal(flush(set, { range: { first: 512, last: 515 } }).length, 0);
    assert.equal(staleAt(set, TAG, 700).length, 1);
    assert.equal(flush(set, { range: { first: 512, last: 1023 } }).length, 1);
    assert.equal(staleAt(set, TAG, 700).length, 0);
  });

  it('takes effect at the sync, not at the command', () => {
    const set = createStaleSet('after-sync');
    leaf(set);
    queueInvalidation(set, { target: 'iotlb', tag: TAG, range: undefined, nonLeaf: false, seq: 2 });
    assert.equal(set.entries.size, 1);
    syncInvalidations(set);
    assert.equal(set.entries.size, 0);
  });

  it('keeps what was written after the command', () => {
    const set = createStaleSet('after-sync');
    leaf(set);
    assert.equal(flush(set, { seq: 0 }).length, 0);
  });

  it('keeps a pointer to a table without the non-leaf form', () => {
    const set = createStaleSet('after-sync');
    addStale(set, { ...leaf(set), kind: 'table', target: 0x100, where: ['walk'] });
    assert.deepEqual(
      flush(set).map(({ kind }) => kind),
      ['leaf'],
    );
    assert.deepEqual(
      flush(set, { nonLeaf: true }).map(({ kind }) => kind),
      ['table'],
    );
  });

  it('lets a device refill its cache until the IOTLB invalidation has completed', () => {
    const set = createStaleSet('after-sync');
    leaf(set, ['iotlb', 'atc']);
    queueInvalidation(set, { target: 'iotlb', tag: TAG, range: undefined, nonLeaf: false, seq: 2 });
    assert.equal(flush(set, { target: 'atc' }).length, 0);
    assert.equal(flush(set, { target: 'atc' }).length, 1);
  });

  it('drops both at one sync where the queue is ordered', () => {
    const set = createStaleSet('queue-order');
    leaf(set, ['iotlb', 'atc']);
    queueInvalidation(set, { target: 'iotlb', tag: TAG, range: undefined, nonLeaf: false, seq: 2 });
    assert.equal(flush(set, { target: 'atc' }).length, 1);
  });

  it('leaves other address spaces alone', () => {
    const set = createStaleSet('after-sync');
    leaf(set);
    assert.equal(flush(set, { tag: 'domain 8' }).length, 0);
    assert.equal(staleAt(set, 'domain 8', 700).length, 0);
    assert.equal(flush(set, { tag: undefined }).length, 1);
  });

  it('drops context entries only by a context invalidation', () => {
    const set = createStaleSet('after-sync');
    addStale(set, { ...leaf(set), kind: 'context', where: ['context'] });
    flush(set, { nonLeaf: true });
    assert.equal(set.entries.size, 1);
    assert.equal(flush(set, { target: 'context' }).length, 1);
  });

  it('says through which entries a page can be reached', () => {
    const set = createStaleSet('after-sync');
    leaf(set);
    addStale(set, { ...leaf(set), kind: 'negative', target: undefined, where: ['iotlb'] });
    assert.equal(staleReaching(set, 0x80000 + 511).length, 2);
    assert.equal(staleReaching(set, 0x80000 + 512).length, 0);
  });
});
