import assert from 'node:assert/strict';
import type { SimulatedEvent, SimulatedRun } from '../../simulate/compare/result/simulation.ts';
import { givenMemory } from './simulatedGiven.ts';
import { stepsOf } from './simulatedSteps.ts';

function given(kind: string, sharing: 'shared' | 'private', first: string): SimulatedEvent {
  return {
    ...{ sequence: 0, actor: 'api', kind, text: `dma_map_phys(): ${kind} ${first}` },
    position: undefined,
    given: { number: 1, first, last: '0x5fff', sharing },
  };
}

const run = (events: readonly SimulatedEvent[]): SimulatedRun => ({
  ...{ outcome: 'returns 0', violations: [], tables: [], accesses: [] },
  events: events.map((event, n) => ({ ...event, sequence: n + 1 })),
});

describe('memory of a guest that a device is given', () => {
  it('is a bar with who may read it, on the same step where the sides give it alike', () => {
    const before = run([
      given('given', 'shared', '0x5000'),
      given('taken-back', 'shared', '0x5000'),
    ]);
    const after = run([given('given', 'private', '0x4000')]);
    const [bar, ...more] = givenMemory(stepsOf(before, after));
    assert.deepEqual(more, []);
    assert.equal(bar?.by, 'dma_map_phys()');
    const told = (side: 'before' | 'after') =>
      bar.lives[side]?.map(({ from, to, says, isWrong, state }) =>
        [from, to, says[0], isWrong, state].join(' '),
      );
    assert.deepEqual(told('before'), [
      '1 1 0x5000-0x5fff, shared with the host: the device reads and writes it false held',
      '2 3 0x5000-0x5fff taken back false returned',
    ]);
    assert.deepEqual(told('after'), [
      '1 3 0x4000-0x5fff, private to the guest: the device may not reach it true held',
    ]);
  });

  it('is nothing where no device of a guest is given any', () => {
    assert.deepEqual(givenMemory(stepsOf(undefined, run([]))), []);
  });
});
