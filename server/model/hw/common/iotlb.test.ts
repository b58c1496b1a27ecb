import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  createIotlb,
  fill,
  findPage,
  invalidateRange,
  iotlbEntries,
  Perm,
  WAYS,
  type Iotlb,
} from './iotlb.ts';

const RW = Perm.read | Perm.write;

function put(iotlb: Iotlb, page: number, lg2: number, target: number, space = 1): void {
  fill(iotlb, space, { page, lg2, target, perms: RW });
}

describe('Concrete IOTLB', () => {
  it('translates every page of a leaf, and no other', () => {
    const iotlb = createIotlb();
    put(iotlb, 0x40000 + 7, 9, 0x80000 + 7);
    assert.equal(findPage(iotlb, 1, 0x40000, Perm.read), 0x80000);
    assert.equal(findPage(iotlb, 1, 0x401ff, Perm.read), 0x801ff);
    assert.equal(findPage(iotlb, 1, 0x40200, Perm.read), -1);
    assert.equal(findPage(iotlb, 1, 0x3ffff, Perm.read), -1);
    assert.equal(findPage(iotlb, 2, 0x40000, Perm.read), -1, 'another address space');
    assert.deepEqual(iotlbEntries(iotlb), [
      { space: 1, first: 0x40000, last: 0x401ff, target: 0x80000, perms: RW },
    ]);
  });

  it('does not answer for a permission that the entry lacks', () => {
    const iotlb = createIotlb();
    fill(iotlb, 0, { page: 5, lg2: 0, target: 9, perms: Perm.read });
    assert.equal(findPage(iotlb, 0, 5, Perm.read), 9);
    assert.equal(findPage(iotlb, 0, 5, Perm.write), -1);
    fill(iotlb, 0, { page: 5, lg2: 0, target: 9, perms: RW });
    assert.equal(findPage(iotlb, 0, 5, Perm.write), 9);
    assert.equal(iotlbEntries(iotlb).length, 1, 'the same leaf takes one place');
  });

  it('loses an entry of a full set to a new one', () => {
    const iotlb = createIotlb(0);
    const events: string[] = [];
    iotlb.listener = (kind, { first }): void => {
      events.push(`${kind} ${first}`);
    };
    for (let page = 0; page <= WAYS; page++) put(iotlb, page, 0, page + 100);
    assert.equal(findPage(iotlb, 1, 0, Perm.read), -1);
    assert.equal(findPage(iotlb, 1, WAYS, Perm.read), WAYS + 100);
    assert.deepEqual(events, [
      'fill 0',
      'fill 1',
      'fill 2',
      'fill 3',
      'evict 0',
      'fill 4',
      'hit 4',
    ]);
    assert.deepEqual(iotlb.counts, { hits: 1, misses: 1, fills: 5, evictions: 1, dropped: 0 });
  });

  it('drops what a range touches, of one address space or of all', () => {
    const iotlb = createIotlb();
    put(iotlb, 0x200, 9, 0x1000);
    put(iotlb, 0x400, 0, 0x5000);
    put(iotlb, 0x200, 0, 0x7000, 2);
    let dropped = 0;
    iotlb.listener = (kind): void => {
      if (kind === 'drop') dropped++;
    };
    assert.equal(invalidateRange(iotlb, 1, { first: 0x3ff, last: 0x3ff }), 1);
    assert.equal(findPage(iotlb, 1, 0x200, Perm.read), -1);
    assert.equal(findPage(iotlb, 1, 0x400, Perm.read), 0x5000);
    assert.equal(invalidateRange(iotlb, 3, undefined), 0);
    assert.equal(invalidateRange(iotlb, undefined, undefined), 2);
    assert.equal(dropped, 3);
    assert.deepEqual(iotlb.sizesInUse, []);
  });

  it('never gives another page than the one that was put last', () => {
    const step = fc.record({
      page: fc.integer({ min: 0, max: 4095 }),
      lg2: fc.constantFrom(0, 4, 9),
      space: fc.integer({ min: 0, max: 2 }),
      target: fc.integer({ min: 0, max: 2 ** 40 }),
      drop: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const iotlb = createIotlb(2);
        const truth = new Map<string, number>();
        for (const { page, lg2, space, target, drop } of steps) {
          const first = page - (page % 2 ** lg2);
          const last = first + 2 ** lg2 - 1;
          // A correct driver invalidates before it maps anew, so one page has one translation.
          invalidateRange(iotlb, space, { first, last });
          for (let n = first; n <= last; n++) truth.delete(`${space} ${n}`);
          if (drop) continue;
          fill(iotlb, space, { page: first, lg2, target, perms: RW });
          for (let n = first; n <= last; n++) truth.set(`${space} ${n}`, target + n - first);
        }
        for (const entry of iotlbEntries(iotlb)) {
          assert.equal(truth.get(`${entry.space} ${entry.first}`), entry.target);
          assert.equal(findPage(iotlb, entry.space, entry.last, Perm.read), entry.target + entry.last - entry.first); // prettier-ignore
        }
      }),
    );
  });
});
