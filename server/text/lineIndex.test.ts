import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lineIndex } from './lineIndex.ts';

describe('lineIndex', () => {
  it('counts \\n, \\r\\n and a lone \\r as one line end each', () => {
    const index = lineIndex('a\nbb\r\nc\rd');
    assert.equal(index.lineCount, 4);
    assert.deepEqual(index.position(2), { line: 2, column: 1 });
    assert.deepEqual(index.position(6), { line: 3, column: 1 });
    assert.deepEqual(index.position(8), { line: 4, column: 1 });
  });

  it('gives back every offset that it turned into a position', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\t', '\r', 'ä') }), (text) => {
        const index = lineIndex(text);
        for (let offset = 0; offset <= text.length; offset++) {
          assert.equal(index.offset(index.position(offset)), offset);
        }
      }),
    );
  });
});
