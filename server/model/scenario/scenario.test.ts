import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { INVARIANTS, type Violation } from '../check/violation.ts';
import { readScenario } from './form/readScenario.ts';
import type { Scenario } from './form/scenario.ts';
import { scenarioSchema } from './form/schema.ts';
import { STEP_FORMS } from './form/stepForms.ts';
import { LIBRARY } from './library/all.ts';
import { runScenario } from './runScenario.ts';
import { STEPS } from './steps/all.ts';

describe('Scenarios of the library', () => {
  for (const scenario of LIBRARY) {
    it(`${scenario.id}: ${scenario.title}`, () => {
      const read = readScenario(JSON.parse(JSON.stringify(scenario)));
      assert.ok('scenario' in read, JSON.stringify(read));
      const run = runScenario(read.scenario);
      assert.equal(run.problem, undefined);
      for (const step of run.steps) {
        assert.ok(step.asExpected, `step ${step.number} gives ${step.results.join(' | ')}`);
      }
      assert.deepEqual(new Set(run.broken), new Set(scenario.violations ?? []));
      assert.ok(run.asExpected);
    });
  }

  it('break the same invariants when only what changed is looked at', function () {
    this.timeout(60_000);
    const key = ({ invariant, page, iova, what }: Violation): string =>
      JSON.stringify([invariant, page, iova, what]);
    for (const scenario of LIBRARY) {
      const all = runScenario(scenario, 'all').steps;
      const changed = runScenario(scenario, 'changed').steps;
      for (const [n, { violations }] of all.entries()) {
        assert.deepEqual(
          changed[n]!.violations.map(key).sort(),
          violations.map(key).sort(),
          `${scenario.id}, step ${n + 1}`,
        );
      }
    }
  });

  it('have ids of their own', () => {
    assert.equal(new Set(LIBRARY.map(({ id }) => id)).size, LIBRARY.length);
  });

  it('break each invariant once and come close to it once', () => {
    for (const id of Object.keys(INVARIANTS)) {
      const trip = LIBRARY.find((scenario) => scenario.id === `${id}/trip`);
      const near = LIBRARY.find((scenario) => scenario.id === `${id}/near-miss`);
      assert.ok(trip?.violations?.includes(id as keyof typeof INVARIANTS), id);
      assert.deepEqual(near?.violations ?? [], [], id);
    }
  });
});

describe('The form of scenarios', () => {
  const base: Scenario = { id: 'x', title: 'x', source: 'a test', steps: [] };

  it('refuses a second table of one name, and a format that the IOMMU does not walk', () => {
    const table = { do: 'table', name: 'd', arch: 'amd', format: 'amdv1' };
    const problem = (...steps: Scenario['steps'][number][]): string | undefined =>
      runScenario({ ...base, steps }).problem?.reason;
    assert.match(problem(table, table) ?? '', /there is a table d already/);
    assert.match(problem({ ...table, arch: 'vtd' }) ?? '', /walks vtdss and x86_64, not amdv1/);
    assert.equal(problem(table, { ...table, name: 'e' }), undefined);
  });

  function problems(change: object): readonly string[] {
    const read = readScenario({ ...base, ...change });
    assert.ok('problems' in read);
    return read.problems.map(({ path: at, reason }) => `${at}: ${reason}`);
  }

  it('names what is wrong, with its place', () => {
    assert.deepEqual(problems({ id: '' }), ['id: has to be text']);
    assert.deepEqual(problems({ wat: 1 }), ['wat: no such field']);
    assert.deepEqual(problems({ about: 1 }), ['about: has to be text']);
    assert.deepEqual(problems({ steps: {} }), ['steps: has to be a list']);
    assert.deepEqual(problems({ steps: [1] }), ['steps[0]: a step is an object']);
    assert.match(
      problems({ steps: [{ do: 'fly' }] })[0]!,
      /^steps\[0\]\.do: no such step; there are table, /,
    );
    assert.deepEqual(problems({ steps: [{ do: 'sync' }] }), ['steps[0].table: is missing']);
    assert.deepEqual(problems({ steps: [{ do: 'sync', table: 't', now: 1 }] }), [
      'steps[0].now: no such field',
    ]);
    assert.deepEqual(problems({ steps: [{ do: 'sync', table: 't', expect: 1 }] }), [
      'steps[0].expect: has to be text or a list of texts',
    ]);
    assert.deepEqual(problems({ violations: ['I-NONE'] }), ['violations[0]: no such invariant']);
    assert.deepEqual(problems({ violations: 'all' }), ['violations: has to be a list']);
    assert.deepEqual(problems({ machine: 1 }), ['machine: has to be an object']);
    assert.deepEqual(problems({ machine: { cbit: 5, walks: 'x', atc: 'y', bbml: 1, cpu: 1 } }), [
      'machine.cpu: no such field',
      'machine.cbit: has to be a bit position from 32 to 51',
      'machine.walks: has to be coherent or incoherent',
      'machine.atc: has to be after-sync or queue-order',
      'machine.bbml: has to be an object',
    ]);
    assert.deepEqual(readScenario(7), {
      problems: [{ path: '', reason: 'a scenario is an object' }],
    });
  });

  it('names values of the wrong kind', () => {
    const map = { do: 'map', table: 't', iova: '0x0', pa: '0x0', length: '4K' };
    const wrong = (change: object): string => problems({ steps: [{ ...map, ...change }] })[0]!;
    assert.match(wrong({ iova: 'zero' }), /iova: "zero" is not an address such as/);
    assert.match(wrong({ length: '3X' }), /length: "3X" is not a size such as/);
    assert.match(wrong({ prot: 'read fly' }), /prot: "read fly" is not words out of read, write/);
    assert.match(wrong({ table: 7 }), /table: 7 is not text/);
  });

  it('has a step of the program for each step of the form', () => {
    assert.deepEqual(Object.keys(STEPS).sort(), Object.keys(STEP_FORMS).sort());
  });

  it('is explained by a page whose example runs as it says', () => {
    const page = fs.readFileSync(path.resolve('docs/scenarios.md'), 'utf8');
    const example = /```json\n([\s\S]*?)```/.exec(page)![1]!;
    const read = readScenario(JSON.parse(example));
    assert.ok('scenario' in read, JSON.stringify(read));
    assert.ok(runScenario(read.scenario).asExpected);
    for (const [name, { about }] of Object.entries(STEP_FORMS)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
      assert.ok(row?.includes(about), `docs/scenarios.md says of ${name} what it does`);
    }
  });

  it('is described by the committed schema', () => {
    const file = path.resolve('docs/scenario.schema.json');
    assert.deepEqual(
      JSON.parse(fs.readFileSync(file, 'utf8')),
      scenarioSchema(),
      'npm run generate',
    );
  });
});

describe('A run of a scenario', () => {
  const run = (steps: Scenario['steps']): ReturnType<typeof runScenario> =>
    runScenario({ id: 'x', title: 'x', source: 'a test', steps });

  it('says which result is another than expected', () => {
    const ran = run([
      { do: 'table', name: 't', arch: 'vtd', format: 'vtdss' },
      { do: 'map', table: 't', iova: '0x0', pa: '0x0', length: '4K', expect: '-12' },
    ]);
    assert.equal(ran.asExpected, false);
    assert.deepEqual(ran.steps[1]!.results, ['0']);
  });

  it('ends at a step that makes no sense', () => {
    assert.deepEqual(run([{ do: 'sync', table: 'none' }]).problem, {
      step: 1,
      reason: 'there is no table none',
    });
    const table = { do: 'table', name: 't', arch: 'smmuv3', format: 'arm_64_lpae_s2' };
    const reason = (step: Scenario['steps'][number]): string | undefined =>
      run([table, step]).problem?.reason;
    assert.match(reason({ do: 'cut', table: 't', iova: '0x0' })!, /generic_pt tables only/);
    assert.match(reason({ do: 'split', table: 't', iova: '0x0' })!, /no block of 2 MiB/);
    assert.match(reason({ do: 'device', name: 'd', arch: 'smmuv3', first: 'u' })!, /no table u/);
    assert.match(reason({ do: 'access', device: 'd', iova: '0x0' })!, /no device d/);
    assert.match(reason({ do: 'respond' })!, /no request 0/);
    assert.match(
      reason({ do: 'store-entry', table: 't', iova: '0x0', level: 0, value: '0x0' })!,
      /no table of level 0/,
    );
    assert.match(
      reason({ do: 'write-context', kind: 'dte', from: '0x0', to: '0x0 0x0' })!,
      /same number/,
    );
    assert.match(
      run([{ do: 'table', name: 't', arch: 'vtd', format: 'vtdss', features: 'FAST' }]).problem!
        .reason,
      /no feature FAST/,
    );
  });
});
