import assert from 'node:assert/strict';
import { nameOf, originOf } from './origin.ts';

const uri = (query: string): string => `iovet-patch:/a.mbox?${encodeURIComponent(query)}`;

describe('documents made by the client', () => {
  it('say which folder and commit they are for', () => {
    const origin = { folder: '/src/linux', base: '0123456789abcdef0123456789abcdef01234567' };
    assert.deepEqual(originOf(uri(JSON.stringify(origin))), origin);
    assert.deepEqual(originOf(uri('{}')), {});
  });

  it('say nothing where the address is no such document, or was made by hand', () => {
    for (const other of ['file:///a.mbox?%7B%22folder%22%3A%22/%22%7D', 'iovet-patch:/a', uri('x')])
      assert.deepEqual(originOf(other), {});
    assert.deepEqual(originOf('iovet-patch:/a?%'), {});
    assert.deepEqual(originOf(uri('{"folder":1,"base":"HEAD; rm"}')), {});
    assert.deepEqual(originOf(uri('null')), {});
  });

  it('have a name for messages', () => {
    assert.equal(nameOf('file:///src/0001-a%20b.patch'), '0001-a b.patch');
    assert.equal(nameOf('iovet-patch:/v7.2..HEAD.mbox?%7B%7D'), 'v7.2..HEAD.mbox');
    assert.equal(nameOf('untitled:Untitled-1'), 'Untitled-1');
    assert.equal(nameOf('file:///100%'), '100%');
  });
});
