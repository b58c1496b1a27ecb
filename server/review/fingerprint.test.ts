import assert from 'node:assert/strict';
import type { Finding } from '../checkers/finding.ts';
import { identities, normaliseMessage } from './fingerprint.ts';

const finding = (message: string, start = 0): Finding => ({
  rule: 'dma-map-leak-error-path',
  severity: 'error',
  confidence: 'high',
  file: 'drivers/x.c',
  span: { start, end: start + 1 },
  function: 'f',
  message,
  steps: [],
  related: [],
  fixes: [],
});

describe('normaliseMessage', () => {
  it('drops line numbers and the names of locals, not of members', () => {
    assert.equal(
      normaliseMessage(
        'returns ret with q->dma of line 62 still mapped: x.c:7 leaks ret',
        new Set(['ret', 'q', 'dma']),
      ),
      'returns $1 with $2->dma of line # still mapped: x.c:# leaks $1',
    );
  });
});

describe('identities', () => {
  const print = (messages: readonly string[], locals: readonly string[]): string[] =>
    identities(
      messages.map((message, i) => finding(message, i)),
      () => new Set(locals),
    ).map(({ fingerprint }) => fingerprint);

  it('survive moved lines and renamed locals', () => {
    assert.deepEqual(
      print(['returns ret with a of line 3 still mapped'], ['ret', 'a']),
      print(['returns err with b of line 90 still mapped'], ['err', 'b']),
    );
  });

  it('tell equal findings of one function apart', () => {
    const [first, second] = print(['drops the result', 'drops the result'], []);
    assert.notEqual(first, second);
  });

  it('change with the consequence', () => {
    assert.notDeepEqual(print(['drops the result'], []), print(['tests the result'], []));
  });
});
