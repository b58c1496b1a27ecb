import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { iovet } from './iovet.ts';

describe('iovet check, input', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-check-'));
  const write = (name: string, content: string | Uint8Array): string => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
    return name;
  };
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('refuses a path that does not exist, and says what paths are relative to', () => {
    const { code, out, err } = iovet(['check', 'none.c'], folder);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.equal(
      err,
      'iovet: none.c: no such file\n  help: paths are relative to the current folder, not to --tree\n',
    );
  });

  it('checks the other files that were named, and ends with 2', () => {
    const file = write('there.c', 'int f(void) { return 0; }\n');
    const { code, out, err } = iovet(['check', 'none.c', file], folder);
    assert.equal(code, 2);
    assert.match(err, /^iovet: none\.c: no such file\n {2}help: paths are relative/);
    assert.match(out, /0 of 1 file mentions/);
  });

  it('names the nearest rule, a bad version and a bad tree', () => {
    const file = write('empty.c', '');
    assert.match(
      iovet(['check', '--rules', 'unused-supression', file], folder).err,
      /^iovet: no rule named unused-supression\n {2}help: nearest: unused-suppression; all: iovet rules\n$/,
    );
    assert.match(
      iovet(['check', '--kernel', 'new', file], folder).err,
      /--kernel new: not a version/,
    );
    assert.match(iovet(['check', '--tree', '.', file], folder).err, /--tree \.: no kernel tree/);
  });

  it('says that a binary file is no text, and reviews the others', () => {
    write('blob.c', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]));
    write('good.c', 'int f(void)\n{\n\treturn 0;\n}\n');
    const { code, out, err } = iovet(['check', 'blob.c', 'good.c'], folder);
    assert.equal(code, 2);
    assert.equal(
      err,
      'iovet: blob.c: not text (NUL at byte 5)\n  help: binary files are skipped in a folder; drop it from the list\n',
    );
    assert.match(out, /^nothing to analyse: 0 of 2 files/);
  });

  it('counts files of other languages in a folder, and skips and names kunit and selftests', () => {
    write('tree/a.rs', '');
    write('tree/Kconfig', '');
    write('tree/x_kunit.c', 'int dma_map_single;\n');
    write('tree/deep/plain.c', 'int x;\n');
    const { code, out } = iovet(['check', 'tree'], folder);
    assert.equal(code, 0);
    assert.match(out, /nothing to analyse: 0 of 1 file mentions DMA or IOMMU interfaces; /);
    assert.match(out, /1 Rust/);
    assert.match(out, /1 Kconfig/);
    assert.match(out, /1 kunit or selftest/);
  });

  it('does not follow links that form a loop', () => {
    write('loop/a.c', 'int x;\n');
    fs.symlinkSync('..', path.join(folder, 'loop/up'));
    fs.symlinkSync('self.c', path.join(folder, 'loop/self.c'));
    const { code, out } = iovet(['check', 'loop'], folder);
    assert.equal(code, 0);
    assert.match(out, /not analysed: .*self\.c: a symbolic link that leads nowhere/);
  });

  it('takes paths from standard input', () => {
    write('listed.c', 'int x;\n');
    const { code, out } = iovet(['check', '--files-from', '-'], folder, 'listed.c\r\n\n');
    assert.equal(code, 0);
    assert.match(out, /0 of 1 file mentions/);
  });
});
