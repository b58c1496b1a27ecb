import assert from 'node:assert/strict';
import { judge } from '../../tests/patch/judge.ts';
import { mutant, wholePatches } from '../../tests/patch/mutations.ts';

describe('spoiled patches', () => {
  it('whole ones are used whole: the judge is not blind', () => {
    for (const text of wholePatches) {
      const { used, refused, faults } = judge(text);
      assert.deepEqual({ refused, faults }, { refused: 0, faults: [] });
      assert.ok(used > 0);
    }
  });

  it('are answered: no crash, no read outside of the tree, a word about every file that is not used', () => {
    let refused = 0;
    for (let seed = 0; seed < 600; seed++) {
      const { ways, text } = mutant(seed, 50_000);
      const judgement = judge(text);
      assert.deepEqual(judgement.faults, [], `seed ${seed}: ${ways.join(', ')}`);
      refused += judgement.refused;
    }
    assert.ok(refused > 100, 'too few were spoiled to show anything');
  });

  it('a million hunks are bounded, and the bound is named', () => {
    const hunk = '@@ -1 +1 @@\n-a\n+b\n';
    const { faults, refused } = judge(`--- a/x.c\n+++ b/x.c\n${hunk.repeat(1_000_000)}`);
    assert.deepEqual(faults, []);
    assert.equal(refused, 1);
  });
});
