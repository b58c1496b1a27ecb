import assert from 'node:assert/strict';
import { iovet } from './iovet.ts';

const withoutTime = (text: string): string => text.replace(/"seconds": [\d.]+/, '"seconds": 0');

describe('iovet check, determinism', () => {
  const run = (...args: string[]) =>
    iovet(['check', '--preview', '--severity', 'info', ...args, 'test-fixtures/checkers']);

  it('gives the same answer with one thread and with two, and twice', () => {
    const one = run('--format', 'json', '--jobs', '1');
    const two = run('--format', 'json', '--jobs', '2');
    const again = run('--format', 'json', '--jobs', '2');
    assert.equal(one.code, 1);
    assert.ok((JSON.parse(one.out) as { findings: unknown[] }).findings.length > 20);
    assert.equal(withoutTime(one.out), withoutTime(two.out));
    assert.equal(withoutTime(two.out), withoutTime(again.out));
  });

  it('says the same in JSON, SARIF and text', () => {
    const json = JSON.parse(run('--format', 'json').out) as {
      findings: { fingerprint: string; file: string; line: number; rule: string }[];
    };
    const sarif = JSON.parse(run('--format', 'sarif').out) as {
      runs: { results: { partialFingerprints: Record<string, string> }[] }[];
    };
    const prints = json.findings.map(({ fingerprint }) => fingerprint);
    assert.deepEqual(
      sarif.runs[0]!.results.map((result) => result.partialFingerprints['iovet/v1']),
      prints,
    );
    assert.equal(new Set(prints).size, prints.length);
    const text = [...run().out.matchAll(/^(\S+?):(\d+):\d+: .*\[([\w-]+)\]$/gm)];
    assert.deepEqual(
      text.map(([, file, line, rule]) => `${file!}:${line!} ${rule!}`),
      json.findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`),
    );
  });
});
