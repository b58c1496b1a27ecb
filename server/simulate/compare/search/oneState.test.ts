import assert from 'node:assert/strict';
import { lineMap } from '../../../patch/apply/lineMap.ts';
import { inOneState } from './oneState.ts';
import type { SimulatedFunction } from '../result/simulation.ts';

/** What is said of a result when its line, between two others, is replaced. */
function verdict(line: string, by: string, was: SimulatedFunction['verdict']): string {
  const map = lineMap(
    [
      { before: 1, after: 1, length: 1 },
      { before: 3, after: 3, length: 1 },
    ],
    [
      { document: 'test.patch', line: 1, kind: 'removed', before: 2 },
      { document: 'test.patch', line: 2, kind: 'added', after: 2 },
    ],
  );
  const text = (middle: string): string => `if (a)\n${middle}\nwhile (b)\n`;
  const file = {
    before: { path: 'a.c', text: text(line) },
    after: { path: 'a.c', text: text(by) },
    ...{ map, filePatches: [], placements: [], extent: 'whole' as const, seen: [] },
  };
  const result = { verdict: was, reason: '', situation: 'own' } as unknown as SimulatedFunction;
  return inOneState(result, file).verdict;
}

describe('a whole driver in one state', () => {
  it('leaves unchanged what goes one way', () => {
    assert.equal(verdict('x = 1 + 2;', 'x = 3;', 'unchanged'), 'unchanged');
  });

  it('says nothing of conditions that changed, whichever side has them', () => {
    assert.equal(verdict('while (*sem != data)', 'while (*sem < data)', 'unchanged'), 'unknown');
    assert.equal(verdict('x = 1;', 'if (y)', 'unchanged'), 'unknown');
    assert.equal(verdict('x = a && b;', 'x = a;', 'unchanged'), 'unknown');
  });

  it('takes no finding back', () => {
    assert.equal(verdict('if (x)', 'if (y)', 'newly-broken'), 'newly-broken');
  });
});
