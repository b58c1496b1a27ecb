import assert from 'node:assert/strict';
import { gitDiff } from '../../tests/patch/differ.ts';
import { driverAfter, driverBefore, driverPath } from '../../tests/patch/driver.ts';
import { changeOf, seriesChange } from './applyPatch.ts';
import { pathTakenAway, type Change } from './change.ts';
import { parsePatch, parsePatches } from './parseSeries.ts';
import { changeWithoutTree } from './withoutTree.ts';

const diff = gitDiff(driverPath, driverBefore, driverAfter);

/** The change of a patch on a tree of some files; every path that was read is in `reads`. */
function on(tree: Readonly<Record<string, string>>, text: string, reads: string[] = []): Change {
  const [patch] = parsePatch(text, 'x.patch').patches;
  return changeOf(patch!, (path) => {
    reads.push(path);
    return tree[path];
  });
}

function said(change: Change): string[] {
  return change.problems.map(({ severity, line, reason }) => `${severity} ${line}: ${reason}`);
}

describe('a patch on a tree', () => {
  it('that it was made for', () => {
    const change = on({ [driverPath]: driverBefore }, diff);
    const [file] = change.files;
    assert.deepEqual(file!.before, { path: driverPath, text: driverBefore });
    assert.deepEqual(file!.after, { path: driverPath, text: driverAfter });
    assert.deepEqual(said(change), []);
    const added = driverAfter.split('\n').indexOf('\tqcap_trace(q);') + 1;
    const place = file!.map.ofAfter(added)!;
    assert.equal(diff.split('\n')[place.line - 1], '+\tqcap_trace(q);');
    assert.equal(file!.map.toBefore(added), undefined);
    assert.equal(file!.map.toBefore(added + 1), file!.map.ofAfter(added + 1)!.before);
  });

  it('where other lines stand above: the offset of each hunk', () => {
    const change = on({ [driverPath]: `/* one */\n/* two */\n${driverBefore}` }, diff);
    assert.deepEqual(
      change.files[0]!.placements.map(({ offset, fuzz, match }) => [offset, fuzz, match]),
      [
        [2, 0, 'exact'],
        [2, 0, 'exact'],
        [2, 0, 'exact'],
      ],
    );
    assert.deepEqual(said(change), []);
  });

  it('where lines were added at the end, behind a hunk that ended the file', () => {
    const after = `${driverAfter}\n/* more */\n`;
    const change = on({ [driverPath]: `${driverBefore}\n/* more */\n` }, diff);
    assert.equal(change.files[0]!.after!.text, after);
    assert.deepEqual(said(change), []);
  });

  it('whose context changed at the ends: fuzz, with a warning', () => {
    const change = on(
      {
        [driverPath]: driverBefore.replace(
          'static void qcap_stop(struct qcap *q)',
          'void qcap_stop(struct qcap *q)',
        ),
      },
      diff,
    );
    assert.equal(change.files[0]!.placements[1]!.fuzz, 2);
    assert.match(
      said(change)[0]!,
      /^warning \d+: hunk 2 of qcap_mem\.c fits only without 2 lines of context at its ends$/,
    );
  });

  it('whose context differs in white space: a warning, and the file keeps its own', () => {
    const spaced = driverBefore.replace('\tqcap_ring_exit(q);', '        qcap_ring_exit (q);');
    const change = on({ [driverPath]: spaced }, diff);
    assert.ok(change.files[0]!.after!.text.includes('        qcap_ring_exit (q);'));
    assert.match(
      said(change)[0]!,
      /hunk 3 of qcap_mem\.c fits only when white space is not compared$/,
    );
  });

  it('that has it already: the text before is made by taking it back', () => {
    const change = on({ [driverPath]: driverAfter }, diff);
    assert.equal(change.files[0]!.before!.text, driverBefore);
    assert.equal(change.files[0]!.after!.text, driverAfter);
    assert.match(said(change)[0]!, /^warning 1: .*the tree has this change already/);
  });

  it('that has a part of it: that hunk is passed over', () => {
    const part = driverBefore.replace(
      '\tqcap_ring_exit(q);\n}\n',
      '\tqcap_trace(q);\n\tqcap_ring_exit(q);\n}\n',
    );
    const change = on({ [driverPath]: part }, diff);
    assert.deepEqual(
      change.files[0]!.placements.map(({ match }) => match),
      ['exact', 'exact', 'present'],
    );
    assert.equal(change.files[0]!.after!.text, driverAfter);
    assert.match(said(change)[0]!, /^warning \d+: hunk 3 of qcap_mem\.c is in the tree already$/);
  });

  it('that it does not fit: hunk, reason and nearest match', () => {
    const other = driverBefore
      .replace('unsigned long off;\n\tint ret;\n', 'size_t off;\n\tint err;\n')
      .replaceAll('if (ret)', 'if (err)');
    const change = on({ [driverPath]: other }, diff);
    assert.deepEqual(change.files, []);
    assert.deepEqual(said(change), [
      'error 5: hunk 1 of qcap_mem.c (@@ -9,14) does not apply: line 9 has "int err;", the patch expects "int ret;"; nearest match at line 9 (2 of 14 lines differ)',
    ]);
    assert.equal(
      change.problems[0]!.help,
      'use the tree that the patch was made for, or rebase it',
    );
    assert.equal(change.problems[0]!.hunk, 1);
  });

  it('that has it already, though it would fit once more with less context', () => {
    const patch = '--- a/f.c\n+++ b/f.c\n@@ -1,2 +1,3 @@\n int a;\n+int b;\n int c;\n';
    const change = on({ 'f.c': 'int a;\nint b;\nint c;\n' }, patch);
    assert.equal(change.files[0]!.before!.text, 'int a;\nint c;\n');
    assert.equal(change.files[0]!.after!.text, 'int a;\nint b;\nint c;\n');
    assert.match(said(change)[0]!, /^warning 1: f\.c: the tree has this change already/);
    const other = on({ 'f.c': 'int a;\nint d;\n' }, patch);
    assert.equal(other.files[0]?.after?.text, 'int a;\nint b;\nint d;\n');
  });

  it('without the file', () => {
    const change = on({}, diff);
    assert.deepEqual(said(change), [
      `error 1: ${driverPath}: no such file in the tree: ${driverPath}`,
    ]);
  });

  it('creates, deletes, renames and copies', () => {
    const tree = { 'old.c': 'int old;\n', 'from.c': 'int a;\nint b;\n', 'model.c': 'int m;\n' };
    const change = on(
      tree,
      [
        gitDiff('fresh.c', undefined, 'int fresh;\n'),
        gitDiff('old.c', 'int old;\n', undefined),
        'diff --git a/from.c b/to.c\nrename from from.c\nrename to to.c\n--- a/from.c\n+++ b/to.c\n@@ -1,2 +1,2 @@\n int a;\n-int b;\n+int c;\n',
        'diff --git a/model.c b/twin.c\ncopy from model.c\ncopy to twin.c\n',
      ].join(''),
    );
    assert.deepEqual(said(change), []);
    assert.deepEqual(
      change.files.map(({ before, after }) => [before?.path, after?.path, after?.text]).sort(),
      [
        [undefined, 'fresh.c', 'int fresh;\n'],
        ['from.c', 'to.c', 'int a;\nint c;\n'],
        ['model.c', 'twin.c', 'int m;\n'],
        ['old.c', undefined, undefined],
      ].sort(),
    );
  });

  it('says what stands in the way of a new, a deleted and a renamed file', () => {
    const tree = {
      'fresh.c': 'int other;\n',
      'old.c': 'int old;\nint more;\n',
      'from.c': 'int a;\n',
      'to.c': 'int t;\n',
    };
    const change = on(
      tree,
      [
        gitDiff('fresh.c', undefined, 'int fresh;\n'),
        'diff --git a/old.c b/old.c\ndeleted file mode 100644\n--- a/old.c\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-int old;\n',
        'diff --git a/from.c b/to.c\nrename from from.c\nrename to to.c\n',
      ].join(''),
    );
    assert.deepEqual(change.files, []);
    assert.deepEqual(
      change.problems.map(({ reason }) => reason),
      [
        'fresh.c: the patch creates it, but the tree has such a file with another text',
        'old.c: the patch deletes it, but 1 line of the file is not in the patch',
        'to.c: the patch renames from.c to it, but the tree has such a file',
      ],
    );
  });

  it('two files that swap their names are refused, and named', () => {
    const change = on(
      { 'a.c': 'int a;\n', 'b.c': 'int b;\n' },
      'diff --git a/a.c b/b.c\nrename from a.c\nrename to b.c\ndiff --git a/b.c b/a.c\nrename from b.c\nrename to a.c\n',
    );
    assert.deepEqual(
      change.problems.map(({ reason }) => reason),
      [
        'b.c: the patch renames a.c to it, but the tree has such a file',
        'a.c: the patch renames b.c to it, but the tree has such a file',
      ],
    );
  });

  it('the same file twice: one change on top of the other', () => {
    const text = gitDiff('x.c', 'int a;\n', 'int b;\n') + gitDiff('x.c', 'int b;\n', 'int c;\n');
    const change = on({ 'x.c': 'int a;\n' }, text);
    assert.equal(change.files.length, 1);
    assert.equal(change.files[0]!.before!.text, 'int a;\n');
    assert.equal(change.files[0]!.after!.text, 'int c;\n');
    assert.equal(change.files[0]!.filePatches.length, 2);
  });

  it('reads nothing for paths that leave the tree, and for links', () => {
    const reads: string[] = [];
    const evil = diff.replaceAll(driverPath, '../../etc/passwd.c');
    const link = gitDiff('link.c', undefined, 'target').replace('100644', '120000');
    for (const text of [evil, link]) {
      const change = on({}, text, reads);
      assert.deepEqual(change.files, []);
      assert.match(change.problems[0]!.help!, /^nothing was read/);
    }
    assert.deepEqual(reads, []);
  });

  it('names what is not looked at, by kind', () => {
    const other = ['a.rs', 'b.rs', 'Kconfig', 'x.dts', 'head.S', 'Documentation/x.rst', 'Makefile'];
    const change = on({}, other.map((path) => gitDiff(path, 'a\n', 'b\n')).join(''));
    assert.deepEqual(
      change.notLookedAt.map(({ kind, paths }) => `${kind} ${paths.length}`),
      ['Rust 2', 'Kconfig 1', 'device tree 1', 'assembly 1', 'documentation 1', 'make 1'],
    );
    assert.deepEqual(change.problems, []);
  });
});

describe('a series on a tree', () => {
  it('each patch stands on those before it, and the whole goes from the first text to the last', () => {
    const series = parsePatches([
      { name: '1', text: gitDiff('x.c', 'int a;\n', 'int a;\nint b;\n') },
      {
        name: '2',
        text:
          gitDiff('x.c', 'int a;\nint b;\n', 'int b;\n') + gitDiff('y.c', undefined, 'int y;\n'),
      },
      { name: '3', text: gitDiff('y.c', 'int y;\n', undefined) },
    ]);
    const { patches, whole } = seriesChange(series.patches, (path) =>
      path === 'x.c' ? 'int a;\n' : undefined,
    );
    assert.deepEqual(
      patches.map(({ files }) => files.length),
      [1, 2, 1],
    );
    assert.equal(patches[1]!.files[0]!.before!.text, 'int a;\nint b;\n');
    assert.deepEqual(
      whole.files.map(({ before, after }) => [before, after]),
      [
        [
          { path: 'x.c', text: 'int a;\n' },
          { path: 'x.c', text: 'int b;\n' },
        ],
      ],
    );
    assert.deepEqual(
      whole.files[0]!.map.lines.map(({ document, kind, before, after }) => [
        document,
        kind,
        before,
        after,
      ]),
      [
        ['1', 'context', 1, undefined],
        ['1', 'added', undefined, 1],
        ['2', 'removed', 1, undefined],
        ['2', 'context', undefined, 1],
      ],
    );
  });
});

describe('the source of a copy', () => {
  const copy = 'diff --git a/model.c b/twin.c\ncopy from model.c\ncopy to twin.c\n';
  const model = 'int m;\n';
  const wholeOf = (...texts: readonly string[]): Change => {
    const series = parsePatches(texts.map((text, i) => ({ name: String(i), text })));
    return seriesChange(series.patches, (name) => (name === 'model.c' ? model : undefined)).whole;
  };

  it('stays, whatever happens to the copy later', () => {
    const later = ['int m;\nint t;\n', undefined];
    for (const text of [undefined, ...later.map((after) => gitDiff('twin.c', model, after))]) {
      const { files, problems } = wholeOf(copy, ...(text === undefined ? [] : [text]));
      assert.deepEqual(problems, []);
      assert.deepEqual(files.map(pathTakenAway), files.length === 0 ? [] : [undefined]);
    }
    const third = 'diff --git a/twin.c b/third.c\nrename from twin.c\nrename to third.c\n';
    const { files } = wholeOf(copy, third);
    assert.deepEqual(
      files.map((file) => [file.after?.path, pathTakenAway(file)]),
      [['third.c', undefined]],
    );
  });

  it('goes where a rename or a deletion takes it away', () => {
    const moved = 'diff --git a/model.c b/x.c\nrename from model.c\nrename to x.c\n';
    for (const text of [moved, gitDiff('model.c', model, undefined)]) {
      const { files } = wholeOf(copy, text);
      assert.deepEqual(files.map(pathTakenAway), [undefined, 'model.c']);
    }
  });
});

describe('a patch without a tree', () => {
  it('its hunks stand at their lines, and nothing else is there', () => {
    const [patch] = parsePatch(diff, 'x.patch').patches;
    const [file] = changeWithoutTree(patch!).files;
    assert.equal(file!.extent, 'hunks');
    const own = file!.after!.text.split('\n');
    const whole = driverAfter.split('\n');
    for (const { first, last } of file!.seen)
      assert.deepEqual(own.slice(first - 1, last), whole.slice(first - 1, last));
    assert.equal(file!.seen.length, 3);
    assert.equal(own[0], '');
    for (const line of file!.map.lines) assert.equal(file!.map.ofDocument(line), line);
  });
});
