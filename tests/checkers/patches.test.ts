import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { patchCheckers } from '../../server/checkers/allPatch.generated.ts';
import { nodeHost } from '../../server/host/nodeHost.ts';
import { treeReader } from '../../server/host/treeReader.ts';
import { seriesChange } from '../../server/patch/applyPatch.ts';
import { parsePatch } from '../../server/patch/parseSeries.ts';
import { seriesWithoutTree } from '../../server/patch/withoutTree.ts';
import { plain } from '../../server/report/style.ts';
import { seriesText } from '../../server/report/seriesText.ts';
import { reviewSeries } from '../../server/review/patch/reviewSeries.ts';
import { shownByReview } from '../../server/review/patch/shown.ts';
import { loadSyntax } from '../../server/syntax/syntax.ts';
import { runSlices } from '../../server/text/slices.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'test-fixtures/patches');
const cases = fs.readdirSync(folder).sort();
const expectedOf = (name: string): string => path.join(folder, name, 'expected.txt');

describe('patches on their base', () => {
  const syntax = loadSyntax(
    fs.readFileSync(path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm')),
    fs.readFileSync(path.join(root, 'grammars/kernel-c/dist/kernel-c.wasm')),
  );

  for (const name of cases) {
    it(`${name} gives the text in expected.txt`, async () => {
      const base = path.join(folder, name, 'base');
      const tree = fs.existsSync(base) ? base : undefined;
      const text = fs.readFileSync(path.join(folder, name, 'change.patch'), 'utf8');
      const series = parsePatch(text, 'change.patch');
      const change =
        tree === undefined
          ? seriesWithoutTree(series.patches)
          : seriesChange(series.patches, treeReader(nodeHost, tree));
      const settings = { tree, kernel: undefined, selection: {}, shown: shownByReview };
      const review = runSlices(reviewSeries(await syntax, nodeHost, series, change, settings));
      assert.deepEqual(review.problems, []);
      const printed = seriesText(review, plain, 0);
      if (process.env['UPDATE_EXPECT'] === '1') fs.writeFileSync(expectedOf(name), printed);
      assert.equal(printed, fs.readFileSync(expectedOf(name), 'utf8'));
    });
  }

  for (const { meta } of patchCheckers) {
    it(`${meta.id} speaks in a case of its own, and is silent in one that looks alike`, () => {
      const said = (name: string): string => fs.readFileSync(expectedOf(name), 'utf8');
      assert.match(said(meta.id), new RegExp(`\\[${meta.id}\\]`));
      assert.doesNotMatch(said(`${meta.id}-good`), new RegExp(`\\[${meta.id}\\]`));
    });
  }
});
