import assert from 'node:assert/strict';
import { parsePatch } from '../parseSeries.ts';
import type { FilePatch } from '../patch.ts';
import { unsafePath, unquotePath } from './paths.ts';

const hunk = '@@ -1 +1 @@\n-a\n+b\n';

function filesOf(diff: string): readonly FilePatch[] {
  return parsePatch(diff, 'x.patch').patches.flatMap(({ files }) => files);
}

/** What a file patch says of itself, without its hunks and place. */
function facts({ kind, oldPath, newPath, oldMode, newMode }: FilePatch): string {
  const modes = oldMode === newMode ? (oldMode ?? '') : `${oldMode ?? ''}>${newMode ?? ''}`;
  return [kind, oldPath ?? '-', newPath ?? '-', modes].join(' ').trim();
}

describe('file headers', () => {
  const cases: readonly [string, string, string][] = [
    [
      'a git diff',
      `diff --git a/d/x.c b/d/x.c\nindex 1111..2222 100644\n--- a/d/x.c\n+++ b/d/x.c\n${hunk}`,
      'modify d/x.c d/x.c 100644',
    ],
    [
      'a git diff without prefixes',
      `diff --git d/x.c d/x.c\n--- d/x.c\n+++ d/x.c\n${hunk}`,
      'modify d/x.c d/x.c',
    ],
    [
      'mnemonic prefixes',
      `diff --git i/x.c w/x.c\n--- i/x.c\n+++ w/x.c\n${hunk}`,
      'modify x.c x.c',
    ],
    [
      'a plain diff with time stamps',
      `--- linux.orig/d/x.c\t2026-11-19 10:02:11.000000000 +0000\n+++ linux/d/x.c\t2026-11-19 10:03:11.0 +0000\n${hunk}`,
      'modify d/x.c d/x.c',
    ],
    [
      'quilt',
      `Index: linux/x.c\n===================================================================\n--- linux.orig/x.c\n+++ linux/x.c\n${hunk}`,
      'modify x.c x.c',
    ],
    [
      'a new file',
      `diff --git a/x.c b/x.c\nnew file mode 100644\nindex 0000000..2222222\n--- /dev/null\n+++ b/x.c\n@@ -0,0 +1 @@\n+b\n`,
      'create - x.c >100644',
    ],
    [
      'a new empty file',
      'diff --git a/x.c b/x.c\nnew file mode 100644\nindex 0000000..e69de29\n',
      'create - x.c >100644',
    ],
    [
      'a new file by its time stamp',
      `--- a/x.c\t1970-01-01 01:00:00.000000000 +0100\n+++ b/x.c\t2026-11-19 10:02:11.0 +0100\n@@ -0,0 +1 @@\n+b\n`,
      'create - x.c',
    ],
    [
      'a new file by its time stamp in UTC',
      `--- a/x.c\t1970-01-01 00:00:00.000000000 +0000\n+++ b/x.c\t2026-11-19 10:02:11.0 +0000\n@@ -0,0 +1 @@\n+b\n`,
      'create - x.c',
    ],
    [
      'a deleted file',
      `diff --git a/x.c b/x.c\ndeleted file mode 100644\n--- a/x.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n`,
      'delete x.c - 100644>',
    ],
    [
      'a rename',
      'diff --git a/x.c b/y.c\nsimilarity index 100%\nrename from x.c\nrename to y.c\n',
      'rename x.c y.c',
    ],
    [
      'a rename with changes',
      `diff --git a/x.c b/y.c\nsimilarity index 90%\nrename from x.c\nrename to y.c\n--- a/x.c\n+++ b/y.c\n${hunk}`,
      'rename x.c y.c',
    ],
    [
      'a copy',
      'diff --git a/x.c b/y.c\nsimilarity index 100%\ncopy from x.c\ncopy to y.c\n',
      'copy x.c y.c',
    ],
    [
      'a change of mode',
      'diff --git a/x.sh b/x.sh\nold mode 100644\nnew mode 100755\n',
      'mode x.sh x.sh 100644>100755',
    ],
    [
      'a change of mode and text',
      `diff --git a/x.sh b/x.sh\nold mode 100644\nnew mode 100755\n--- a/x.sh\n+++ b/x.sh\n${hunk}`,
      'modify x.sh x.sh 100644>100755',
    ],
    [
      'a binary notice',
      'diff --git a/x.bin b/x.bin\nindex 1111..2222 100644\nBinary files a/x.bin and b/x.bin differ\n',
      'binary x.bin x.bin 100644',
    ],
    [
      'a binary notice of diff',
      'Binary files old/x.bin and new/x.bin differ\n',
      'binary x.bin x.bin',
    ],
    [
      'a binary patch',
      'diff --git a/x.bin b/x.bin\nGIT binary patch\nliteral 3\nKcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n',
      'binary x.bin x.bin',
    ],
    [
      'a path with spaces',
      `diff --git a/d e/x y.c b/d e/x y.c\n--- a/d e/x y.c\t\n+++ b/d e/x y.c\t\n${hunk}`,
      'modify d e/x y.c d e/x y.c',
    ],
    [
      'a quoted path',
      `diff --git "a/\\303\\244.c" "b/\\303\\244.c"\n--- "a/\\303\\244.c"\n+++ "b/\\303\\244.c"\n${hunk}`,
      'modify ä.c ä.c',
    ],
  ];
  for (const [name, diff, expected] of cases)
    it(name, () => {
      assert.deepEqual(filesOf(diff).map(facts), [expected]);
    });

  it('modes alone, of a path with spaces, come from the two equal halves of the line', () => {
    const [file] = filesOf('diff --git a/d e/x b/d e/x\nold mode 100644\nnew mode 100755\n');
    assert.equal(file!.newPath, 'd e/x');
  });

  it('several files, each with its line and its hunks', () => {
    const text = `--- a/x.c\n+++ b/x.c\n${hunk}@@ -9 +9 @@ int f(void)\n-c\n+d\n--- a/y.c\n+++ b/y.c\n${hunk}`;
    const files = filesOf(text);
    assert.deepEqual(
      files.map(({ line, hunks }) => [line, hunks.map((each) => each.line)]),
      [
        [1, [3, 6]],
        [9, [11]],
      ],
    );
    assert.equal(files[0]!.hunks[1]!.section, 'int f(void)');
  });

  it('the combined diff of a merge is not read, and said so', () => {
    const series = parsePatch(
      'diff --cc x.c\nindex 1,2..3\n--- a/x.c\n+++ b/x.c\n@@@ -1,1 -1,1 +1,1 @@@\n- a\n -b\n++c\n',
      'x.patch',
    );
    assert.deepEqual(
      series.problems.map(({ reason }) => reason),
      ['x.c: the combined diff of a merge is not read'],
    );
  });

  it('a context diff is not read, and said so', () => {
    const { problems } = parsePatch(
      '*** x.c\n--- x.c\n***************\n*** 1,1 ****\n! a\n--- 1,1 ----\n! b\n',
      'x.patch',
    );
    assert.match(problems[0]!.reason, /^a context diff/);
  });
});

describe('paths of a patch', () => {
  it('below the tree are used', () => {
    for (const path of ['a.c', 'a/b.c', 'a..b/c', '...', 'a b', 'ä'])
      assert.equal(unsafePath(path), undefined, path);
  });

  const refused: readonly [string, RegExp][] = [
    ['../../etc/passwd', /^path "\.\.\/\.\.\/etc\/passwd" leaves the tree$/],
    ['a/../b.c', /leaves the tree/],
    ['a\\..\\b.c', /leaves the tree/],
    ['/etc/passwd', /is absolute/],
    ['\\\\host\\x', /is absolute/],
    ['C:\\x', /is absolute/],
    ['a\0b', /holds a NUL/],
    ['.git/config', /repository's own folder/],
    ['', /^an empty path$/],
    ['x'.repeat(5000), /longer than 4096/],
  ];
  for (const [path, reason] of refused)
    it(`${JSON.stringify(path.slice(0, 30))} is refused`, () => {
      assert.match(unsafePath(path)!, reason);
    });

  it('quoted by git are read, bytes that are no UTF-8 too', () => {
    assert.deepEqual(unquotePath('"a\\tb\\\\\\"" x'), { path: 'a\tb\\"', end: 10 });
    assert.deepEqual(unquotePath('"\\377"'), { path: '\u00ff', end: 6 });
    assert.equal(unquotePath('"open'), undefined);
    assert.equal(unquotePath('plain'), undefined);
  });
});
