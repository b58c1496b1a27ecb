// Drivers of scenarios, right and wrong, with device caches and nested tables; and tables that change under the walker.
import assert from 'node:assert/strict';
import type { StepText } from '../../server/model/scenario/form/scenario.ts';
import { runScenario, type ScenarioRun } from '../../server/model/scenario/runScenario.ts';

const run = (steps: readonly StepText[]): ScenarioRun =>
  runScenario({ id: 'x', title: 'x', source: 'a test', steps });

const IOVA = '0x40000000';
const PA = '0x80000000';
const map = (table: string, iova: string, pa: string, length = '4K'): StepText => ({ do: 'map', table, iova, pa, length }); // prettier-ignore
const commands = ({ trace }: ScenarioRun, step: number): readonly string[] =>
  trace.filter((line) => line.step === step).map(({ what }) => what.split(' ')[0]!);

describe('Flushes with a device cache', () => {
  const steps = (driver: string): readonly StepText[] => [
    { do: 'table', name: 'dom', arch: 'smmuv3', format: 'arm_64_lpae_s2', ...(driver === '' ? {} : { driver }) }, // prettier-ignore
    { do: 'device', name: 'nic', arch: 'smmuv3', second: 'dom', ats: true },
    { do: 'device', name: 'other', arch: 'smmuv3', requester: 4, ats: true },
    map('dom', IOVA, PA, '8K'),
    { do: 'access', device: 'nic', iova: IOVA },
    { do: 'unmap', table: 'dom', iova: IOVA, length: '8K' },
    { do: 'access', device: 'nic', iova: IOVA },
  ];
  const after = (driver: string): readonly string[] => run(steps(driver)).steps.at(-1)!.results;

  it('the IOTLB first, then the device, each with its wait; devices of other tables are left alone', () => {
    const right = run(steps(''));
    assert.deepEqual(right.broken, []);
    assert.deepEqual(commands(right, 6), ['CMD_TLBI_S2_IPA', 'CMD_SYNC:', 'CMD_ATC_INV', 'CMD_SYNC:', 'iommu_unmap(dom,']); // prettier-ignore
    assert.deepEqual(after(''), ['fault F_TRANSLATION']);
  });

  it('the device first: it may fill again', () => {
    assert.deepEqual(after('atc-first'), ['fault F_TRANSLATION', `reached ${PA}`]);
  });

  it('without waiting nothing is gone; with a range that is too short the last page stays', () => {
    assert.deepEqual(after('skip-sync'), ['fault F_TRANSLATION', `reached ${PA}`]);
    const short = run(steps('short-range'));
    assert.ok(short.broken.includes('I-REACH-1'));
    assert.deepEqual(after('short-range'), ['fault F_TRANSLATION']);
  });
});

describe('Tables that go', () => {
  it('Arm: a table that makes way for a block is flushed with its range', () => {
    const steps = (more: { readonly driver?: string }): readonly StepText[] => [
      { do: 'table', name: 'dom', arch: 'smmuv3', format: 'arm_64_lpae_s2', ...more },
      { do: 'device', name: 'nic', arch: 'smmuv3', second: 'dom' },
      map('dom', IOVA, PA),
      { do: 'unmap', table: 'dom', iova: IOVA, length: '4K' },
      map('dom', IOVA, PA, '2M'),
    ];
    const right = run(steps({}));
    assert.ok(right.trace.some(({ step, what }) => step === 5 && /with tables/.test(what)));
    const wrong = run(steps({ driver: 'leaf-only' }));
    assert.ok(!wrong.trace.some(({ step, what }) => step === 5 && /with tables/.test(what)));
  });

  it('a subtree that is unlinked by one store is no part of the table any more', () => {
    const ran = run([
      { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
      { do: 'device', name: 'nic', arch: 'vtd', second: 'dom' },
      map('dom', IOVA, PA),
      { do: 'store-entry', table: 'dom', iova: IOVA, level: 2, value: '0x0' },
      { do: 'invalidate', table: 'dom', tables: true },
      { do: 'wait', table: 'dom' },
      { do: 'access', device: 'nic', iova: IOVA },
      // What was mapped there is nobody's now.
      { do: 'release', at: PA, length: '4K' },
    ]);
    assert.deepEqual(ran.steps[6]!.results, ['fault fault reason 0x79']);
    assert.deepEqual(ran.broken, []);
  });

  it('a store of what is there already changes nothing', () => {
    const entry: StepText = { do: 'store-entry', table: 'dom', iova: IOVA, level: 0, value: '0x80000003' }; // prettier-ignore
    const ran = run([
      { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' },
      map('dom', IOVA, PA),
      entry,
      entry,
    ]);
    assert.deepEqual(ran.steps[3]!.caches.mayHold.length, ran.steps[2]!.caches.mayHold.length);
  });

  it('RISC-V: an entry with a reserved bit breaks I-FMT-1', () => {
    const ran = run([
      { do: 'table', name: 'dom', arch: 'riscv', format: 'riscv_64', features: 'SIGN_EXTEND' },
      map('dom', IOVA, PA),
      { do: 'store-entry', table: 'dom', iova: IOVA, level: 0, value: '0x40000000200000df' },
      { do: 'store-entry', table: 'dom', iova: IOVA, level: 0, value: '0x00400000200000df' },
    ]);
    assert.match(ran.steps[3]!.violations[0]!.what, /a reserved bit or combination/);
  });
});

describe('Nested tables', () => {
  const nested: readonly StepText[] = [
    { do: 'table', name: 'guest', arch: 'vtd', format: 'x86_64', id: 1, bits: 47 },
    { do: 'table', name: 'host', arch: 'vtd', format: 'vtdss', id: 2 },
    map('guest', IOVA, PA),
    map('host', PA, '0xc0000000'),
    map('host', '0x100000000', '0x100000000', '2M'),
    { do: 'device', name: 'nic', arch: 'vtd', first: 'guest', second: 'host' },
    { do: 'access', device: 'nic', iova: IOVA },
  ];

  it('the IOTLB holds what both stages make together, and an unmap of either drops it', () => {
    const filled = run(nested).steps.at(-1)!.caches.iotlb;
    assert.deepEqual(filled.map(({ tags, target, state }) => [tags, target, state]), [[['DID 1', 'DID 2'], 0xc0000, 'live']]); // prettier-ignore
    for (const [table, iova] of [
      ['host', PA],
      ['guest', IOVA],
    ] as const) {
      // prettier-ignore
      const ran = run([...nested, { do: 'unmap', table, iova, length: '4K' }]);
      assert.deepEqual(ran.steps.at(-1)!.caches.iotlb, [], table);
    }
  });

  it('an entry whose tables say something else now is stale', () => {
    const ran = run([...nested, { do: 'unmap-fast', table: 'host', iova: PA, length: '4K' }]);
    assert.deepEqual(
      ran.steps.at(-1)!.caches.iotlb.map(({ state }) => state),
      ['stale'],
    );
  });

  it('a device that leaves nested tables without a cache of its own leaves nothing behind but its context', () => {
    const ran = run([...nested, { do: 'attach', device: 'nic', how: 'driver' }]);
    assert.deepEqual(ran.steps.at(-1)!.caches.mayHold, []);
  });

  it('RISC-V: a second stage of the kernel’s own format', () => {
    const ran = run([
      { do: 'table', name: 's2', arch: 'riscv', format: 'riscv_64' },
      map('s2', IOVA, PA),
      { do: 'device', name: 'nic', arch: 'riscv', second: 's2' },
      { do: 'access', device: 'nic', iova: IOVA, expect: `reached ${PA}` },
    ]);
    assert.ok(ran.asExpected, JSON.stringify(ran.steps.at(-1)!.results));
  });
});

describe('Small things', () => {
  it('lengths that end within a page; an empty bitmap; words that are none', () => {
    const dom: StepText = { do: 'table', name: 'dom', arch: 'vtd', format: 'vtdss' };
    const ran = run([dom, { do: 'release', at: PA, length: '0x1800' }]);
    assert.match(ran.trace.at(-1)!.what, /, 2 pages, /);
    assert.deepEqual(run([dom, { do: 'read-dirty', table: 'dom', iova: IOVA, length: '4K' }]).steps[1]!.results, ['0 pages']); // prettier-ignore
    const written = run([{ do: 'write-context', kind: 'dte', from: 'zero', to: '0x1' }]);
    assert.match(written.problem!.reason, /same number of hexadecimal words/);
    const refused = run([dom, { ...map('dom', IOVA, PA), prot: 'cache' }]);
    assert.deepEqual(refused.steps[1]!.results, ['-22']);
  });

  it('a page of a guest is private also to AMD devices, and says whose it is', () => {
    const ran = run([
      { do: 'table', name: 'dom', arch: 'amd', format: 'amdv1' },
      { do: 'device', name: 'nic', arch: 'amd', second: 'dom' },
      map('dom', IOVA, PA),
      { do: 'rmp', at: PA, size: '4K', guest: 9 },
    ]);
    assert.ok(ran.steps[3]!.violations.some(({ what }) => what.includes('assigned to guest 9')));
  });

  it('what an SMMU with a lower break-before-make level keeps the CPU’s stage 2 from', () => {
    const ran = run([{ do: 'share-stage2', has: 'format granule endianness cpu-bbml3 pinned coherent btm' }]); // prettier-ignore
    assert.ok(
      ran.steps[0]!.results.some((text) => /SMMU/.test(text)),
      ran.steps[0]!.results.join(),
    );
  });
});
