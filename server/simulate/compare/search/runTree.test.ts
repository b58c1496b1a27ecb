import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { KeyedChoice } from '../run/keyedChooser.ts';
import type { Pair } from '../run/pair.ts';
import { RunTree } from './runTree.ts';
import type { SideRun } from '../run/runSide.ts';

/** A side that was asked these questions and answered so, of `options` each. */
function side(answers: readonly (readonly [key: string, taken: number])[], options = 3): SideRun {
  const decisions = answers.map(([key, taken]): KeyedChoice => {
    const about = { key, question: key, kind: 'input' as const, asker: 'f', isPointer: false };
    return { ...about, options, taken, value: taken };
  });
  return {
    ...{ ending: { kind: 'stopped', stop: 'budget', message: '', stack: [] }, decisions },
    ...{ events: [], violations: [], hardware: undefined, assumptions: [], steps: 0 },
    ...{
      stores: new Map(),
      held: new Set(),
      older: [],
      ownsOlder: false,
      lines: new Set(),
      watchedLines: new Set(),
      touchedOlder: false,
    },
  };
}

function pairOf(plan: ReadonlyMap<string, number>, after: SideRun, before: SideRun = after): Pair {
  return { plan, after, before };
}

describe('RunTree', () => {
  it('knows a plan that differs only in what nobody asked', () => {
    const tree = new RunTree();
    const usual = pairOf(new Map(), side([['a', 0]]));
    tree.add(usual);
    assert.equal(tree.find(new Map([['b', 1]])), usual);
    assert.equal(tree.find(new Map([['a', 1]])), undefined);
  });

  it('tells plans apart by what one side alone asks', () => {
    const tree = new RunTree();
    const pair = pairOf(
      new Map(),
      side([['a', 0]]),
      side([
        ['a', 0],
        ['b', 0],
      ]),
    );
    tree.add(pair);
    assert.equal(tree.find(new Map([['a', 0]])), pair);
    assert.equal(tree.find(new Map([['b', 2]])), undefined);
  });

  it('takes the last option where a plan names one that is not there', () => {
    const tree = new RunTree();
    const plan = new Map([['a', 5]]);
    const pair = pairOf(plan, side([['a', 1]], 2));
    tree.add(pair);
    assert.equal(tree.find(new Map([['a', 1]])), pair);
    assert.equal(tree.find(plan), pair);
  });

  it('knows nothing where a run ended that asked nothing, except itself', () => {
    const tree = new RunTree();
    assert.equal(tree.find(new Map()), undefined);
    const pair = pairOf(new Map(), side([]));
    tree.add(pair);
    assert.equal(tree.find(new Map([['a', 1]])), pair);
  });
});
