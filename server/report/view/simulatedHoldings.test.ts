import assert from 'node:assert/strict';
import type {
  SimulatedEvent,
  SimulatedRun,
  SimulatedViolation,
} from '../../simulate/compare/result/simulation.ts';
import { holdingsOf } from './simulatedHoldings.ts';
import { stepsOf } from './simulatedSteps.ts';
import type { ViewLife } from './view.ts';

const at = (line: number) => ({ file: 'ring.c', line, column: 4, function: 'setup' });

type Holding = NonNullable<SimulatedEvent['holding']>;

function call(name: string, number: number, what: Holding['what'], line: number): SimulatedEvent {
  return {
    ...{ sequence: 0, actor: 'api', kind: name, position: at(line) },
    text: `${name}(): 4096 bytes of coherent memory${what === 'failed' ? ': fails' : ''}`,
    holding: { number, what, reachable: true },
  };
}

const note = (text: string, line: number): SimulatedEvent => ({
  ...{ sequence: 0, actor: 'cpu', kind: 'note', text, position: at(line), call: 'free_it' },
});

const run = (
  events: readonly SimulatedEvent[],
  violations: readonly SimulatedViolation[] = [],
): SimulatedRun => ({
  ...{ outcome: 'returns -5', endedAt: at(9), tables: [], accesses: [], violations },
  events: events.map((event, n) => ({ ...event, sequence: n + 1 })),
});

const broken = (
  id: SimulatedViolation['id'],
  message: string,
  holding: number,
): SimulatedViolation => ({
  ...{ id, message, holding, rules: [], position: at(1), since: at(1) },
});

const told = (lives: readonly ViewLife[] | undefined): readonly string[] =>
  (lives ?? []).map(
    ({ from, to, state, says, isWrong }) =>
      `${from}-${to} ${state}${isWrong ? ' ✕' : ''} ${says.join()}`,
  );

const TAKEN = call('take', 1, 'taken', 1);
const FAILED = call('take', 2, 'failed', 2);
const GIVEN = call('free_it', 1, 'returned', 3);

describe('what a run takes and gives back', () => {
  it('is a bar from the step that takes it to the one that gives it back, or to the end where it leaks', () => {
    const leak = broken('C-LEAK', 'fails and keeps 4096 bytes', 1);
    const aligned = stepsOf(run([TAKEN, FAILED, GIVEN]), run([TAKEN, FAILED], [leak]));
    const [first, second] = holdingsOf(aligned);
    assert.deepEqual(
      [first?.title, first?.by, first?.at.after?.line],
      ['4096 bytes of coherent memory', 'take()', 1],
    );
    assert.deepEqual(told(first?.lives.before), [
      '1-2 held held, devices reach it',
      '3-4 returned given back',
    ]);
    assert.deepEqual(told(first?.lives.after), [
      '1-3 held held, devices reach it',
      '4-4 held ✕ leaks',
    ]);
    assert.deepEqual(told(second?.lives.after), ['2-4 failed failed: there is nothing to reach']);
    assert.equal(aligned.steps[3]?.at.after?.line, 9, 'where it returned');
  });

  it('is wrong at the call that breaks a contract about it, and that call is one step', () => {
    const text = 'C-FREE-ARGUMENTS: frees 16 bytes of 4096';
    const wrong = broken('C-FREE-ARGUMENTS', 'frees 16 bytes of 4096', 1);
    const { steps, ...rest } = stepsOf(
      run([TAKEN, GIVEN]),
      run([TAKEN, note(text, 3), GIVEN], [wrong]),
    );
    assert.equal(steps.length, 3);
    assert.deepEqual(steps[1]?.breaks.after, [text]);
    assert.equal(steps[1].differs, true);
    assert.deepEqual(told(holdingsOf({ steps, ...rest })[0]?.lives.after), [
      '1-1 held held, devices reach it',
      '2-2 returned ✕ frees 16 bytes of 4096',
      '3-3 returned given back',
    ]);
  });

  it('gives each of several violations of one contract its own step', () => {
    const texts = ['frees 1 byte', 'frees 2 bytes'];
    const violations = texts.map((text, n) => broken('C-FREE-ARGUMENTS', text, n + 1));
    const second = call('free_it', 2, 'returned', 4);
    const { steps } = stepsOf(
      undefined,
      run(
        [
          ...[TAKEN, call('take', 2, 'taken', 2)],
          ...[note(`C-FREE-ARGUMENTS: ${texts[0]}`, 3), GIVEN],
          ...[note(`C-FREE-ARGUMENTS: ${texts[1]}`, 4), second],
        ],
        violations,
      ),
    );
    assert.deepEqual(
      steps.map(({ breaks }) => breaks.after ?? []),
      [[], [], ['C-FREE-ARGUMENTS: frees 1 byte'], ['C-FREE-ARGUMENTS: frees 2 bytes'], []],
    );
  });

  it('keeps a call that breaks a contract and gives nothing back, by its name', () => {
    const wrong = broken('C-TWICE', 'frees a buffer again', 1);
    const { steps } = stepsOf(
      undefined,
      run([TAKEN, GIVEN, note('C-TWICE: frees a buffer again', 5)], [wrong]),
    );
    assert.equal(steps[2]?.text.after, 'free_it(): frees a buffer again');
    assert.deepEqual([steps[2].lane, steps[2].mark], ['DMA/\u200bIOMMU API', 'free_it']);
    assert.deepEqual(steps[2].bad, ['after']);
  });

  it('is not taken on a side that never gets there', () => {
    const aligned = stepsOf(run([]), run([TAKEN, GIVEN]));
    const [only] = holdingsOf(aligned);
    assert.deepEqual(told(only?.lives.before), ['1-3 absent not taken']);
  });
});
