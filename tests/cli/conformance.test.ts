import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { iovet, root } from './iovet.ts';

const vectors = path.join(root, 'test-fixtures/vectors');

describe('iovet conformance', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-vectors-'));
  const mali = gunzipSync(
    fs.readFileSync(path.join(vectors, 'generic_pt/arm_mali_lpae.json.gz')),
  ).toString();
  const write = (name: string, content: string | Uint8Array): void => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  };
  const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('runs a folder of compressed files and counts', () => {
    const { code, out, err } = iovet(['conformance', vectors]);
    assert.equal(err, '');
    assert.match(lastLine(out)!, /^\d+ passed, 0 failed, \d+ skipped$/);
    assert.match(out, /SKIPPED .*amd_v1_linux6\.12.* 6 cases: /);
    assert.equal(code, 0);
  });

  it('reads by content: plain and compressed files under any name', () => {
    write('a/plain', mali);
    write('a/packed', gzipSync(mali));
    const { code, out } = iovet(['conformance', 'a/plain', 'a/packed'], folder);
    assert.equal(out, '8 passed, 0 failed\n');
    assert.equal(code, 0);
  });

  it('shows the first step that differs and ends with 1', () => {
    write('b/wrong.json', mali.replace('"mapped":"0x2000"', '"mapped":"0x3000"'));
    const { code, out } = iovet(['conformance', 'b'], folder);
    assert.match(out, /^FAILED b\/wrong\.json {2}arm_mali_lpae\/\S+ {2}op \d+: map_pages iova /);
    assert.match(out, /\n {2}mapped {2}expected 0x3000, got 0x2000\n3 passed, 1 failed\n$/);
    assert.equal(code, 1);
  });

  it('says what is wrong with bad files, runs the others and ends with 2', () => {
    write('c/cut.json', mali.slice(0, 9000));
    write('c/cut.json.gz', gzipSync(mali).subarray(0, 2000));
    write('c/good.json', mali);
    write('c/other.json', '{"schema":"generic-pt-oracle/7","cases":[]}');
    write('c/range.json', mali.replace('"prot":3', '"prot":99'));
    const { code, out, err } = iovet(['conformance', 'c'], folder);
    assert.match(err, /iovet: c\/cut\.json: arm_mali_lpae\/\S+: the file is cut off in or after/);
    assert.match(err, /iovet: c\/cut\.json\.gz: compressed data is cut off or damaged\n/);
    assert.match(err, /iovet: c\/other\.json: schema version 7 is unknown; version 1 is read\n/);
    assert.match(err, /c\/range\.json: arm_mali_lpae\/\S+: op \d+: map_pages: prot 99 is out of/);
    assert.equal(lastLine(out), '7 passed, 0 failed');
    assert.equal(code, 2);
  });

  it('of every shape of vector file: cut off, of the wrong kind, out of range', () => {
    // One case of each shape, small enough to be read here.
    const one = (file: string): Record<string, unknown>[] => {
      const text = gunzipSync(fs.readFileSync(path.join(vectors, file))).toString();
      const data = JSON.parse(text) as unknown;
      const cases = Array.isArray(data) ? data : (data as { cases: unknown[] }).cases;
      return [cases[0] as Record<string, unknown>];
    };
    const shapes: Readonly<Record<string, (cases: unknown) => unknown>> = {
      'generic_pt/vtdss.json.gz': (cases) => ({ schema: 'generic-pt-oracle/1', cases }),
      'riscv-iommu/kernel73_scenarios.json.gz': (cases) => cases,
      'riscv-iommu/riscv_s1.json.gz': (cases) => cases,
      'riscv-iommu/kernel73_riscv64.json.gz': (cases) => cases,
      'riscv-iommu/riscv_inval_seq.json.gz': (cases) => cases,
    };
    for (const [n, [file, wrap]] of Object.entries(shapes).entries()) {
      const cases = one(file);
      const id = String(cases[0]!['id']);
      const plain = JSON.stringify(wrap(cases));
      const at = `e${n}`;
      write(`${at}/a-cut.json`, plain.slice(0, -20));
      const steps = cases[0]!['ops'] === undefined ? 'steps' : 'ops';
      write(
        `${at}/b-kind.json`,
        JSON.stringify(wrap([cases[0], { ...cases[0], id: 'second', [steps]: 7 }])),
      );
      write(`${at}/c-range.json`, plain.replace(/0x[0-9a-f]+/, '0x1ffffffffffffffff'));
      write(`${at}/d-empty.json`, '');
      write(`${at}/e-other.json`, '[{"neither":"this nor that"}]');
      write(`${at}/f-good.json`, plain);
      const { code, out, err } = iovet(['conformance', at], folder);
      const line = (name: string): string | undefined => err.split('\n').find((text) => text.startsWith(`iovet: ${at}/${name}`)); // prettier-ignore
      assert.ok(line('a-cut.json')?.includes(`${id}: the file is cut off in or after this case`), `${file}: ${err}`); // prettier-ignore
      assert.ok(line('b-kind.json')?.includes('second: '), `${file}: ${err}`);
      assert.ok(line('c-range.json')?.includes(`${id}: `), `${file}: ${err}`);
      assert.match(line('d-empty.json')!, /no valid JSON$/);
      assert.match(line('e-other.json')!, /no vector file of a known shape$/);
      assert.ok(!/\bat \S+:\d+:\d+/.test(err), 'no stack');
      assert.equal(lastLine(out), '2 passed, 0 failed', `${file}: ${out}`);
      assert.equal(code, 2);
    }
  });

  it('answers in JSON, with nothing else on standard output', () => {
    write('d/wrong.json', mali.replace('"mapped":"0x2000"', '"mapped":"0x3000"'));
    const { out } = iovet(['conformance', '--format', 'json', 'd'], folder);
    const answer = JSON.parse(out) as Record<string, unknown>;
    assert.equal(answer['failed'], 1);
    const [failure] = answer['failures'] as { file: string; differences: unknown[] }[];
    assert.equal(failure!.file, 'd/wrong.json');
    assert.deepEqual(failure!.differences[0], {
      kind: 'value',
      field: 'mapped',
      expected: '0x3000',
      got: '0x2000',
    });
  });

  it('refuses what it cannot use', () => {
    assert.match(iovet(['conformance']).err, /^iovet: conformance: nothing named\n/);
    assert.match(iovet(['conformance', 'nowhere'], folder).err, /^iovet: nowhere: no such file\n/);
  });
});

describe('iovet decode', () => {
  it('prints an entry field by field', () => {
    const { code, out } = iovet(['decode', 'vtdss', '0x40000083']);
    assert.equal(
      out,
      [
        '0x40000083: 2 MiB leaf to 0x40000000, read and write (vtdss, level 1)',
        '|63:52| 51:12 |11 |10|9|8|7 |6:2|1|0|',
        '|  .  |  OA   |SNP|. |D|A|PS| . |W|R|',
        '|  0  |0x40000| 0 |0 |0|0|1 | 0 |1|1|',
        '  OA   51:12  0x40000',
        '  SNP  11     0  not snooped by force',
        '  D    9      0  not dirty',
        '  A    8      0  not accessed',
        '  PS   7      1  leaf',
        '  W    1      1  write',
        '  R    0      1  read',
        'level 2: 1 GiB leaf, same address',
        'not an entry that the kernel writes at level 0, 3, 4',
        '',
      ].join('\n'),
    );
    assert.equal(code, 0);
  });

  it('reads contiguous sizes, encryption bits, granules and levels', () => {
    const first = (...args: string[]): string => iovet(['decode', ...args]).out.split('\n')[0]!;
    assert.match(first('amdv1', '0x70000cb95afffe01'), /: 32 MiB leaf to 0xcb95a000000, read and/);
    assert.match(
      first('amdv1', '0x7008000001234001', '--sme', '0x8000000000000'),
      /: 4 KiB leaf to 0x1234000, read and write \(amdv1, level 0\)$/,
    );
    assert.match(first('amdv1', '0x6000000100001401'), /: table of level 1 at 0x100001000 \(/);
    assert.match(
      first('arm_64_lpae_s1', '0x20000ec1', '--granule', '64K'),
      /: 512 MiB leaf to 0x20000000, read \(arm_64_lpae_s1, level 1\)$/,
    );
    assert.match(first('vtdss', '0'), /^0x0: empty \(vtdss, level 0\)$/);
    assert.match(first('vtdss', '0x40000083', '--level', '2'), /: 1 GiB leaf to 0x40000000/);
  });

  it('answers in JSON', () => {
    const answer = JSON.parse(
      iovet(['decode', 'riscv_64', '0x200000df', '--format', 'json']).out,
    ) as {
      kind: string;
      address: string;
      fields: { name: string; value: unknown }[];
    };
    assert.equal(answer.kind, 'leaf');
    assert.equal(answer.address, '0x80000000');
    assert.deepEqual(answer.fields.find(({ name }) => name === 'PPN')?.value, '0x80000');
  });

  it('lists the formats, and says what it cannot read', () => {
    assert.match(iovet(['decode']).out, /^amdv1\namdv1_mock\n/);
    for (const [args, message] of [
      [['amd_v1', '0x1'], /^iovet: decode amd_v1: no such format\n {2}help: nearest: amdv1;/],
      [['amdv1', 'x'], /^iovet: decode: x is no 64-bit number\n/],
      [['amdv1'], /^iovet: decode: name a format and one value\n/],
      [['amdv1', '1', '--level', '6'], /^iovet: --level 6: no level of amdv1\n/],
      [['amdv1', '1', '--sme', 'z'], /^iovet: --sme z: not one bit of 32 to 51\n/],
    ] as const) {
      const { code, err } = iovet(['decode', ...args]);
      assert.match(err, message);
      assert.equal(code, 2);
    }
  });
});
