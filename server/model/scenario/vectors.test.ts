import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { failureLines } from './failureText.ts';
import { replayCase, type CaseOutcome, type FailedStep } from './replay.ts';
import { parseVectorText } from './vectorText.ts';
import type { VectorCase, VectorFile } from './vectorTypes.ts';

const folder = path.resolve('test-fixtures/vectors');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function textOf(name: string): string {
  return gunzipSync(fs.readFileSync(path.join(folder, name))).toString();
}

function casesOf(name: string): readonly VectorCase[] {
  const file = parseVectorText(textOf(name));
  assert.equal(file.kind, 'page-table');
  assert.deepEqual(file.problems, []);
  return file.cases;
}

function failedSteps(outcome: CaseOutcome): readonly FailedStep[] {
  assert.ok(outcome.kind === 'passed' || outcome.kind === 'failed', JSON.stringify(outcome));
  return outcome.kind === 'failed' ? outcome.failed : [];
}

const FILES = [
  ...['amdv1', 'amdv1_mock', 'x86_64', 'vtdss', 'riscv_64'],
  ...['arm_64_lpae_s1', 'arm_64_lpae_s2', 'arm_mali_lpae'],
].map((name) => `generic_pt/${name}.json.gz`);
const SCENARIOS = 'riscv-iommu/kernel73_scenarios.json.gz';

describe('vectors of the 7.3 page-table code', () => {
  for (const file of [...FILES, SCENARIOS]) {
    it(`${file}: every step of every case`, () => {
      for (const vector of casesOf(file)) {
        const [first] = failedSteps(replayCase(vector, { sha256 }));
        if (first !== undefined) assert.fail(failureLines(file, vector.id, first).join('\n'));
      }
    });
  }

  it('the profile `intended` differs in dirty ranges of contiguous leaves and in nothing else', () => {
    let differing = 0;
    for (const file of [...FILES, SCENARIOS]) {
      for (const vector of casesOf(file)) {
        for (const step of failedSteps(replayCase(vector, { sha256, profile: 'intended' }))) {
          differing++;
          assert.equal(step.op.op, 'read_dirty', vector.id);
          assert.match(step.format, /^amdv1/, vector.id);
          for (const difference of step.differences) {
            assert.equal(difference.kind, 'value');
            assert.match(difference.field, /^events\[\d+\]$|^gather\.(start|end)$/, vector.id);
          }
        }
      }
    }
    assert.ok(differing > 10, `${differing} steps differ`);
  });

  it('the algorithms of 6.12 are skipped, with the reason', () => {
    for (const vector of casesOf('generic_pt/amd_v1_linux6.12.json.gz')) {
      const outcome = replayCase(vector, { sha256 });
      assert.equal(outcome.kind, 'skipped');
      assert.match(outcome.reason, /6\.12/);
    }
  });

  it('vectors of consumers of the API are recognised and skipped', () => {
    const file = parseVectorText(textOf('riscv-iommu/vfio_mmio_prot_scenarios.json.gz'));
    assert.equal(file.kind, 'skipped');
    assert.ok(file.count > 0);
    const listed = parseVectorText('[{"id":"x","segs":[],"outcomes":{}}]');
    assert.equal(listed.kind, 'skipped');
  });
});

describe('a vector that the model does not reproduce', () => {
  const good = casesOf('generic_pt/vtdss.json.gz').find(({ ops }) => ops.some(hasTables))!;
  function hasTables({ op, expect }: VectorCase['ops'][number]): boolean {
    return op === 'map' && 'tables' in expect;
  }

  /** The case with the result of its first dumping map changed. */
  function changed(change: (expect: Record<string, unknown>) => void): VectorCase {
    const ops = structuredClone(good.ops);
    change(ops.find(hasTables)!.expect);
    return { ...good, ops };
  }

  function firstFailure(change: (expect: Record<string, unknown>) => void): string {
    const vector = changed(change);
    const steps = failedSteps(replayCase(vector, { sha256 }));
    assert.equal(steps.length, 1);
    return failureLines('f.json', vector.id, steps[0]!).join('\n');
  }

  it('fails in each tier', () => {
    assert.match(
      firstFailure((e) => (e['ret'] = -17)),
      /ret {2}expected -17, got 0/,
    );
    assert.match(
      firstFailure((e) => (e['mapped'] = '0x1')),
      /mapped {2}expected 0x1, got 0x/,
    );
    assert.match(
      firstFailure((e) => (e['digest'] = '00')),
      /digest {2}expected 00, got /,
    );
    assert.match(
      firstFailure((e) => (e['live'] = 99)),
      /live {2}expected 99, got /,
    );
    assert.match(
      firstFailure((e) => (e['events'] = [['free', '0x0']])),
      /events\[0\] {2}expected \["free","0x0"\], got \["alloc"/,
    );
    assert.match(
      firstFailure((e) => delete e['events']),
      /events\[0\] {2}expected nothing, got /,
    );
    assert.match(
      firstFailure((e) => (e['tables'] = [])),
      /tables {2}expected 0, got /,
    );
  });

  it('shows the entry that differs, decoded', () => {
    const text = firstFailure((e) => {
      const tables = e['tables'] as { entries: unknown[][] }[];
      tables.at(-1)!.entries[0]![1] = '0x7';
    });
    assert.match(text, /^FAILED f\.json {2}vtdss\/\S+ {2}op \d+: map iova 0x/);
    assert.match(
      text,
      /table 0x[0-9a-f]+\[\d+\] {2}expected 0x7 \(4 KiB leaf to 0x0, W, R, unexplained bits 0x4\), got 0x/,
    );
  });
});

describe('bad vector files', () => {
  const reasons = (file: VectorFile): readonly string[] =>
    file.kind === 'skipped'
      ? []
      : file.problems.map(({ caseId, reason }) => `${caseId}: ${reason}`);
  const oracle = (op: unknown, extra = {}): string =>
    JSON.stringify({
      schema: 'generic-pt-oracle/1',
      count: 1,
      cases: [{ id: 'c', format: 'vtdss', build: 'release', ops: [op], ...extra }],
    });
  const init = { op: 'init', fmt: 'vtdss', vasz: 48, oasz: 52, top: 3, expect: { ret: 0 } };

  it('truncated: names the case it was cut in', () => {
    const text = textOf('generic_pt/vtdss.json.gz');
    const file = parseVectorText(text.slice(0, text.length / 2));
    assert.equal(file.kind, 'unreadable');
    assert.match(reasons(file)[0]!, /^vtdss\/\S+: the file is cut off in or after this case$/);
    assert.deepEqual(reasons(parseVectorText('[1,')), [': the file is cut off']);
    assert.deepEqual(reasons(parseVectorText('{"a":}')), [': no valid JSON']);
  });

  it('of an unknown schema', () => {
    assert.deepEqual(reasons(parseVectorText('{"schema":"generic-pt-oracle/2"}')), [
      ': schema version 2 is unknown; version 1 is read',
    ]);
    assert.deepEqual(reasons(parseVectorText('{"schema":"other"}')), [': schema other is unknown']);
    for (const text of ['{}', '[]', '[1]', '[{}]', '3', 'null', '[{"steps":[]}]']) {
      assert.deepEqual(reasons(parseVectorText(text)), [': no vector file of a known shape']);
    }
    assert.deepEqual(reasons(parseVectorText('{"schema":"generic-pt-oracle/1"}')), [
      ': no list of cases',
    ]);
  });

  it('with values out of range: names the case, the operation and the value', () => {
    const wrong: readonly (readonly [unknown, string])[] = [
      [{ ...init, vasz: 300 }, 'op 0: init: vasz 300 is out of range 0 to 255'],
      [{ ...init, vasz: 1.5 }, 'op 0: init: vasz 1.5 is out of range 0 to 255'],
      [
        { ...init, feat: '0x10000000000000000' },
        'op 0: init: feat "0x10000000000000000" is no unsigned 64-bit number',
      ],
      [{ ...init, feat: -1 }, 'op 0: init: feat -1 is no unsigned 64-bit number'],
      [{ ...init, fmt: 3 }, 'op 0: init: fmt 3 is no text'],
      [{ op: 'map', expect: {} }, 'op 0: map without iova'],
      [{ op: 'fly', expect: {} }, 'op 0: unknown operation "fly"'],
      [{ ...init, speed: 1 }, 'op 0: init: unknown argument "speed"'],
      [{ op: 'dump' }, 'op 0: needs a name and an expect object'],
    ];
    for (const [op, reason] of wrong) {
      assert.deepEqual(reasons(parseVectorText(oracle(op))), [`c: ${reason}`]);
    }
    assert.deepEqual(reasons(parseVectorText(oracle(init, { build: 'x' }))), [
      'c: build "x" is neither release nor debug',
    ]);
    assert.deepEqual(reasons(parseVectorText(oracle(init, { format: 1 }))), [
      'c: format is no text',
    ]);
    assert.deepEqual(reasons(parseVectorText(oracle(init, { ops: 1 }))), ['c: no list of ops']);
    assert.deepEqual(reasons(parseVectorText(oracle(init, { id: 1, ops: 1 }))), [
      'case 1: no list of ops',
    ]);
    assert.deepEqual(reasons(parseVectorText(oracle(init).replace('"count":1', '"count":2'))), [
      ': promises 2 cases, 1 follow',
    ]);
  });

  it('with expectations that are none: names the field and what it has to be', () => {
    const reason = (expect: object): string | undefined => {
      const ops = [{ op: 'dump', expect }];
      const file = parseVectorText(JSON.stringify({ schema: 'generic-pt-oracle/1', cases: [{ id: 'c', format: 'vtdss', build: 'release', ops }] })); // prettier-ignore
      assert.equal(file.kind, 'page-table');
      assert.equal(file.problems[0]?.caseId ?? 'c', 'c');
      return file.problems[0]?.reason;
    };
    const table = { pa: '0x0', level: 3, bytes: 4096, entries: [] };
    assert.equal(reason({ ret: 0, tables: [table] }), undefined);
    assert.equal(reason({ ret: 0.5 }), 'op 0: expect.ret 0.5 is not a whole number from -4095 to 4095'); // prettier-ignore
    assert.equal(reason({ live: -1 }), 'op 0: expect.live -1 is not a whole number from 0 to 2147483648'); // prettier-ignore
    assert.equal(reason({ mapped: 5 }), 'op 0: expect.mapped 5 is not text of an unsigned 64-bit number'); // prettier-ignore
    assert.equal(reason({ digest: 'x' }), 'op 0: expect.digest "x" is not 32 hexadecimal digits');
    assert.equal(reason({ info: [] }), 'op 0: expect.info [] is not an object');
    assert.equal(reason({ top: ['0x0'] }), 'op 0: expect.top ["0x0"] is not an address and a level'); // prettier-ignore
    assert.match(reason({ top: ['0x0', 9] })!, /is not a whole number from 0 to 7$/);
    assert.match(reason({ events: ['alloc'] })!, /is not a list of lists$/);
    assert.match(reason({ tables: 'x' })!, /is not a list of tables$/);
    assert.match(reason({ tables: [7] })!, /is not a list of tables; number 0 is none$/);
    const wrong = (change: object): string => reason({ tables: [table, { ...table, ...change }] })!;
    assert.match(wrong({ pa: 0 }), /; pa of number 1 is not text of an unsigned 64-bit number$/);
    assert.match(wrong({ level: '0' }), /; level of number 1 is not a whole number/);
    assert.match(wrong({ bytes: 2 ** 40 }), /; bytes of number 1 is not a whole number/);
    for (const entries of [
      3,
      [3],
      [[0]],
      [[-1, '0x1']],
      [[0, 1]],
      [[0, '0x1', '0xffffffffffffffff']],
      [[0, '0x1', 1, 2]],
      [[0, '0x1', 1, '0x0', 0]],
    ]) {
      // prettier-ignore
      assert.match(wrong({ entries }), /; entries of number 1 is not a list of \[index, value, count, stride\]$/); // prettier-ignore
    }
  });

  it('with broken script lines', () => {
    const script = (...steps: unknown[]): string => JSON.stringify([{ id: 's', steps }]);
    const first = { op: 'init fmt=vtdss vasz=48 oasz=52 top=3', result: { ret: 0 } };
    assert.deepEqual(reasons(parseVectorText(script(first))), []);
    assert.deepEqual(reasons(parseVectorText(script(first, { op: 'map iova', result: {} }))), [
      's: step 1: iova is no name=value',
    ]);
    assert.deepEqual(reasons(parseVectorText(script(first, { op: 'map' }))), [
      's: step 1: needs an op line and a result',
    ]);
    assert.deepEqual(
      reasons(parseVectorText(script(first, { op: 'iova_to_phys iova=x', result: {} }))),
      ['s: step 1: iova_to_phys: iova "x" is no unsigned 64-bit number'],
    );
    const more = JSON.stringify([{ steps: [first] }, { id: 't' }]);
    assert.deepEqual(reasons(parseVectorText(more)), ['t: no list of steps']);
  });

  it('with steps that make no sense', () => {
    const run = (...ops: unknown[]): CaseOutcome => {
      const file = parseVectorText(oracle(ops[0], { ops }));
      assert.equal(file.kind, 'page-table');
      assert.deepEqual(file.problems, []);
      return replayCase(file.cases[0]!, { sha256 });
    };
    const problem = (reason: string): CaseOutcome => ({ kind: 'problem', reason });
    const dump = { op: 'dump', expect: {} };
    assert.deepEqual(run(dump), problem('op 0: dump before init'));
    assert.deepEqual(run({ ...init, fmt: 'x' }), problem('op 0: format "x" is unknown'));
    assert.deepEqual(
      run({ ...init, top: 9, expect: { ret: -95 } }, dump),
      problem('op 1: dump without a table'),
    );
    assert.deepEqual(
      run(init, { op: 'walk', iova: '0x0', expect: {} }),
      problem('op 1: walk is no operation of vtdss'),
    );
    const arm = { op: 'init', fmt: 'arm_64_lpae_s1', pgsizes: '0x1000', ias: 48, oas: 48 };
    assert.deepEqual(
      run({ ...arm, expect: { ret: 0 } }, { op: 'set_dirty', iova: '0x0', expect: {} }),
      problem('op 1: set_dirty is no operation of arm_64_lpae_s1'),
    );
    assert.deepEqual(
      run({ ...arm, ias: 1, pgsizes: '0x0', expect: { ret: -12 } }, dump),
      problem('op 1: dump without a table'),
    );
  });
});

describe('operations that the example vectors leave out', () => {
  const run = (...ops: readonly Record<string, unknown>[]): CaseOutcome => {
    const file = parseVectorText(
      JSON.stringify({
        schema: 'generic-pt-oracle/1',
        cases: [{ id: 'c', format: '', build: 'release', ops }],
      }),
    );
    assert.equal(file.kind, 'page-table');
    assert.deepEqual(file.problems, []);
    return replayCase(file.cases[0]!, { sha256 });
  };
  const passed = (steps: number): CaseOutcome => ({ kind: 'passed', steps });

  it('io-pgtable: ranges through the core, and a queued gather', () => {
    const init = {
      op: 'init',
      fmt: 'arm_32_lpae_s1',
      pgsizes: '0x40201000',
      ias: 32,
      oas: 40,
      quirks: '0x0',
      phys: '0x200000000',
      expect: {
        ret: 0,
        info: { start_level: 1, pgd_bits: 2, pgd_bytes: 32, pgd_pa: '0x200000000' },
        events: [['alloc', '0x200000000', 4096]],
      },
    };
    const allocs = [
      ['alloc', '0x200001000', 4096],
      ['alloc', '0x200002000', 4096],
    ];
    assert.deepEqual(
      run(
        init,
        {
          op: 'map',
          iova: '0x1000',
          pa: '0x5000',
          len: '0x2000',
          prot: 3,
          expect: { ret: 0, mapped: '0x2000', events: allocs },
        },
        { op: 'gather_init', queued: 1, expect: { ret: 0 } },
        {
          op: 'unmap',
          iova: '0x1000',
          len: '0x1000',
          expect: {
            unmapped: '0x1000',
            gather: { queued: true, pgsize: '0x0', start: '0x1000', end: '0x1fff' },
          },
        },
        { op: 'gather_sync', expect: { ret: 0, events: [['flush_all']] } },
        { op: 'gather_init', expect: { ret: 0 } },
        {
          op: 'read_dirty',
          iova: '0x2000',
          len: '0x1000',
          bitmap: 0,
          expect: { ret: -22, err: 'EINVAL' },
        },
        { op: 'info', expect: { info: { ias: 32, oas: 40 } } },
        {
          op: 'map',
          iova: '0x2000',
          pa: '0x0',
          len: '0x1000',
          prot: 3,
          expect: { ret: -17, mapped: '0x0', err: 'EEXIST' },
        },
      ),
      passed(9),
    );
    assert.equal(run({ op: 'init', fmt: 'arm_64_lpae_s1', expect: { ret: -12 } }).kind, 'passed');
  });

  it('io-pgtable: a bitmap that is not wanted', () => {
    const init = {
      op: 'init',
      fmt: 'arm_64_lpae_s1',
      pgsizes: '0x1000',
      ias: 48,
      oas: 48,
      quirks: '0x80',
      expect: { ret: 0, events: [['alloc', '0x100000000', 4096]] },
    };
    const map = { op: 'iommu_map', iova: '0x0', pa: '0x0', len: '0x1000', prot: 3 };
    const outcome = run(
      init,
      {
        ...map,
        expect: {
          ret: 0,
          live: 4,
          events: [1, 2, 3].map((n) => ['alloc', `0x10000${n}000`, 4096]),
        },
      },
      {
        op: 'read_dirty',
        iova: '0x0',
        len: '0x1000',
        bitmap: 0,
        expect: { ret: 0, gather: { start: '0x0', end: '0xfff' } },
      },
    );
    assert.deepEqual(outcome, passed(3));
  });

  it('generic_pt: tables at another address', () => {
    const init = {
      op: 'init',
      fmt: 'vtdss',
      vasz: 48,
      oasz: 52,
      top: 3,
      phys: 0x40000000,
      expect: { ret: 0, top: ['0x40000000', 3], events: [['alloc', '0x40000000', 4096]] },
    };
    assert.deepEqual(run(init), passed(1));
    const outcome = run({
      ...init,
      expect: { ...init.expect, info: { hw: 1 }, hw: 1, tables: [] },
    });
    assert.equal(outcome.kind, 'failed');
  });

  it('many differences are counted', () => {
    const entries = Array.from({ length: 20 }, (_, n) => [n, '0x1']);
    const tables = [{ pa: '0x100000000', level: 3, bytes: 4096, entries }];
    const outcome = run({
      op: 'init',
      fmt: 'vtdss',
      vasz: 48,
      oasz: 52,
      top: 3,
      expect: { ret: 0, tables, events: [['alloc', '0x100000000', 4096]] },
    });
    const [step] = failedSteps(outcome);
    assert.match(failureLines('f', 'c', step!).join('\n'), /… 8 more differences in this step$/);
    const moved = [
      { ...tables[0], pa: '0x0' },
      { ...tables[0], entries: [] },
    ];
    const other = run({
      op: 'init',
      fmt: 'vtdss',
      vasz: 48,
      oasz: 52,
      top: 3,
      expect: { ret: 0, tables: moved },
    });
    const text = failureLines('f', 'c', failedSteps(other)[0]!).join('\n');
    assert.match(
      text,
      /tables +expected 2, got 1\n {2}tables\[0\]\.pa +expected 0x0, got 0x100000000/,
    );
  });
});
