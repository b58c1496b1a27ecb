import assert from 'node:assert/strict';
import { FrontEnd } from '../../../cfront/frontEnd.ts';
import type { Unit } from '../../../cfront/unit.ts';
import { changedStatements } from '../change/changedFunctions.ts';
import type { SimulatedFunction } from '../result/simulation.ts';
import { inOneState } from './oneState.ts';

const PATH = 'drivers/x/a.c';
const BODY_LINE = 3;

function unitWith(middle: string): Unit {
  const text = `int f(int a, int b, volatile int *sem)\n{\n${middle}\n\treturn a;\n}\n`;
  const loaded = new FrontEnd({ read: () => undefined }).load(PATH, { text });
  assert.ok(loaded.ok);
  return loaded.unit;
}

/** What is said of a result when what stands in the middle of a function is replaced. */
function verdict(old: string, made: string, was: SimulatedFunction['verdict']): string {
  const [before, after] = [unitWith(old), unitWith(made)];
  const lengths = { before: old.split('\n').length, after: made.split('\n').length };
  const isChanged = (side: 'before' | 'after', line: number): boolean =>
    line >= BODY_LINE && line < BODY_LINE + lengths[side];
  const statements = changedStatements(before, after, isChanged, ['f']);
  const result = { verdict: was, reason: '', situation: 'own' } as unknown as SimulatedFunction;
  const sides = { before: { unit: before, file: PATH }, after: { unit: after, file: PATH } };
  return inOneState(result, { ...sides, statements }).verdict;
}

describe('a whole driver in one state', () => {
  it('leaves unchanged what goes one way', () => {
    assert.equal(verdict('\ta = 1 + b;', '\ta = b + 1;', 'unchanged'), 'unchanged');
  });

  it('says nothing of conditions that changed, whichever side has them', () => {
    assert.equal(verdict('\twhile (*sem != a) ;', '\twhile (*sem < a) ;', 'unchanged'), 'unknown');
    assert.equal(verdict('\ta = 1;', '\tif (b) a = 1;', 'unchanged'), 'unknown');
    assert.equal(verdict('\ta = b && a;', '\ta = b;', 'unchanged'), 'unknown');
  });

  it('says nothing of a loop that is left elsewhere', () => {
    const loop = (end: string): string => `\twhile (b) {\n\ta++;\n${end}\n\t}`;
    assert.equal(verdict(loop('\tbreak;'), loop('\tcontinue;'), 'unchanged'), 'unknown');
  });

  it('sees a condition however its lines are broken', () => {
    const [old, made] = ['\twhile (*sem\n!=\na)\n;', '\twhile (*sem\n<\na)\n;'];
    assert.equal(verdict(old, made, 'unchanged'), 'unknown');
  });

  it('takes no finding back', () => {
    assert.equal(verdict('\tif (a) b = 1;', '\tif (b) b = 1;', 'newly-broken'), 'newly-broken');
  });
});
