import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { flatten } from '../../server/syntax/flatten.ts';
import type { TreeParser } from '../../server/syntax/parser.ts';
import { sexp } from '../../server/syntax/tree.ts';
import { normalized, readCorpus, writeCorpus } from './corpus.ts';
import { grammarFolder, loadParserForTest } from './load.ts';

const folder = path.join(grammarFolder, 'test/corpus');

/** `IOVET_UPDATE_CORPUS=1 npx mocha …` writes the trees as they are; the diff is then for a person to read. */
const update = process.env['IOVET_UPDATE_CORPUS'] === '1';

describe('grammar corpus', () => {
  let parser: TreeParser;
  before(async () => {
    parser = await loadParserForTest();
  });
  after(() => {
    parser.dispose();
  });

  const treeOf = (code: string): string => {
    const tree = parser.parse(`${code}\n`);
    assert.ok(tree !== undefined);
    const cursor = tree.walk();
    const flat = flatten(cursor, code, 0);
    cursor.delete();
    tree.delete();
    return sexp(flat);
  };

  for (const file of fs.readdirSync(folder).sort()) {
    const place = path.join(folder, file);
    const cases = readCorpus(fs.readFileSync(place, 'utf8'));
    describe(file, () => {
      assert.ok(cases.length > 0);
      for (const { name, code, tree } of cases) {
        it(name, () => {
          if (update) return;
          assert.equal(treeOf(code), normalized(tree));
        });
      }
      after(() => {
        if (!update) return;
        const now = cases.map((one) => ({ ...one, tree: treeOf(one.code) }));
        fs.writeFileSync(place, writeCorpus(now));
      });
    });
  }
});
