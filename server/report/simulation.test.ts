import assert from 'node:assert/strict';
import type {
  SimulatedEvent,
  SimulatedFunction,
  SimulatedRun,
  SimulatedStale,
} from '../simulate/compare/result/simulation.ts';
import { simulationText, staleSpans } from './simulation.ts';

const OLD: SimulatedStale = {
  ...{ kind: 'leaf', where: ['iotlb'], domain: 'domain 1', to: '0x80000000' },
  iova: { first: '0x40000000', last: '0x401fffff' },
};

function event(
  sequence: number,
  kind: string,
  stale: readonly SimulatedStale[],
  line: number,
): SimulatedEvent {
  const position = { file: 'a.c', line, column: 1, function: 'unmap' };
  return { sequence, actor: 'cpu', kind, text: `${kind}()`, position, stale };
}

const EVENTS = [
  event(1, 'call', [], 1),
  event(2, 'store', [OLD], 7),
  event(3, 'unpin', [OLD], 8),
  event(4, 'iotlb_sync', [], 9),
];

describe('text of a simulation', () => {
  it('says from which step to which an entry is stale', () => {
    assert.deepEqual(
      staleSpans(EVENTS).map(({ first, last }) => [first, last]),
      [[2, 4]],
    );
    assert.deepEqual(
      staleSpans(EVENTS.slice(0, 3)).map(({ first, last }) => [first, last]),
      [[2, undefined]],
    );
  });

  it('names the step that breaks, and what was stale by then', () => {
    const violation = {
      ...{ id: 'I-REACH-2' as const, message: 'page 0x80000000 is unpinned', rules: [], step: 3 },
      ...{ position: undefined, since: undefined },
    };
    const run = (violations: SimulatedRun['violations']): SimulatedRun => ({
      ...{ outcome: 'returns 0', events: EVENTS, violations, tables: [], accesses: [] },
    });
    const result: SimulatedFunction = {
      ...{
        function: 'unmap',
        file: 'a.c',
        line: 1,
        entry: 'unmap',
        situation: 'test',
        summary: 'a test',
      },
      ...{ verdict: 'newly-broken', reason: 'I-REACH-2', violations: [violation] },
      ...{ before: run([]), after: run([violation]), assumptions: [], models: [], pairs: 1 },
    };
    const text = simulationText({ functions: [result], notSimulated: [], elapsed: 0 });
    assert.match(text, /^ {2}step {4}3 \(line 8\) unpin\(\)$/m);
    assert.match(
      text,
      /^ {2}stale {3}from step 2 \(line 7\) store\(\) until step 4 \(line 9\) iotlb_sync\(\): iotlb may hold the old leaf of 0x40000000-0x401fffff -> 0x80000000$/m,
    );
  });

  it('says of functions that nothing is known of that they are called, and a side once where both are alike', () => {
    const called: SimulatedEvent = { ...EVENTS[0]!, text: 'get_page(): unknown function' };
    const run: SimulatedRun = {
      ...{ outcome: 'returns 0', events: [{ ...called, kind: 'get_page' }], tables: [] },
      ...{ accesses: [], violations: [] },
    };
    const result: SimulatedFunction = {
      ...{ function: 'start', file: 'a.c', line: 1, entry: 'start', situation: 'interfaces' },
      ...{ verdict: 'newly-broken', reason: 'C-LEAK', violations: [], summary: '' },
      ...{ before: run, after: run, assumptions: [], models: [], pairs: 1, setup: 'begin' },
    };
    const text = simulationText({ functions: [result], notSimulated: [], elapsed: 0 });
    assert.match(text, /^NEWLY BROKEN +start\(\) .*situation: interfaces, after begin\(\)$/m);
    assert.match(text, /^ {2}both {4}returns 0$/m);
    const before = { ...run, events: [] };
    const other = { functions: [{ ...result, before }], notSimulated: [], elapsed: 0 };
    assert.match(simulationText(other), /^ {2}after {3}calls get_page\(\); returns 0$/m);
  });

  it('says of C that is compared with nothing what it breaks, not that it still does', () => {
    const violation = {
      ...{ id: 'C-LEAK' as const, message: 'fails and keeps a pool', rules: [] },
      ...{ position: undefined, since: undefined },
    };
    const run: SimulatedRun = {
      ...{ outcome: 'returns -12', events: EVENTS.slice(0, 1), tables: [], accesses: [] },
      violations: [violation],
    };
    const result: SimulatedFunction = {
      ...{ function: 'start', file: 'a.c', line: 1, entry: 'start', situation: 'interfaces' },
      ...{ verdict: 'still-broken', reason: 'C-LEAK', violations: [violation], summary: '' },
      ...{ before: run, after: run, assumptions: [], models: [], pairs: 1 },
    };
    const simulation = { functions: [result], notSimulated: [], elapsed: 0 };
    const text = simulationText(simulation, undefined, 'one');
    assert.match(text, /^BROKEN +start\(\) {2}a\.c:1 /);
    assert.match(text, /^ {2}run {5}.*returns -12$/m);
    assert.match(text, /^1 broken, 0 not broken, 0 unknown, 0 not simulated/m);
    assert.doesNotMatch(text, /still|before|after/i);
    assert.match(simulationText(simulation), /^STILL BROKEN +start/);
  });
});
