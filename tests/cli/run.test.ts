import assert from 'node:assert/strict';
import path from 'node:path';
import { iovet, root } from './iovet.ts';

const TREE = path.join(root, 'test-fixtures/cfront/tree');

describe('iovet run', () => {
  const run = (...args: string[]) => iovet(['run', '--tree', TREE, ...args]);

  it('prints the result of a function', () => {
    const { code, out } = run('drivers/x/answer.c:known');
    assert.equal(code, 0);
    assert.match(out, /drivers\/x\/answer\.c:8: known\(\) {2}profile x86-64/);
    assert.match(out, /returns 42\n/);
  });

  it('says what a result rests on, path by path', () => {
    const { out } = run('--format', 'json', 'drivers/x/answer.c:asked');
    const { paths, complete } = JSON.parse(out) as {
      paths: { outcome: { kind: string; value: string }; assumptions: string[] }[];
      complete: boolean;
    };
    assert.ok(complete);
    assert.ok(paths.every(({ outcome }) => outcome.kind === 'assumed'));
    assert.ok(paths.some(({ assumptions }) => assumptions.includes('ask_device() = -12')));
  });

  it('ends with 3 under --strict where a path stopped', () => {
    const { code, out } = run('--strict', 'drivers/x/answer.c:halts');
    assert.equal(code, 3);
    assert.match(out, /stopped \(asm\): inline assembly "hlt" has no model/);
    assert.match(out, /drivers\/x\/answer\.c:22:/);
  });

  it('finds the tree above the file, from any folder', () => {
    const { code, out } = iovet(['run', 'answer.c:halts'], path.join(TREE, 'drivers/x'));
    assert.equal(code, 0);
    assert.match(out, /^drivers\/x\/answer\.c:\d+: halts\(\)/);
    assert.match(run('../../../unit.test.c:f').err, /no such file in the tree/);
  });

  it('lists situations as JSON, and knows no SARIF', () => {
    const { situations } = JSON.parse(
      iovet(['run', '--situation', 'list', '--format', 'json']).out,
    ) as { situations: { name: string }[] };
    assert.ok(situations.length > 10);
    assert.match(run('--format', 'sarif', 'drivers/x/answer.c:halts').err, /no SARIF/);
  });

  it('names what it cannot use', () => {
    for (const [operand, message] of [
      ['drivers/x/answer.c:nothing', /no function nothing is defined here/],
      ['drivers/x/none.c:f', /no such file in the tree/],
      ['drivers/x/answer.c', /names no function/],
    ] as const) {
      const { code, err } = run(operand);
      assert.equal(code, 2);
      assert.match(err, message);
    }
    assert.match(iovet(['run', '--tree', path.dirname(TREE), 'a.c:f']).err, /no kernel tree/);
  });
});
