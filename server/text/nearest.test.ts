import assert from 'node:assert/strict';
import { nearest } from './nearest.ts';

describe('nearest', () => {
  const options = ['severity', 'strict', 'format', 'files-from'];

  it('finds a swapped, dropped or doubled letter', () => {
    assert.equal(nearest('severty', options), 'severity');
    assert.equal(nearest('foramt', options), 'format');
    assert.equal(nearest('strictt', options), 'strict');
  });

  it('prefers a name that contains what was typed', () => {
    assert.equal(
      nearest('dma-map-null', ['dma-map-sg', 'dma-map-null-check']),
      'dma-map-null-check',
    );
  });

  it('stays silent when nothing is close', () => {
    assert.equal(nearest('zzzzzz', options), undefined);
  });
});
