import assert from 'node:assert/strict';
import fc from 'fast-check';
import { differences, emptyMap, forEach, get, remove, same, set, type IntMap } from './intMap.ts';

const change = fc.record({
  key: fc.oneof(fc.nat({ max: 40 }), fc.nat()),
  value: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
});

function apply(changes: readonly { key: number; value: number | undefined }[]): {
  map: IntMap<number>;
  model: Map<number, number>;
} {
  let map: IntMap<number> = emptyMap;
  const model = new Map<number, number>();
  for (const { key, value } of changes) {
    if (value === undefined) {
      map = remove(map, key);
      model.delete(key);
    } else {
      map = set(map, key, value);
      model.set(key, value);
    }
  }
  return { map, model };
}

describe('intMap', () => {
  it('holds what a Map holds', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const { map, model } = apply(changes);
        const seen: [number, number][] = [];
        forEach(map, (key, value) => seen.push([key, value]));
        assert.deepEqual(
          seen.sort((a, b) => a[0] - b[0]),
          [...model].sort((a, b) => a[0] - b[0]),
        );
        for (const { key } of changes) assert.equal(get(map, key), model.get(key));
      }),
    );
  });

  it('finds exactly the differences of two versions', () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change), (first, second) => {
        const a = apply(first);
        const b = apply([...first, ...second]);
        const found = new Set<number>();
        differences(a.map, b.map, (key, left, right) => {
          assert.notEqual(left, right);
          found.add(key);
        });
        const keys = new Set([...a.model.keys(), ...b.model.keys()]);
        for (const key of keys) assert.equal(found.has(key), a.model.get(key) !== b.model.get(key));
        assert.equal(
          same(a.map, b.map, (x, y) => x === y),
          found.size === 0,
        );
      }),
    );
  });

  it('keeps older versions as they were', () => {
    const one = set<number>(emptyMap, 3, 1);
    const two = set(one, 3, 2);
    assert.equal(get(one, 3), 1);
    assert.equal(get(two, 3), 2);
  });
});
