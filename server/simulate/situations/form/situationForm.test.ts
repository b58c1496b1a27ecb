import assert from 'node:assert/strict';
import fs from 'node:fs';
import { SITUATIONS } from '../library.ts';
import { readSituation, situationSchema } from './situationForm.ts';

const read = (data: unknown): ReturnType<typeof readSituation> =>
  readSituation(JSON.stringify(data, undefined, 1));

function problems(data: unknown): string[] {
  const result = read(data);
  assert.ok(!result.ok);
  return result.problems.map(
    ({ at, reason, nearest }) => `${at.line}:${at.column} ${reason}; ${nearest}`,
  );
}

describe('readSituation', () => {
  it('reads every built-in situation as it is', () => {
    for (const spec of SITUATIONS.values()) {
      const result = read(spec);
      assert.ok(result.ok, JSON.stringify(result));
      assert.deepEqual(result.file.spec, spec);
    }
  });

  it('takes counts in hexadecimal', () => {
    const memory = [{ kind: 'ram', pages: '0x10', pfn: '0x1000' }];
    const result = read({ name: 'a', summary: 'b', memory });
    assert.ok(result.ok);
    assert.deepEqual(result.file.spec.memory, [{ kind: 'ram', pages: 16, pfn: 4096 }]);
  });

  it('names every problem with its place', () => {
    assert.deepEqual(problems({ name: 'a', summary: 'b', memori: [] }), [
      '4:2 there is no "memori" here; memory',
    ]);
    assert.deepEqual(problems({ name: 1, memory: [{ kind: 'rom', pages: -1, pfn: 0 }] }), [
      '1:1 "summary" is missing; undefined',
      '2:2 has to be text; undefined',
      '5:4 has to be ram, mmio or rsvdram; undefined',
      '6:4 has to be a whole number, or text such as "0x1000"; undefined',
    ]);
    assert.deepEqual(problems([]), ['1:1 has to be an object; undefined']);
  });

  it('knows where a subject stands', () => {
    const result = read({ name: 'a', summary: 'b', set: { 'x.y': 1 } });
    assert.ok(result.ok);
    const problem = { subject: 'x.y', reason: '', nearest: undefined };
    assert.deepEqual(result.file.placeOf(problem), { line: 5, column: 3 });
  });
});

describe('the schema of situations in docs', () => {
  it('is the one that the reader follows', () => {
    const written: unknown = JSON.parse(fs.readFileSync('docs/situation.schema.json', 'utf8'));
    assert.deepEqual(written, JSON.parse(JSON.stringify(situationSchema())));
  });
});
