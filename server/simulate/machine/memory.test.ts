import assert from 'node:assert/strict';
import { Memory } from './memory.ts';
import { PAGE_BYTES } from './page.ts';
import type { Region } from './regions.ts';

describe('memory', () => {
  const region: Region = { kind: 'slab', name: 'a table', start: 1 << 24, size: 64 * PAGE_BYTES };
  const touched = (memory: Memory): number => [...memory.pagesIn(region)].length;

  it('has no pages behind a large region that nobody touches, from its beginning to its end', () => {
    const memory = new Memory({ moved: 1 << 20 });
    memory.back(region, 'zero');
    assert.equal(touched(memory), 0);
    memory.free(region);
    assert.equal(touched(memory), 0);
  });

  it('knows every byte of a large region as freed, touched before or not', () => {
    const memory = new Memory({ moved: 1 << 20 });
    memory.back(region, 'zero');
    const used = region.start + 3 * PAGE_BYTES;
    const unused = region.start + 40 * PAGE_BYTES;
    memory.storeSmall(used, 4, 7);
    assert.equal(memory.loadSmall(used, 4, false, 'strict'), 7);
    memory.free(region);
    for (const address of [used, unused])
      assert.throws(() => memory.loadSmall(address, 4, false, 'strict'), /which was freed/);
  });
});
