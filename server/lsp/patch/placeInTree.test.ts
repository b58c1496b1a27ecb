import assert from 'node:assert/strict';
import { seriesChange } from '../../patch/applyPatch.ts';
import { parsePatches } from '../../patch/parseSeries.ts';
import { linksOf } from './links.ts';
import { afterLocation } from './patchDiagnostics.ts';
import { placeInTree } from './placeInTree.ts';

describe('places of patched files in the tree', () => {
  const tree = new Map([
    ['a.c', '// two more lines\n// above\nint a;\nint b;\nint c;\n'],
    ['other.c', 'int o;\n'],
  ]);
  const texts = [
    // The tree has two lines more than the patch says.
    '--- a/a.c\n+++ b/a.c\n@@ -1,3 +1,5 @@\n int a;\n+int x;\n+int y;\n int b;\n int c;\n',
    'diff --git a/a.c b/moved.c\nrename from a.c\nrename to moved.c\n--- a/a.c\n+++ b/moved.c\n@@ -3,3 +3,2 @@\n int y;\n-int b;\n int c;\n',
    '--- a/other.c\n+++ b/other.c\n@@ -1,1 +1,1 @@\n-int o;\n+int p;\n',
  ];
  const document = texts.join('');
  const lines = document.split('\n');
  const series = parsePatches(texts.map((text, i) => ({ name: String(i), text })));
  const change = seriesChange(series.patches, (name) => tree.get(name));

  it('are found back through all patches that moved them', () => {
    assert.deepEqual(change.whole.problems, []);
    const after = (patch: number | null, path: string, line: number): string => {
      const place = placeInTree(change, { patch, side: 'after' }, { path, line });
      return place === undefined ? 'none' : `${place.path}:${place.line}`;
    };
    assert.equal(after(0, 'a.c', 7), 'a.c:5');
    assert.equal(after(1, 'moved.c', 6), 'a.c:5');
    assert.equal(after(2, 'moved.c', 6), 'a.c:5', 'a patch that leaves the file alone');
    assert.equal(after(null, 'moved.c', 6), 'a.c:5');
    assert.equal(after(1, 'moved.c', 5), 'none', 'a line that the series makes');
    assert.equal(after(2, 'never.c', 3), 'never.c:3');
    const before = placeInTree(change, { patch: 1, side: 'before' }, { path: 'a.c', line: 6 });
    assert.deepEqual(before, { path: 'a.c', line: 4 });
  });

  it('are where clients are led that show no side, and where the file was last changed for others', () => {
    const range = { start: { line: 6, column: 1 }, end: { line: 6, column: 4 } };
    const at = (index: number, sides: 'tree' | 'sides'): string => {
      const show = { uri: 'file:///x.patch', lines, tree: '/t', sides: sides === 'sides' };
      const { uri, range: found } = afterLocation('moved.c', range, index, change, show);
      return `${decodeURIComponent(uri)} ${found.start.line}`;
    };
    assert.equal(at(1, 'tree'), 'file:///t/a.c 4');
    assert.equal(at(2, 'tree'), 'file:///t/a.c 4');
    assert.match(at(2, 'sides'), /^iovet-side:\/moved\.c\?.*"patch":1,.* 5$/);
  });

  it('are where links of hunks lead: to the lines that the hunk was found at', () => {
    const linksIn = (index: number): (string | undefined)[] => {
      const patches = series.patches.map((patch, i) => (i === index ? patch : { ...patch, files: [] })); // prettier-ignore
      const own = { series: { ...series, patches }, change, lines: texts[index]!.split('\n') };
      const links = linksOf(own, { file: (path) => (tree.has(path) ? `tree:${path}` : undefined) });
      return links.map(({ target }) => target);
    };
    assert.deepEqual(linksIn(0), ['tree:a.c', 'tree:a.c', 'tree:a.c#L3']);
    assert.deepEqual(linksIn(1), ['tree:a.c', 'tree:a.c', 'tree:a.c#L4']);
  });
});
