import assert from 'node:assert/strict';
import { sealed, unsealed } from './codeCache.ts';

describe('the code cache', () => {
  const program = Buffer.from('const a = 1;');
  const data = Buffer.from([0, 10, 255, 10]);
  const content = sealed(program, data);

  it('gives back what was kept for the same program', () => {
    assert.deepEqual(unsealed(program, content), data);
  });

  it('gives nothing for another program, another Node, and damage', () => {
    assert.equal(unsealed(Buffer.from('const a = 2;'), content), undefined);
    const other = Buffer.from(content);
    other.write('v0');
    assert.equal(unsealed(program, other), undefined);
    for (let at = 0; at < content.length; at++) {
      const damaged = Buffer.from(content);
      damaged[at]! ^= 1;
      assert.equal(unsealed(program, damaged), undefined, String(at));
      assert.equal(unsealed(program, content.subarray(0, at)), undefined, String(at));
    }
    assert.equal(unsealed(program, Buffer.alloc(0)), undefined);
  });
});
