import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evaluateConstant, type ConstantNames } from './evaluate.ts';

const macros: Readonly<Record<string, { parameters: string[] | undefined; body: string }>> = {
  SHIFT: { parameters: undefined, body: '9' },
  FIELD: { parameters: undefined, body: 'GENMASK_ULL(11, SHIFT)' },
  CODE: { parameters: ['x'], body: '((x) << SHIFT)' },
  LOOP: { parameters: undefined, body: 'LOOP + 1' },
};
const names: ConstantNames = {
  macro: (name) => (Object.hasOwn(macros, name) ? macros[name] : undefined),
  enumerator: (name) => (name === 'RED' ? 3n : undefined),
  type: (name) =>
    name === 'entry_t' ? { kind: 'integer', name: 'u64', bytes: 8, signed: false } : undefined,
};
const value = (text: string): bigint | undefined => evaluateConstant(text, names);

describe('evaluating a constant', () => {
  it('knows bits, masks and fields', () => {
    assert.equal(value('BIT_ULL(60)'), 1n << 60n);
    assert.equal(value('GENMASK(3, 1)'), 0xen);
    assert.equal(value('FIELD'), 0xe00n);
    assert.equal(value('FIELD_PREP(FIELD, 7) | BIT(0)'), 0xe01n);
    assert.equal(value('FIELD_GET(FIELD, 0xa00)'), 5n);
  });

  it('follows C: precedence, casts, suffixes, comments, octal', () => {
    assert.equal(value('1 << 2 + 1'), 8n);
    assert.equal(value('((u64)3) << 4 /* low */ | 0x1UL'), 0x31n);
    assert.equal(value('_AT(u64, 1) << 3'), 8n);
    assert.equal(value('~0ULL'), (1n << 64n) - 1n);
    assert.equal(value('010'), 8n);
    assert.equal(value('RED == 3 ? CODE(2) : 0'), 0x400n);
  });

  it('keeps the width of casts and literals', () => {
    assert.equal(value('(u32)~0ULL'), 0xffff_ffffn);
    assert.equal(value('~0U'), 0xffff_ffffn);
    assert.equal(value('(u8)0x1ff | 0ULL'), 0xffn);
    assert.equal(value('(unsigned long)-1'), (1n << 64n) - 1n);
    assert.equal(value('(entry_t)1 << 40'), 1n << 40n);
    assert.equal(value('-1 + 0ULL'), (1n << 64n) - 1n);
    assert.equal(value('1 << 40'), undefined);
    assert.equal(value('(RED) << 1'), 6n);
  });

  it('says nothing of bytes in another order', () => {
    assert.equal(value('cpu_to_be64(1)'), undefined);
  });

  it('gives nothing for what is no constant, and ends for names that speak of themselves', () => {
    for (const text of [
      'LOOP',
      'unknown',
      'f(1)',
      '1 +',
      ')',
      'sizeof(x)',
      'BIT(64)',
      '1 / 0',
      '',
    ]) {
      assert.equal(value(text), undefined, text);
    }
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        value(text);
      }),
    );
  });

  it('agrees with shifts on every mask', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.nat(63), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
        assert.equal(value(`GENMASK_ULL(${high}, ${low})`), mask);
      }),
    );
  });
});
