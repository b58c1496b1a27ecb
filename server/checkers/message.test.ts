import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fill, longestMessage, shorten } from './message.ts';

describe('messages', () => {
  it('name the line, and the file only where it is another one', () => {
    const line = { file: 'drivers/accel/qcap/qcap_ring.c', line: 121 };
    assert.equal(fill('but {L} mapped it', { L: line }, line.file), 'but line 121 mapped it');
    assert.equal(fill('but {L} mapped it', { L: line }, 'a.c'), 'but qcap_ring.c:121 mapped it');
  });

  it('cut code in the middle to 32 characters and put it on one line', () => {
    const cut = shorten('struct_a->member_b.member_c[index]->member_d');
    assert.equal(cut.length, 32);
    assert.match(cut, /^struct_a->member.*…/);
    assert.equal(shorten('a +\n\t\tb'), 'a + b');
  });

  it('shorten the longest piece of code, and never the line', () => {
    const values = {
      ret: { text: '-ENOMEM' },
      h: { text: 'state->request[state->current_slot].dma' },
      L: { file: 'a.c', line: 1234 },
    };
    const text = `returns {ret} with {h} of {L} still mapped: ${'c'.repeat(48)}`;
    const message = fill(text, values, 'a.c');
    assert.ok(message.length <= longestMessage, message);
    assert.match(message, /^returns -ENOMEM with state-…\S+ of line 1234 still mapped: c/);
  });

  it('leave braces inside code alone', () => {
    assert.equal(fill('set to {init}', { init: { text: '{L}' }, L: 'wrong' }, 'a.c'), 'set to {L}');
  });

  it('never exceed the limit when the fixed words leave room', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const message = fill(
          'unmaps {a}, but {L} mapped {b}',
          { a: { text: a }, b: { text: b }, L: { file: 'f', line: 1 } },
          'f',
        );
        assert.ok(message.length <= longestMessage);
      }),
    );
  });
});
