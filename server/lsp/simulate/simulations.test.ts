import assert from 'node:assert/strict';
import type {
  SimulatedFunction,
  SimulatedViolation,
} from '../../simulate/compare/result/simulation.ts';
import { brokenIn, type KeptSimulation } from './simulations.ts';

const FILE = 'drivers/dma/qring/qring.c';

function bare(line: number, domain: string): SimulatedViolation {
  return {
    ...{ id: 'I-CC-2', rules: [], since: undefined, domain },
    position: { file: FILE, line, column: 1, function: 'map' },
    message: `RAM 0x1000000 is mapped at 0x100000 without the C-bit in ${domain}`,
  };
}

function broken(
  situation: string,
  verdict: 'newly-broken' | 'still-broken',
  ...violations: readonly SimulatedViolation[]
): SimulatedFunction {
  return {
    ...{ function: 'map', file: FILE, line: 1, entry: 'map', situation, summary: '', verdict },
    ...{ reason: '', violations, before: undefined, after: undefined, assumptions: [] },
    ...{ models: [], pairs: 1 },
  };
}

describe('what simulations showed to be broken', () => {
  it('is one for each defect and line, whatever the domains and situations', () => {
    const functions = [
      broken('two domains', 'newly-broken', bare(31, 'domain 2'), bare(20, 'domain 1')),
      broken('one domain', 'newly-broken', bare(20, 'domain 1')),
      broken('one domain', 'still-broken', bare(20, 'domain 1')),
    ];
    const kept: KeptSimulation = {
      ...{ id: 1, uri: 'file:///a.patch', version: 1, patch: 0, sides: 'both', series: undefined },
      simulation: { functions, notSimulated: [], elapsed: 0 },
    };
    assert.deepEqual(
      brokenIn([kept]).map(({ result, violation, also }) => [
        result.verdict,
        violation.position?.line,
        also.map((other) => other.result.situation),
      ]),
      [
        ['newly-broken', 31, []],
        ['newly-broken', 20, ['one domain']],
        ['still-broken', 20, []],
      ],
    );
  });
});
