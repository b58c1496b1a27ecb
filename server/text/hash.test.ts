import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hashText } from './hash.ts';

/** The same definition over BigInt. */
function slow(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (const byte of [unit & 0xff, unit >>> 8]) {
      hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
    }
  }
  return hash.toString(16).padStart(16, '0');
}

describe('hashText', () => {
  it('is FNV-1a over the little-endian bytes of the units', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(hashText(text), slow(text));
      }),
    );
  });
});
