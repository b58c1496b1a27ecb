import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fill, fillWhole, longestMessage, shorten } from './message.ts';

describe('messages', () => {
  it('name the line, and the file only where it is another one', () => {
    const line = { file: 'drivers/accel/qcap/qcap_ring.c', line: 121 };
    assert.equal(fill('but {L} mapped it', { L: line }, line.file), 'but line 121 mapped it');
    assert.equal(fill('but {L} mapped it', { L: line }, 'a.c'), 'but qcap_ring.c:121 mapped it');
  });

  it('cut code in the middle to 32 characters, between members, and put it on one line', () => {
    const cut = shorten('struct_a->member_b.member_c[index]->member_d');
    assert.equal(cut, 'struct_a->member_b…->member_d');
    assert.equal(shorten('a +\n\t\tb'), 'a + b');
    assert.equal(
      shorten('ep->rx_ring[ep->dirty_rx % RX_RING_ENTRY].bufaddr'),
      'ep->rx_ring[ep….bufaddr',
    );
    assert.equal(
      shorten('one_name_that_is_longer_than_all_the_room'),
      'one_name_that_is…an_all_the_room',
    );
  });

  it('cut code never to more than there is room for', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (code, longest) => {
        assert.ok(shorten(code, longest).length <= longest);
      }),
    );
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
    assert.match(message, /^returns -ENOMEM with \S*….dma of line 1234 still mapped: c/);
  });

  it('say the same in full whatever line is named', () => {
    const values = { a: { text: 'a->b->c->d->e->f->g\n\t->h->i->j' } };
    const text = `with {a} of {L}: ${'c'.repeat(70)}`;
    const at = (line: number): string =>
      fillWhole(text, { ...values, L: { file: 'a.c', line } }, 'a.c').replace(/\d+/, '#');
    const short = (line: number): string =>
      fill(text, { ...values, L: { file: 'a.c', line } }, 'a.c').replace(/\d+/, '#');
    assert.notEqual(short(19), short(15_190));
    assert.equal(at(19), at(15_190));
    assert.match(at(19), /^with a->b->c->d->e->f->g ->h->i->j of line #: c/);
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
