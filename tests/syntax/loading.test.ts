import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

describe('loading the syntax layer', () => {
  it('several times at once gives parsers that all work', async () => {
    const worker = new Worker(new URL('./loadTogether.js', import.meta.url));
    const [items] = (await once(worker, 'message')) as [readonly number[]];
    await worker.terminate();
    assert.deepEqual(items, [1, 1, 1]);
  });
});
