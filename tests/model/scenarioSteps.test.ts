// Steps of scenarios where the library does not go: names that are not there, devices of every shape, and what claims see.
import assert from 'node:assert/strict';
import type { Scenario, StepText } from '../../server/model/scenario/form/scenario.ts';
import { STEP_FORMS } from '../../server/model/scenario/form/stepForms.ts';
import { readScenario } from '../../server/model/scenario/form/readScenario.ts';
import { runScenario, type ScenarioRun } from '../../server/model/scenario/runScenario.ts';

const run = (steps: readonly StepText[], more: Partial<Scenario> = {}): ScenarioRun =>
  runScenario({ id: 'x', title: 'x', source: 'a test', steps, ...more });

/** Results of the last step. */
function last(steps: readonly StepText[], more: Partial<Scenario> = {}): readonly string[] {
  const ran = run(steps, more);
  assert.equal(ran.problem, undefined);
  return ran.steps.at(-1)!.results;
}

const IOVA = '0x40000000';
const PA = '0x80000000';

/** A value of a kind that is valid, so that only the name that is not there can be wrong. */
function sample(
  kind: (typeof STEP_FORMS)[string]['fields'][string]['kind'],
): string | number | boolean {
  if (typeof kind === 'object') return 'oneOf' in kind ? kind.oneOf[0]! : kind.words[0]!;
  switch (kind) {
    case 'flag':
      return true;
    case 'count':
      return 0;
    case 'address':
    case 'size':
      return '0x1000';
    case 'name':
    case 'text':
      return 'none';
  }
}

describe('Steps that name something that is not there', () => {
  for (const [name, { fields }] of Object.entries(STEP_FORMS)) {
    const needs = ['table', 'device'].find((field) => fields[field]?.optional === false);
    if (needs === undefined) continue;
    it(`${name}: no such ${needs}`, () => {
      const values = Object.entries(fields)
        .filter(([, { optional }]) => !optional)
        .map(([field, { kind }]) => [field, sample(kind)]);
      const step = { do: name, ...Object.fromEntries(values) } as StepText;
      assert.deepEqual(run([step]).problem, { step: 1, reason: `there is no ${needs} none` });
    });
  }

  it('attach: no such table', () => {
    const device: StepText = { do: 'device', name: 'nic', arch: 'amd' };
    assert.equal(run([device, { do: 'attach', device: 'nic', first: 'none' }]).problem?.reason, 'there is no table none'); // prettier-ignore
  });

  it('dirty tracking of io-pgtable is not modelled, and said so', () => {
    const steps: readonly StepText[] = [
      { do: 'table', name: 's1', arch: 'smmuv3', format: 'arm_64_lpae_s1' },
      { do: 'read-dirty', table: 's1', iova: IOVA, length: '4K' },
    ];
    assert.match(run(steps).problem!.reason, /dirty tracking of arm_64_lpae_s1 is not modelled/);
    const device: StepText = { do: 'device', name: 'nic', arch: 'amd' };
    assert.match(run([device, { do: 'device-write', device: 'nic', iova: IOVA }]).problem!.reason, /no table /); // prettier-ignore
  });

  it('a table whose format no modelled hardware walks, or whose configuration is refused', () => {
    const table: StepText = { do: 'table', name: 't', arch: 'amd', format: 'amdv1_mock' };
    assert.deepEqual(last([table]), ['no modelled hardware walks amdv1_mock']);
    assert.deepEqual(last([{ ...table, format: 'amdv1', levels: 1 }]), ['pt_iommu_init gives -22']);
  });
});

describe('Devices of every shape', () => {
  const FORMATS = {
    amd: ['x86_64', 'amdv1'],
    vtd: ['x86_64', 'vtdss'],
    smmuv3: ['arm_64_lpae_s1', 'arm_64_lpae_s2'],
    riscv: ['riscv_64', 'riscv_64'],
  } as const;
  const SHAPES = ['none', 'first', 'second', 'both'] as const;

  for (const [arch, [first, second]] of Object.entries(FORMATS)) {
    for (const shape of SHAPES) {
      // A second stage of RISC-V has formats of its own, which the kernel's code does not build.
      if (arch === 'riscv' && (shape === 'second' || shape === 'both')) continue;
      const pasids = shape === 'first' ? [-1, 0, 5, 70, 600, 20_000, 2 ** 20 - 1] : [-1];
      for (const pasid of pasids) {
        it(`${arch}: ${shape}${pasid < 0 ? '' : `, PASID ${pasid}`}`, () => {
          const sign = arch === 'riscv' ? { features: 'SIGN_EXTEND' } : {};
          const has = { first: shape === 'first' || shape === 'both', second: shape === 'second' || shape === 'both' }; // prettier-ignore
          const steps: StepText[] = [];
          const bits = first === 'x86_64' ? 47 : 48;
          if (has.first) {
            steps.push({ do: 'table', name: 'one', arch, format: first, bits, ...sign });
            steps.push({ do: 'map', table: 'one', iova: IOVA, pa: PA, length: '4K' });
          }
          if (has.second) {
            const iova = has.first ? PA : IOVA;
            steps.push({ do: 'table', name: 'two', arch, format: second, id: 2 });
            steps.push({ do: 'map', table: 'two', iova, pa: '0xc0000000', length: '4K' });
            // The tables and contexts of the first stage are found through the second.
            if (has.first) steps.push({ do: 'map', table: 'two', iova: '0x1000000', pa: '0x1000000', length: '2M' }); // prettier-ignore
            if (has.first) steps.push({ do: 'map', table: 'two', iova: '0x100000000', pa: '0x100000000', length: '2M' }); // prettier-ignore
          }
          const names = { ...(has.first ? { first: 'one' } : {}), ...(has.second ? { second: 'two' } : {}) }; // prettier-ignore
          steps.push({ do: 'device', name: 'nic', arch, requester: 130, ...names, ...(pasid < 0 ? {} : { pasid }) }); // prettier-ignore
          steps.push({ do: 'access', device: 'nic', iova: IOVA, kind: 'write' });
          const want = has.second ? '0xc0000000' : has.first ? PA : IOVA;
          assert.deepEqual(last(steps), [`reached ${want}`]);
        });
      }
    }
  }

  it('AMD: a first stage of five levels', () => {
    const steps: readonly StepText[] = [
      { do: 'table', name: 'one', arch: 'amd', format: 'x86_64', bits: 56, levels: 5 },
      { do: 'map', table: 'one', iova: '0x2000000000000', pa: PA, length: '4K' },
      { do: 'device', name: 'nic', arch: 'amd', first: 'one' },
      { do: 'access', device: 'nic', iova: '0x2000000000000' },
    ];
    assert.deepEqual(last(steps), [`reached ${PA}`]);
  });

  it('the top of an AMD table grows: device table entries of others, and of other architectures, stay', () => {
    const steps: readonly StepText[] = [
      { do: 'table', name: 'grows', arch: 'amd', format: 'amdv1', levels: 3, bits: 64 },
      { do: 'table', name: 'stays', arch: 'amd', format: 'amdv1', levels: 3, id: 2 },
      { do: 'device', name: 'a', arch: 'amd', second: 'grows' },
      { do: 'device', name: 'b', arch: 'amd', second: 'stays', requester: 4 },
      { do: 'map', table: 'stays', iova: IOVA, pa: PA, length: '4K' },
      { do: 'map', table: 'grows', iova: '0x100000000000', pa: PA, length: '4K' },
      { do: 'access', device: 'a', iova: '0x100000000000', expect: `reached ${PA}` },
      { do: 'access', device: 'b', iova: IOVA, expect: `reached ${PA}` },
    ];
    assert.ok(run(steps).asExpected);
  });
});

describe('What steps say', () => {
  const vtd: readonly StepText[] = [
    { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
    { do: 'device', name: 'nic', arch: 'vtd', second: 'dom' },
  ];

  it('a device writes where nothing is mapped; a dirty read leaves the flush to a later step', () => {
    assert.deepEqual(last([...vtd, { do: 'device-write', device: 'nic', iova: IOVA }]), ['-2']);
    const steps: readonly StepText[] = [
      ...vtd,
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '16K' },
      { do: 'device-write', device: 'nic', iova: IOVA },
      { do: 'device-write', device: 'nic', iova: `${IOVA}+0x1000` },
      { do: 'read-dirty', table: 'dom', iova: IOVA, length: '16K', sync: false },
      { do: 'read-dirty', table: 'dom', iova: IOVA, length: '16K' },
    ];
    const ran = run(steps);
    assert.deepEqual(ran.steps.slice(5).map(({ results }) => results), [['2 pages'], ['0 pages']]); // prettier-ignore
    assert.deepEqual(ran.broken, []);
  });

  it('a page that is given back while it is mapped breaks I-REACH-2, and says where it is mapped', () => {
    const ran = run([
      ...vtd,
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '4K' },
      { do: 'release', at: PA, length: '4K' },
      { do: 'release', at: '0x80002000', length: '4K' },
    ]);
    assert.deepEqual(ran.broken, ['I-REACH-2']);
    assert.match(ran.steps[3]!.violations[0]!.what, /is unpinned, and dom still maps it at 0x40000000/); // prettier-ignore
    assert.deepEqual(ran.steps[4]!.violations, [], 'a neighbour is free');
  });

  it('a stale leaf that says what the table says again is no danger after a sync', () => {
    const steps: readonly StepText[] = [
      ...vtd,
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '4K' },
      { do: 'unmap-fast', table: 'dom', iova: IOVA, length: '4K', lose: true },
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '4K' },
      { do: 'sync', table: 'dom' },
    ];
    assert.deepEqual(run(steps).steps.at(-1)!.violations, []);
    const other = steps.map((step, n) => n === 4 ? { ...step, pa: '0x90000000' } : step); // prettier-ignore
    assert.equal(run(other).steps.at(-1)!.violations[0]?.invariant, 'I-REACH-1');
  });

  it('a stale leaf that was read-only permits no write; a stale table leads anywhere', () => {
    const readOnly = last([
      ...vtd,
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '4K', prot: 'read' },
      { do: 'unmap-fast', table: 'dom', iova: IOVA, length: '4K' },
      { do: 'access', device: 'nic', iova: IOVA, kind: 'write' },
    ]);
    assert.deepEqual(readOnly, ['fault fault reason 0x79', 'fault fault']);
    const tables = last([
      ...vtd,
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '4K' },
      { do: 'store-entry', table: 'dom', iova: IOVA, level: 1, value: '0x0' },
      { do: 'access', device: 'nic', iova: IOVA },
    ]);
    assert.ok(tables.some((text) => text.startsWith('unknown: the walk goes on through page 0x')));
  });

  it('entries: no table of that level, and one that hardware sees where software does not', () => {
    const entry = (level: number): StepText => ({ do: 'store-entry', table: 'dom', iova: IOVA, level, value: '0x0' }); // prettier-ignore
    assert.match(run([...vtd, entry(2)]).problem!.reason, /no table of level 2 translates/);
    assert.match(run([...vtd, entry(7)]).problem!.reason, /no table of level 7 translates/);
    const riscv: readonly StepText[] = [
      { do: 'table', name: 'dom', arch: 'riscv', format: 'riscv_64', features: 'SIGN_EXTEND' },
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '4K' },
      { ...entry(0), value: '0x3' },
    ];
    assert.deepEqual(run(riscv).broken, []);
  });

  it('stores to MMIO as if it were a table break I-LIFE-3, by its name', () => {
    const ran = run([
      { do: 'memory', at: PA, length: '8K', use: 'mmio' },
      { do: 'store', at: PA, value: '0x1' },
    ]);
    assert.match(ran.steps[1]!.violations[0]!.what, /which is mmio$/);
  });

  it('Arm: a block that becomes another address without a break', () => {
    const ran = run([
      { do: 'table', name: 's2', arch: 'smmuv3', format: 'arm_64_lpae_s2' },
      { do: 'map', table: 's2', iova: IOVA, pa: PA, length: '4K' },
      { do: 'store-entry', table: 's2', iova: IOVA, level: 0, value: '0x900007ff' },
    ], { machine: { bbml: { smmu: 2 } } }); // prettier-ignore
    assert.ok(ran.broken.includes('I-BBM-1'));
    assert.match(ran.steps[2]!.violations[0]!.what, /to another address without a break/);
  });

  it('a granule goes to the realm world and back; a page is donated to a guest', () => {
    assert.deepEqual(
      last([
        { do: 'delegate', at: PA },
        { do: 'undelegate', at: PA },
      ]),
      ['ok'],
    );
    assert.notDeepEqual(last([{ do: 'undelegate', at: PA }]), ['ok']);
    const ran = run([{ do: 'donate', at: PA, to: 'guest' }]);
    assert.match(ran.trace.at(-1)!.what, /is donated to a guest: ok/);
  });

  it('break before make: a cut that breaks first', () => {
    const steps: readonly StepText[] = [
      ...vtd,
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '2M' },
      { do: 'cut', table: 'dom', iova: IOVA, mode: 'break' },
    ];
    assert.deepEqual(last(steps), ['0']);
    const { trace } = run(steps);
    assert.ok(trace.some(({ what }) => /cut\(dom, 0x40000000, break before make\)/.test(what)));
  });

  it('RISC-V: flushes of many pages are flushes of all; tables go with the non-leaf form', () => {
    const steps: readonly StepText[] = [
      { do: 'table', name: 'dom', arch: 'riscv', format: 'riscv_64', features: 'SIGN_EXTEND' },
      { do: 'device', name: 'nic', arch: 'riscv', first: 'dom' },
      { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '4M' },
      { do: 'unmap', table: 'dom', iova: IOVA, length: '4M' },
    ];
    const { trace, broken } = run(steps);
    assert.deepEqual(broken, []);
    assert.ok(trace.some(({ what }) => /PSCID\/GSCID 1, all,/.test(what)));
  });

  it('a fault that is not reported leaves no record, and the trace says so', () => {
    // DTF in the RISC-V device context: context pages begin at 0x1000000.
    const { trace } = run([
      { do: 'table', name: 'dom', arch: 'riscv', format: 'riscv_64', features: 'SIGN_EXTEND' },
      { do: 'device', name: 'nic', arch: 'riscv', first: 'dom' },
      { do: 'store', at: '0x1001060', value: '0x11' },
      { do: 'access', device: 'nic', iova: IOVA },
    ]);
    assert.equal(trace.at(-1)!.what, 'no record: reporting is off');
  });
});

describe('Pictures of a run', () => {
  it('hold every table of every step, its entries decoded, and nothing where none are asked for', () => {
    const scenario: Scenario = {
      ...{ id: 'x', title: 'x', source: 'a test' },
      steps: [
        { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss', levels: 3, bits: 39 },
        { do: 'map', table: 'dom', iova: IOVA, pa: PA, length: '2M' },
      ],
    };
    assert.deepEqual(runScenario(scenario).steps[1]!.tables, []);
    const [empty, mapped] = runScenario(scenario, 'changed', 'tables').steps;
    assert.deepEqual(
      empty!.tables.map(({ level, entries }) => [level, entries]),
      [[2, []]],
    );
    const shown = mapped!.tables.map(({ level, iova, itemLg2, entries }) => [level, iova, itemLg2, entries.map(({ index, text }) => `${index}: ${text}`)]); // prettier-ignore
    assert.deepEqual(shown, [
      [2, '0x0', 30, ['1: table of level 1 at 0x100001000']],
      [1, IOVA, 21, ['0: 2 MiB leaf to 0x80000000']],
    ]);
  });
});

describe('Values of steps', () => {
  const problem = (step: StepText): string => {
    const read = readScenario({ id: 'x', title: 'x', source: 'x', steps: [step] });
    assert.ok('problems' in read);
    return `${read.problems[0]!.path}: ${read.problems[0]!.reason}`;
  };

  it('of the wrong kind are named with the kind that is wanted', () => {
    const map: StepText = { do: 'map', table: 't', iova: '0x0', pa: '0x0', length: '4K' };
    const device: StepText = { do: 'device', name: 'd', arch: 'amd' };
    assert.match(problem({ ...device, ats: 'yes' }), /ats: "yes" is not true or false/);
    assert.match(problem({ ...device, requester: -1 }), /requester: -1 is not a whole number/);
    assert.match(problem({ ...device, requester: 1.5 }), /is not a whole number/);
    assert.match(problem({ ...device, requester: 2 ** 31 }), /is not a whole number/);
    assert.match(problem({ ...device, arch: 'x' }), /arch: "x" is not one of amd, vtd, smmuv3, riscv/); // prettier-ignore
    assert.match(problem({ ...device, arch: 7 }), /arch: 7 is not one of/);
    assert.match(problem({ ...map, length: 4096 }), /length: 4096 is not a size/);
    for (const length of ['', 'K', '-1K', '1.5K', '4K+']) assert.match(problem({ ...map, length }), /is not a size/, length); // prettier-ignore
    assert.match(problem({ do: 7 } as unknown as StepText), /no such step/);
  });
});

describe('Pictures of a scenario', () => {
  const steps: readonly StepText[] = [
    { do: 'table', name: 'd', arch: 'amd', format: 'amdv1' },
    { do: 'device', name: 'n', arch: 'amd', second: 'd' },
    { do: 'map', table: 'd', iova: IOVA, pa: PA, length: '4K' },
    { do: 'access', device: 'n', iova: IOVA, kind: 'write' },
    { do: 'access', device: 'n', iova: IOVA, kind: 'write' },
    { do: 'access', device: 'n', iova: '0x50000000' },
  ];

  it('try each access of the script after each step, and none before the device is there', () => {
    const ran = runScenario({ id: 'x', title: 'x', source: 'a test', steps }, 'changed', 'tables');
    const tried = ran.steps.map((step) =>
      step.tried.map(({ kind, outcomes }) => `${kind}: ${outcomes.join(' | ')}`),
    );
    assert.deepEqual(tried[0], ['write: ', 'read: ']);
    assert.match(tried[1]![0]!, /^write: fault IO_PAGE_FAULT/);
    assert.match(tried[3]![0]!, /^write: reached/);
    assert.doesNotMatch(tried[3]![1]!, /reached/);
  });

  it('have devices of one name once', () => {
    assert.match(run([...steps, steps[1]!]).problem?.reason ?? '', /there is a device n already/);
  });
});
