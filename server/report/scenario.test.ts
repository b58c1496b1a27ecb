import assert from 'node:assert/strict';
import type { Violation } from '../model/check/violation.ts';
import { runScenario, type ScenarioRun } from '../model/scenario/runScenario.ts';
import { scenarioJson, scenarioText } from './scenario.ts';

function violation(page: number): Violation {
  return { invariant: 'I-RMP-1', page, iova: { first: page, last: page }, events: [0, 0], what: `leaf ${page}` }; // prettier-ignore
}

/** A run of two steps that break what is given. */
function run(first: readonly Violation[], second: readonly Violation[]): ScenarioRun {
  const steps = [
    { do: 'clean', expect: 'ok' },
    { do: 'clean', expect: 'ok' },
  ];
  const ran = runScenario({ id: 'x', title: 'x', source: 'a test', steps });
  const broken = [{ ...ran.steps[0]!, violations: first }, { ...ran.steps[1]!, violations: second }]; // prettier-ignore
  return { ...ran, steps: broken };
}

function breaks(ran: ScenarioRun): readonly string[] {
  return scenarioText(ran)
    .split('\n')
    .filter((line) => /breaks|broken:/.test(line))
    .map((line) => line.trim());
}

describe('Text of a scenario', () => {
  it('counts violations of one kind beyond three', () => {
    const many = [1, 2, 3, 4, 5].map(violation);
    assert.deepEqual(breaks(run(many, [])), [
      '1  breaks I-RMP-1: leaf 1',
      '1  breaks I-RMP-1: leaf 2',
      '1  breaks I-RMP-1: leaf 3',
      '1  breaks I-RMP-1: 2 more of the same kind',
    ]);
  });

  it('says in one line what is still broken, and in full what is new', () => {
    assert.deepEqual(breaks(run([1, 2].map(violation), [1, 2, 7].map(violation))), [
      '1  breaks I-RMP-1: leaf 1',
      '1  breaks I-RMP-1: leaf 2',
      '2  breaks I-RMP-1: leaf 7',
      '2  still broken: I-RMP-1 (2 times)',
    ]);
    assert.equal(breaks(run([violation(1)], [violation(1)]))[1], '2  still broken: I-RMP-1 (once)');
  });

  it('keeps all of them in JSON', () => {
    const json = scenarioJson(run([1, 2, 3, 4, 5].map(violation), [violation(1)]));
    assert.equal((json as { violations: readonly unknown[] }).violations.length, 6);
  });

  it('gives what caches hold after each step, for pictures', () => {
    const iova = '0x40000000';
    const ran = runScenario({
      ...{ id: 'x', title: 'x', source: 'a test' },
      steps: [
        { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
        { do: 'device', name: 'nic', arch: 'vtd', second: 'dom' },
        { do: 'map', table: 'dom', iova, pa: '0x80000000', length: '8K' },
        { do: 'access', device: 'nic', iova },
        { do: 'unmap-fast', table: 'dom', iova, length: '8K' },
        { do: 'sync', table: 'dom' },
      ],
    });
    const { steps } = scenarioJson(ran) as { steps: readonly Record<string, unknown>[] };
    const line = (state: string): object => ({
      ...{ tags: ['DID 1'], iova: '0x40000000-0x40000fff', pa: '0x80000000' },
      ...{ access: ['read', 'write', 'execute'], state },
    });
    assert.deepEqual(steps[2]!['iotlb'], []);
    assert.deepEqual(steps[3]!['iotlb'], [line('live')]);
    assert.deepEqual(steps[3]!['mayHold'], []);
    assert.deepEqual(steps[4]!['iotlb'], [line('stale')]);
    const held = (page: string, pa: string): object => ({
      ...{ tag: 'DID 1', kind: 'leaf', caches: ['iotlb'] },
      ...{ iova: `0x4000${page}000-0x4000${page}fff`, pa },
    });
    assert.deepEqual(steps[4]!['mayHold'], [held('0', '0x80000000'), held('1', '0x80001000')]);
    assert.deepEqual(steps[5]!['iotlb'], []);
    assert.deepEqual(steps[5]!['mayHold'], []);
  });
});
