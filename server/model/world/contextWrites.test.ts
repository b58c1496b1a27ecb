import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bit, getField, hasBit, isEqual, or, word, type Word64 } from '../bits/pte64.ts';
import { statesOf, type ContextKind } from './contextWrites.ts';

const WORDS: Readonly<Record<ContextKind, number>> = { dte: 4, ste: 8, pasid: 8, 'riscv-dc': 4 };
const STE_CONFIGS = [0, 4, 5, 6, 7];

/** An entry of a kind with random content: valid or not, and for stream table entries with a Config that exists. */
function entry(kind: ContextKind): fc.Arbitrary<readonly Word64[]> {
  const half = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  return fc
    .record({
      words: fc.array(fc.tuple(half, half), { minLength: WORDS[kind], maxLength: WORDS[kind] }),
      valid: fc.boolean(),
      config: fc.constantFrom(...STE_CONFIGS),
    })
    .map(({ words, valid, config }) => {
      const made = words.map(([lo, hi]) => word(lo, hi));
      const low = made[0]!;
      const kept =
        kind === 'ste' ? word((low.lo & ~0xf) | (config << 1), low.hi) : word(low.lo & ~1, low.hi);
      made[0] = valid ? or(kept, word(1)) : kept;
      return made;
    });
}

describe('Stores that replace a context', () => {
  for (const kind of Object.keys(WORDS) as ContextKind[]) {
    it(`${kind}: in the order of the driver no mixture can be read, and the new entry is there at the end`, () => {
      fc.assert(
        fc.property(entry(kind), entry(kind), (from, to) => {
          // With guest tables of one depth on both sides, the driver leaves the upper half as it is.
          const guests =
            kind === 'dte' && [from, to].every(([low]) => hasBit(low!, 0) && hasBit(low!, 55));
          const sameDepth = guests && getField(from[2]!, 55, 54) === getField(to[2]!, 55, 54);
          const next = sameDepth ? [to[0]!, to[1]!, from[2]!, from[3]!] : to;
          const states = statesOf(kind, from, next, 'driver');
          for (const { reading } of states) assert.notEqual(reading, 'torn');
          const last = states.at(-1)!;
          assert.ok(last.words.every((value, n) => isEqual(value, next[n]!)));
        }),
        { numRuns: 300 },
      );
    });
  }

  it('word by word a mixture of two valid entries can be read', () => {
    const from = [word(3), word(1), word(0), word(0)];
    const to = [word(0x1003), word(2), word(0), word(0)];
    assert.deepEqual(statesOf('dte', from, to, 'ascending').map(({ reading }) => reading), ['old', 'torn', 'new', 'new', 'new']); // prettier-ignore
    assert.deepEqual(statesOf('pasid', from, to, 'driver').map(({ reading }) => reading), ['old', 'invalid', 'invalid', 'invalid', 'invalid', 'new']); // prettier-ignore
  });

  it('a device table entry whose guest tables get another depth is cleared in between', () => {
    const from = [or(word(3), bit(55)), word(1), word(0), word(0)];
    const to = [or(word(3), bit(55)), word(1), bit(54), word(0)];
    assert.deepEqual(statesOf('dte', from, to, 'driver').map(({ reading }) => reading), ['old', 'invalid', 'invalid', 'new']); // prettier-ignore
  });
});
