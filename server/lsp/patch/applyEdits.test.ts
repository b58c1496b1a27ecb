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

/** What a client makes of the first file. */
function applied(before: string, edits: ApplyEdits): string {
  const document = TextDocument.create('file:///x', 'c', 1, before);
  return TextDocument.applyEdits(
    document,
    edits.files[0]!.edits.map(({ range, text }) => ({ range, newText: text })),
  );
}

const editsFor = (
  patch: string,
  files: Readonly<Record<string, string>>,
  index: number | null = null,
): ApplyEdits => {
  // prettier-ignore
  const { patches } = parsePatch(patch, 'x.patch');
  const change = seriesChange(patches, (name) => files[name]);
  return applyEdits(change, index, (name) => `tree:${name}`)!;
};

describe('applying a patch in the editor', () => {
  it('makes of each file what the patch makes of it, patch by patch and as a whole', () => {
    const { patches } = parsePatch(mbox, 'x.mbox');
    const change = seriesChange(patches, (name) => (name === driver ? example : undefined));
    for (const index of [0, 1, 2, null]) {
      const of = index === null ? change.whole : change.patches[index]!;
      const edits = applyEdits(change, index, (name) => name)!;
      const [file] = of.files;
      assert.equal(applied(file!.before!.text, edits), file!.after!.text);
    }
    const whole = applyEdits(change, null, (name) => `tree:${name}`)!;
    assert.ok(whole.files[0]!.edits.length >= 4, 'lines that stay are not touched');
    assert.equal(whole.files[0]!.before, `tree:${driver}`);
    assert.deepEqual(whole.leftOut, ['drivers/accel/qcap/Kconfig']);
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
      assert.equal(applied(before, editsFor(patch, { 'f.c': before })), after);
    }
    const created = editsFor('--- /dev/null\n+++ b/f.c\n@@ -0,0 +1,2 @@\n+a\n+b\n', {});
    assert.deepEqual([created.files[0]!.before, created.files[0]!.after], [null, 'tree:f.c']);
    assert.equal(applied('', created), 'a\nb\n');
    const deleted = editsFor('--- a/f.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n', {
      'f.c': 'a\nb\n',
    });
    assert.deepEqual(deleted.files, [{ before: 'tree:f.c', after: null, edits: [] }]);
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
