// The cases that `npm run cross-check` runs on a tree's C: they have to repeat, and to reach what they are for.
import assert from 'node:assert/strict';
import { ARM_FORMATS } from '../../server/model/fmt/armLpae.ts';
import { BUILDS } from '../../server/model/fmt/builds.ts';
import { replayCase } from '../../server/model/scenario/replay.ts';
import type { VectorCase } from '../../server/model/scenario/vectorTypes.ts';
import { armCase } from '../../server/simulate/conformance/random/armCases.ts';
import { genericPtCase } from '../../server/simulate/conformance/random/genericPtCases.ts';
import { hashText as sha256 } from '../../server/text/hash.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

/** Operations that did something, over all cases: named with what came of them. */
function reached(cases: readonly VectorCase[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { ops } of cases) {
    for (const { op, expect } of ops) {
      const { ret, unmapped } = expect;
      if (typeof ret === 'number') found.add(`${op} ${ret === 0 ? 'works' : 'fails'}`);
      if (typeof unmapped === 'string')
        found.add(`${op} ${unmapped === '0x0' ? 'fails' : 'works'}`);
    }
  }
  return found;
}

describe('random operations for the cross-check', () => {
  for (const format of [...Object.keys(BUILDS), ...Object.keys(ARM_FORMATS)]) {
    const make = format in BUILDS ? genericPtCase : armCase;
    it(`${format}: the same seed gives the same case, and both outcomes of maps and unmaps are among them`, function () {
      this.timeout(60_000);
      const cases = SEEDS.map((seed) => make(format, seed));
      assert.deepEqual(make(format, SEEDS[0]!), cases[0]);
      for (const vector of cases) assert.equal(replayCase(vector, { sha256 }).kind, 'passed');
      const seen = reached(cases);
      for (const op of ['init', format in BUILDS ? 'map' : 'map_pages', 'iommu_unmap']) {
        for (const how of ['works', 'fails']) assert.ok(seen.has(`${op} ${how}`), `${op} ${how}`);
      }
    });
  }

  it('a wrong answer of one side is a difference', () => {
    const cases = SEEDS.map((seed) => armCase('arm_32_lpae_s1', seed));
    const maps = ({ op, expect }: VectorCase['ops'][number]): boolean =>
      op === 'map_pages' && expect['ret'] === 0;
    const vector = cases.find(({ ops }) => ops.some(maps))!;
    const at = vector.ops.findIndex(maps);
    const ops = vector.ops.map((op, n) =>
      n === at ? { ...op, expect: { ...op.expect, mapped: '0x1000000000' } } : op,
    );
    assert.equal(replayCase({ ...vector, ops }, { sha256 }).kind, 'failed');
  });
});
