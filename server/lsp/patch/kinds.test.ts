import assert from 'node:assert/strict';
import { isPatchDocument } from './kinds.ts';

describe('documents that hold patches', () => {
  it('are told by their language', () => {
    assert.ok(isPatchDocument('untitled:Untitled-1', 'diff'));
    assert.ok(isPatchDocument('file:///tmp/mutt-x', 'mail'));
    assert.ok(isPatchDocument('file:///inbox', 'iovet-mail'));
    assert.ok(!isPatchDocument('file:///drivers/a.c', 'c'));
  });

  it('are told by their name where the language says nothing', () => {
    assert.ok(isPatchDocument('file:///0001-a.patch', 'plaintext'));
    assert.ok(isPatchDocument('iovet-patch:/v7.2..HEAD.mbox?%7B%7D', 'plaintext'));
    assert.ok(!isPatchDocument('file:///a.patch/notes.txt', 'plaintext'));
    assert.ok(!isPatchDocument('file:///a.txt?x=.patch', 'plaintext'));
  });
});
