import assert from 'node:assert/strict';
import { partOf, runSlices, type Slices } from './slices.ts';

function* count(to: number): Slices<string> {
  for (let i = 1; i <= to; i++) yield i / to;
  return `counted to ${to}`;
}

describe('slices', () => {
  it('run to their result', () => {
    assert.equal(runSlices(count(3)), 'counted to 3');
    assert.equal(runSlices(count(0)), 'counted to 0');
  });

  it('become a part of larger work', () => {
    const part = partOf(count(2), 0.5, 0.75);
    assert.deepEqual(part.next(), { done: false, value: 0.625 });
    assert.deepEqual(part.next(), { done: false, value: 0.75 });
    assert.deepEqual(part.next(), { done: true, value: 'counted to 2' });
  });
});
