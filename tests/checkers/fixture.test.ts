import assert from 'node:assert/strict';
import { caretLine, readFixture, visualWidth } from './fixture.ts';

describe('fixture reader', () => {
  it('reads carets by visual column, tabs being 8 wide', () => {
    const { files } = readFixture('a.c', '\tfree_pt(d);\n//      ^^^^^^^ error[x-y]: sync first\n');
    const [mark] = files[0]!.marks;
    assert.deepEqual(mark, {
      verdict: 'error',
      subject: 'x-y',
      text: 'sync first',
      line: 1,
      codeLine: 0,
      columns: { start: 1, end: 8 },
    });
  });

  it('reads a trailing mark, and one alone before its line', () => {
    const { files } = readFixture('a.c', '\tf(); // ok[x]: because\n\t// error[x]\n\tg();\n');
    assert.deepEqual(
      files[0]!.marks.map((mark) => [mark.verdict, mark.codeLine, mark.columns]),
      [
        ['ok', 0, undefined],
        ['error', 2, undefined],
      ],
    );
  });

  it('keeps prose and ordinary comments out', () => {
    const { files } = readFixture('a.c', '// Prose says error in the middle.\nint a; // plain\n');
    assert.deepEqual(files[0]!.marks, []);
  });

  it('splits files and reads the kernel version', () => {
    const fixture = readFixture(
      'a.c',
      '//! kernel: 6.1\nint a;\n//- drivers/x/b.h\nint b; // ok[x]: y\n',
    );
    assert.equal(fixture.kernel, '6.1');
    assert.deepEqual(
      fixture.files.map((file) => [file.path, file.firstLine, file.marks.length]),
      [
        ['a.c', 0, 0],
        ['drivers/x/b.h', 3, 1],
      ],
    );
  });

  it('refuses carets inside a tab, and verdicts without a reason', () => {
    assert.throws(() => readFixture('a.c', '\tf();\n//   ^^^ error[x]: y\n'), /a\.c:2: .*tab/);
    assert.throws(() => readFixture('a.c', 'f(); // ok[x]\n'), /a\.c:1: ok needs a reason/);
  });

  it('writes the caret line it reads', () => {
    const code = '\treturn ret;';
    const line = caretLine(code, { start: 8, end: 11 }, 'error[x]: y');
    assert.equal(visualWidth(line!.slice(0, line!.indexOf('^'))), 15);
    const { files } = readFixture('a.c', `${code}\n${line!}\n`);
    assert.deepEqual(files[0]!.marks[0]!.columns, { start: 8, end: 11 });
  });
});
