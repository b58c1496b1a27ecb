import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { riscvFailureLines } from './failureText.ts';
import { replayRiscvCase, type FailedRiscvStep } from './riscvReplay.ts';
import type { RiscvCase } from './riscvVectorTypes.ts';
import { parseVectorText } from './vectorText.ts';

const folder = path.resolve('test-fixtures/vectors/riscv-iommu');
const FILES = ['bare', 's1', 's2', 'nested', 'pdt_s1', 'pdt_nested', 'inval_seq'].map(
  (name) => `riscv_${name}`,
);

function casesOf(name: string): readonly RiscvCase[] {
  const text = gunzipSync(fs.readFileSync(path.join(folder, `${name}.json.gz`))).toString();
  const file = parseVectorText(text);
  assert.equal(file.kind, 'riscv');
  assert.deepEqual(file.problems, []);
  return file.cases;
}

function firstFailure(vector: RiscvCase): FailedRiscvStep | undefined {
  const outcome = replayRiscvCase(vector);
  return outcome.kind === 'failed' ? outcome.failed[0] : undefined;
}

describe('vectors of the RISC-V IOMMU reference model', () => {
  for (const name of [...FILES, 'kernel73_riscv64']) {
    it(`${name}: answers, order of reads, updates of A and D, with and without caches`, () => {
      for (const vector of casesOf(name)) {
        const failed = firstFailure(vector);
        if (failed !== undefined)
          assert.fail(riscvFailureLines(name, vector.id, failed).join('\n'));
      }
    });
  }
});

describe('a RISC-V vector that the model does not reproduce', () => {
  const good = casesOf('riscv_s1').find(
    ({ steps: [step] }) => step?.op === 'translate' && step.answers[0]!['status'] === 'success',
  )!;

  /** The case with its first step changed. */
  function changed(change: (step: Record<string, unknown>) => void): RiscvCase {
    const steps = structuredClone(good.steps);
    change(steps[0] as unknown as Record<string, unknown>);
    return { ...good, steps };
  }

  it('names the field of the answer', () => {
    const failed = firstFailure(
      changed((step) => ((step['answers'] as Record<string, unknown>[])[0]!['pbmt'] = 1)),
    )!;
    const [title, difference] = riscvFailureLines('f.json', good.id, failed);
    assert.match(title!, /^FAILED f\.json {2}\S+ {2}step 0: translate device \d+ untranslated/);
    assert.match(difference!, /^ {2}pbmt {2}expected 1, got 0$/);
  });

  it('names the first read or write that differs', () => {
    const failed = firstFailure(changed((step) => (step['reads'] as unknown[]).pop()))!;
    assert.match(
      failed.differences[0]!.kind === 'value' ? failed.differences[0]!.field : '',
      /^reads\[\d+\]$/,
    );
    const more = firstFailure(
      changed((step) => (step['writes'] as unknown[]).push(['0x0', '0x0', '0x1'])),
    );
    assert.equal(more?.differences[0]?.kind === 'value' && more.differences[0].field, 'writes[0]');
  });
});

describe('a RISC-V vector that cannot be read', () => {
  const base = {
    id: 'x', kind: 's1', mutation: 'none', caps: '0x0', fctl: '0x0', ddtp: '0x0', bare_page_size: '0x1000', mem: [],
  }; // prettier-ignore
  const request = {
    device_id: 1, pid_valid: 0, process_id: 0, priv_req: 0, exec_req: 0, no_write: 0, at: 'untranslated', iova: '0x0', rw: 'read',
  }; // prettier-ignore

  function problem(change: object): string {
    const file = parseVectorText(JSON.stringify([{ ...base, steps: [], ...change }]));
    assert.equal(file.kind, 'riscv');
    assert.equal(file.cases.length, 0);
    assert.equal(file.problems[0]!.caseId, 'x');
    return file.problems[0]!.reason;
  }

  const translate = (change: object): string =>
    problem({ steps: [{ op: 'translate', req: { ...request, ...change }, expect: {} }] });

  it('is named with the case and the step', () => {
    assert.equal(problem({ caps: 'zero' }), 'caps "zero" is no unsigned 64-bit number');
    assert.equal(problem({ caps: 5 }), 'caps is no text');
    assert.equal(problem({ bare_page_size: '0x1800' }), 'bare_page_size is no power of two');
    assert.equal(problem({ mem: {} }), 'mem is no list');
    assert.equal(problem({ steps: [{ op: 'poke' }] }), 'step 0: unknown operation "poke"');
    assert.equal(problem({ steps: [7] }), 'step 0: step is no object');
    assert.equal(
      translate({ device_id: 2 ** 24 }),
      'step 0: device_id 16777216 is out of range 0 to 16777215',
    );
    assert.equal(translate({ rw: 'amo' }), 'step 0: rw "amo" is neither read nor write');
    assert.equal(
      translate({ at: 'somehow' }),
      'step 0: at "somehow" is none of the three address types',
    );
    assert.equal(
      translate({ iova: '0x10000000000000000' }),
      'step 0: iova "0x10000000000000000" is no unsigned 64-bit number',
    );
    assert.equal(translate({ pid_valid: 2 }), 'step 0: pid_valid 2 is neither 0 nor 1');
  });
});
