import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { seriesChange } from '../../patch/applyPatch.ts';
import { parsePatch } from '../../patch/parseSeries.ts';
import type { ApplyEdits } from '../messages.ts';
import { applyEdits } from './applyEdits.ts';

const workspace = path.resolve(import.meta.dirname, '../../../../test-fixtures/workspace');
const driver = 'drivers/accel/qcap/qcap_mem.c';
const example = fs.readFileSync(path.join(workspace, driver), 'utf8');
const mbox = fs.readFileSync(path.join(workspace, 'qcap-doorbell.mbox'), 'utf8');

/** The files of a tree by path. */
type Tree = Readonly<Record<string, string>>;

/** What a client makes of a tree, step by step; it refuses what an editor refuses. */
function applied(tree: Tree, { files }: ApplyEdits): Tree {
  const texts = new Map(Object.entries(tree));
  for (const { before, after, edits } of files) {
    if (before === null) assert.ok(after !== null && !texts.has(after), `${after} exists`);
    else assert.ok(texts.has(before), `there is no ${before}`);
    const text = before === null ? '' : texts.get(before)!;
    if (before !== null && before !== after) texts.delete(before);
    if (after === null) continue;
    assert.ok(before === after || !texts.has(after), `${after} exists`);
    const document = TextDocument.create('file:///x', 'c', 1, text);
    const wanted = edits.map((edit) => ({ range: edit.range, newText: edit.text }));
    texts.set(after, TextDocument.applyEdits(document, wanted));
  }
  return Object.fromEntries([...texts].sort());
}

const editsFor = (patch: string, tree: Tree, only?: number): ApplyEdits => {
  const { patches } = parsePatch(patch, 'x.patch');
  const read = (name: string): string | undefined => tree[name];
  const wanted = only === undefined ? patches : patches.slice(only, only + 1);
  return applyEdits(seriesChange(wanted, read).whole, read, (name) => name);
};

const edited = (name: string, removed: string, added: string): string =>
  `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n@@ -1,1 +1,1 @@\n-${removed}\n+${added}\n`;

const moved = (kind: 'copy' | 'rename', from: string, to: string): string =>
  `diff --git a/${from} b/${to}\n${kind} from ${from}\n${kind} to ${to}\n`;

/** Mails of a series with these diffs. */
const seriesOf = (...diffs: readonly string[]): string =>
  diffs
    .map(
      (diff, i) =>
        `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\nSubject: [PATCH ${i + 1}/${diffs.length}] x\n\n---\n${diff}-- \n2.0\n\n`,
    ) // prettier-ignore
    .join('');

describe('applying a patch in the editor', () => {
  it('makes of each file what the patch makes of it, patch by patch and as a whole', () => {
    const { patches } = parsePatch(mbox, 'x.mbox');
    const change = seriesChange(patches, (name) => (name === driver ? example : undefined));
    const whole = editsFor(mbox, { [driver]: example });
    const after = change.whole.files[0]!.after!.text;
    assert.deepEqual(applied({ [driver]: example }, whole), { [driver]: after });
    assert.ok(whole.files[0]!.edits.length >= 4, 'lines that stay are not touched');
    assert.deepEqual(whole.leftOut, ['drivers/accel/qcap/Kconfig']);
    let tree: Tree = { [driver]: example };
    for (const index of [0, 1, 2]) tree = applied(tree, editsFor(mbox, tree, index));
    assert.deepEqual(tree, { [driver]: after });
  });

  it('follows files that come, go, or lose the newline at their end', () => {
    const hunk = (text: string): string => `--- a/f.c\n+++ b/f.c\n${text}`;
    const cases: [string, string, string][] = [
      ['a\nb', hunk('@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n'), 'a\nb\n'],
      ['a\nb\n', hunk('@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n'), 'a\nb'],
      ['a\nb', hunk('@@ -1,2 +1,3 @@\n+c\n a\n b\n\\ No newline at end of file\n'), 'c\na\nb'],
      ['a\nb\n', hunk('@@ -1,2 +1,1 @@\n-a\n b\n'), 'b\n'],
    ];
    for (const [before, patch, after] of cases) {
      assert.deepEqual(applied({ 'f.c': before }, editsFor(patch, { 'f.c': before })), {
        'f.c': after,
      });
    }
    const created = editsFor('--- /dev/null\n+++ b/f.c\n@@ -0,0 +1,2 @@\n+a\n+b\n', {});
    assert.deepEqual([created.files[0]!.before, created.files[0]!.after], [null, 'f.c']);
    assert.deepEqual(applied({}, created), { 'f.c': 'a\nb\n' });
    const deleted = editsFor('--- a/f.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n', {
      'f.c': 'a\nb\n',
    });
    assert.deepEqual(deleted.files, [{ before: 'f.c', after: null, edits: [] }]);
  });

  it('leaves the source of a copy where it is', () => {
    const tree = { 'model.c': 'int m;\n' };
    const copy = moved('copy', 'model.c', 'twin.c');
    assert.deepEqual(applied(tree, editsFor(copy, tree)), { ...tree, 'twin.c': 'int m;\n' });
    const whole = [
      // The copy is changed, renamed, deleted by a later patch: its source still stays.
      seriesOf(copy, edited('twin.c', 'int m;', 'int t;')),
      seriesOf(copy, moved('rename', 'twin.c', 'third.c')),
      seriesOf(copy, edited('twin.c', 'int m;', '').replace('+++ b/twin.c', '+++ /dev/null').replace('+1,1 @@', '+0,0 @@').replace('\n+\n', '\n')), // prettier-ignore
      seriesOf(moved('rename', 'model.c', 'moved.c'), moved('copy', 'moved.c', 'twin.c')),
    ].map((patch) => applied(tree, editsFor(patch, tree)));
    assert.deepEqual(whole, [
      { 'model.c': 'int m;\n', 'twin.c': 'int t;\n' },
      { 'model.c': 'int m;\n', 'third.c': 'int m;\n' },
      tree,
      { 'moved.c': 'int m;\n', 'twin.c': 'int m;\n' },
    ]);
  });

  it('renames once, also where files change places', () => {
    const tree = { 'a.c': 'int a;\n', 'b.c': 'int b;\n' };
    const swap = seriesOf(
      moved('rename', 'a.c', 'x.c'),
      moved('rename', 'b.c', 'a.c'),
      moved('rename', 'x.c', 'b.c'),
    );
    assert.deepEqual(applied(tree, editsFor(swap, tree)), { 'a.c': 'int b;\n', 'b.c': 'int a;\n' });
    const rename = editsFor(moved('rename', 'a.c', 'x.c'), tree);
    assert.deepEqual(rename.files, [{ before: 'a.c', after: 'x.c', edits: [] }]);
  });

  it('changes what the tree has, not what it had before the patch', () => {
    // The first patch is there already; its text before is made by taking it back.
    const patch = seriesOf(
      '--- a/f.c\n+++ b/f.c\n@@ -1,3 +1,3 @@\n a\n-b\n+two\n+more\n c\n'.replace('+1,3', '+1,4'),
      '--- a/f.c\n+++ b/f.c\n@@ -3,2 +3,2 @@\n more\n-c\n+three\n',
    );
    const half = { 'f.c': 'a\ntwo\nmore\nc\n' };
    const done = { 'f.c': 'a\ntwo\nmore\nthree\n' };
    assert.deepEqual(editsFor(patch, half).problems, []);
    assert.deepEqual(applied(half, editsFor(patch, half)), done);
    assert.deepEqual(editsFor(patch, half, 0).files, []);
    const created = '--- /dev/null\n+++ b/f.c\n@@ -0,0 +1,1 @@\n+a\n';
    assert.deepEqual(editsFor(created, { 'f.c': 'a\n' }).files, []);
  });

  it('applies one patch of a series to the tree as it is, never to one that the others would make', () => {
    const patch = seriesOf(
      '--- a/f.c\n+++ b/f.c\n@@ -0,0 +1,2 @@\n+new\n+lines\n'.replace('-0,0', '-1,1').replace('+1,2', '+1,3') + ' a\n', // prettier-ignore
      '--- a/f.c\n+++ b/f.c\n@@ -3,3 +3,3 @@\n a\n b\n-c\n+three\n',
    );
    const tree = { 'f.c': 'a\nb\nc\n' };
    assert.deepEqual(applied(tree, editsFor(patch, tree, 1)), { 'f.c': 'a\nb\nthree\n' });
  });

  it('counts lines as editors do, and keeps the line ends of the file', () => {
    const tree = { 'f.c': 'form\rfeed\na\nb\n' };
    const patch = '--- a/f.c\n+++ b/f.c\n@@ -2,2 +2,2 @@\n a\n-b\n+c\n';
    assert.deepEqual(applied(tree, editsFor(patch, tree)), { 'f.c': 'form\rfeed\na\nc\n' });
    const dos = { 'f.c': 'a\r\nb\r\nd\r\n' };
    const edits = editsFor('--- a/f.c\n+++ b/f.c\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n', dos);
    assert.equal(edits.files[0]?.edits.length, 1);
    assert.equal(edits.files[0].edits[0]!.range.start.line, 1);
  });

  it('is refused as a whole where one hunk does not apply, and says which', () => {
    const edits = editsFor(mbox, {
      [driver]: example.replace('pool->used >= pool->max', 'full(pool)'),
    });
    assert.deepEqual(edits.files, []);
    assert.match(edits.problems[0]!.text, /hunk 2 of qcap_mem\.c .*does not apply/);
    assert.equal(mbox.split('\n')[edits.problems[0]!.line], '@@ -105,8 +105,10 @@ static int qcap_copy(struct qcap_pool *pool, void *src, void *dst, size_t len)'); // prettier-ignore
  });
});
