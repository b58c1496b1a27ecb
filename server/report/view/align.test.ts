import assert from 'node:assert/strict';
import fc from 'fast-check';
import { align } from './align.ts';

const text = (before: readonly string[], after: readonly string[]): string =>
  align(before, after)
    .map(
      ({ before: b, after: a }) =>
        `${b === undefined ? '-' : before[b]!}${a === undefined ? '-' : after[a]!}`,
    )
    .join(' ');

describe('align', () => {
  it('puts what both have side by side, and what one has by itself', () => {
    assert.equal(text(['a', 'b', 'c', 'd'], ['a', 'b', 'x', 'd']), 'aa bb c- -x dd');
    assert.equal(text(['a', 'b', 'c', 'd'], ['a', 'c', 'd']), 'aa b- cc dd');
    assert.equal(text([], ['a', 'b']), '-a -b');
  });

  it('shows every element of both, once and in order', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 });
    fc.assert(
      fc.property(letters, letters, (before, after) => {
        const aligned = align(before, after);
        const kept = (side: 'before' | 'after'): number[] =>
          aligned.flatMap((pair) => pair[side] ?? []);
        assert.deepEqual(kept('before'), [...before.keys()]);
        assert.deepEqual(kept('after'), [...after.keys()]);
        for (const { before: b, after: a } of aligned) {
          if (b !== undefined && a !== undefined) assert.equal(before[b], after[a]);
        }
      }),
    );
  });

  it('falls back to one after the other where there is too much to compare', () => {
    const many = (letter: string): string[] =>
      Array.from({ length: 2100 }, (_, n) => `${letter}${n}`);
    assert.equal(align(many('a'), many('b')).length, 4200);
  });
});
