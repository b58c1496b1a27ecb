import assert from 'node:assert/strict';
import fc from 'fast-check';
import { errnoName } from './errno.ts';
import {
  addAddr,
  bytes,
  formatAddr,
  isBelow,
  isSame,
  isWiderThan,
  lastByte,
  parseAddr,
  subAddr,
  toBytes,
  ZERO,
  type Addr,
} from './pfn.ts';
import {
  below,
  largestUpTo,
  NO_SIZES,
  pgSizes,
  sizesOf,
  smallestAbove,
  smallestOf,
} from './pgSizes.ts';
import { commonCtz, ctz, log2Floor, or53 } from './pow2.ts';
import {
  addWords,
  and,
  bit,
  formatWord,
  getField,
  hasBit,
  mask,
  or,
  parseWord,
  shiftRight32,
  without,
  type Word64,
} from './pte64.ts';

const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 0n, max: 8192n }),
  fc.bigInt({ min: (1n << 64n) - 8192n, max: (1n << 64n) - 1n }),
);
const toAddr = (value: bigint): Addr => parseAddr(`0x${value.toString(16)}`)!;
const toBig = (a: Addr): bigint => (BigInt(a.pfn) << 12n) | BigInt(a.offset);
const toWord = (value: bigint): Word64 => parseWord(value.toString())!;
const wordToBig = (w: Word64): bigint => (BigInt(w.hi >>> 0) << 32n) | BigInt(w.lo >>> 0);

describe('64-bit addresses as page and offset', () => {
  it('calculate as unsigned long does', () => {
    fc.assert(
      fc.property(u64, u64, (a, b) => {
        const [x, y] = [toAddr(a), toAddr(b)];
        assert.equal(toBig(x), a);
        assert.equal(toBig(addAddr(x, y)), BigInt.asUintN(64, a + b));
        assert.equal(toBig(subAddr(x, y)), BigInt.asUintN(64, a - b));
        assert.equal(toBig(lastByte(x, y)), BigInt.asUintN(64, a + b - 1n));
        assert.equal(isBelow(x, y), a < b);
        assert.equal(isSame(x, y), a === b);
        assert.equal(formatAddr(x), `0x${a.toString(16)}`);
        for (const lg2 of [0, 5, 12, 40, 64]) {
          assert.equal(isWiderThan(x, lg2), a >> BigInt(lg2) !== 0n);
        }
      }),
    );
  });

  it('read and print numbers, and refuse what is none', () => {
    assert.deepEqual(parseAddr('4097'), { pfn: 1, offset: 1 });
    assert.deepEqual(bytes(4097), { pfn: 1, offset: 1 });
    assert.equal(toBytes({ pfn: 1, offset: 1 }), 4097);
    assert.equal(formatAddr(ZERO), '0x0');
    for (const text of ['', '0x', 'x', '-1', '1.5', '0x1g', `0x1${'0'.repeat(16)}`]) {
      assert.equal(parseAddr(text), undefined);
      assert.equal(parseWord(text), undefined);
    }
  });
});

describe('64-bit words as two halves', () => {
  it('calculate as u64 does', () => {
    fc.assert(
      fc.property(u64, u64, fc.integer({ min: 0, max: 63 }), (a, b, n) => {
        const [x, y] = [toWord(a), toWord(b)];
        assert.equal(wordToBig(x), a);
        assert.equal(wordToBig(or(x, y)), a | b);
        assert.equal(wordToBig(and(x, y)), a & b);
        assert.equal(wordToBig(without(x, y)), a & ~b);
        assert.equal(wordToBig(addWords(x, y)), BigInt.asUintN(64, a + b));
        assert.equal(wordToBig(bit(n)), 1n << BigInt(n));
        assert.equal(hasBit(x, n), ((a >> BigInt(n)) & 1n) === 1n);
        assert.equal(shiftRight32(x.lo, x.hi, n) >>> 0, Number((a >> BigInt(n)) & 0xffffffffn));
        assert.equal(formatWord(x), `0x${a.toString(16)}`);
      }),
    );
  });

  it('give fields of any place and width', () => {
    fc.assert(
      fc.property(
        u64,
        fc.integer({ min: 0, max: 63 }),
        fc.integer({ min: 1, max: 53 }),
        (a, first, width) => {
          const last = Math.min(63, first + width - 1);
          const expected = BigInt.asUintN(last - first + 1, a >> BigInt(first));
          assert.equal(BigInt(getField(toWord(a), last, first)), expected);
          assert.equal(
            wordToBig(mask(last, first)),
            ((1n << BigInt(last - first + 1)) - 1n) << BigInt(first),
          );
        },
      ),
    );
    assert.deepEqual(mask(3, 4), { lo: 0, hi: 0 });
  });

  it('or of numbers below 2^53', () => {
    const number = fc.bigInt({ min: 0n, max: (1n << 53n) - 1n });
    fc.assert(
      fc.property(number, number, (a, b) => {
        assert.equal(BigInt(or53(Number(a), Number(b))), a | b);
      }),
    );
  });

  it('count zero bits of numbers of up to 53 bits', () => {
    const bits = fc.integer({ min: 0, max: 52 });
    fc.assert(
      fc.property(bits, bits, bits, (lowest, other, upper) => {
        const n = 2 ** Math.max(lowest, upper) + (upper > lowest ? 2 ** lowest : 0);
        assert.equal(ctz(n), lowest);
        assert.equal(log2Floor(n), Math.max(lowest, upper));
        assert.equal(commonCtz(n, 2 ** other), Math.min(lowest, other));
      }),
    );
    assert.equal(ctz(0), 64);
    assert.equal(commonCtz(0, 0), 64);
  });
});

describe('sets of page sizes', () => {
  it('find sizes from above and below', () => {
    fc.assert(
      fc.property(u64, fc.integer({ min: -1, max: 64 }), (bitmap, lg2) => {
        const set = toWord(bitmap);
        const all = Array.from({ length: 64 }, (_, n) => n).filter((n) => hasBit(set, n));
        assert.deepEqual(sizesOf(set), all);
        if (lg2 >= 0) assert.equal(largestUpTo(set, lg2), all.filter((n) => n <= lg2).at(-1) ?? -1);
        assert.equal(smallestAbove(set, lg2), all.find((n) => n > lg2) ?? -1);
        if (all.length > 0) assert.equal(smallestOf(set), all[0]);
        assert.deepEqual(
          sizesOf(below(set, lg2)),
          all.filter((n) => n < lg2),
        );
      }),
    );
    for (const only of [0, 31, 32, 63]) assert.equal(smallestOf(pgSizes(only)), only);
    assert.deepEqual(pgSizes(), NO_SIZES);
  });
});

describe('errors', () => {
  it('have their kernel names', () => {
    assert.equal(errnoName(-98), 'EADDRINUSE');
    assert.equal(errnoName(-1000), '-1000');
  });
});
