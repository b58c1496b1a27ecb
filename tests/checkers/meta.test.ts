import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { checkers } from '../../server/checkers/all.generated.ts';
import { patchCheckers } from '../../server/checkers/allPatch.generated.ts';
import { fill, longestMessage, type Wording } from '../../server/checkers/message.ts';
import { renderPage } from '../../server/checkers/page.ts';

const everyRule = [...checkers, ...patchCheckers].sort((a, b) => (a.meta.id < b.meta.id ? -1 : 1));
const root = path.resolve(import.meta.dirname, '../../..');

describe('the description of every rule', () => {
  const files = fs
    .readdirSync(path.join(root, 'server/checkers/rules'))
    .map((name) => name.replace(/\.ts$/, ''))
    .sort();

  it('is registered under the name of its file', () => {
    assert.deepEqual(
      everyRule.map(({ meta }) => meta.id),
      files,
    );
  });

  for (const { meta } of everyRule) {
    it(`${meta.id}: messages state, fit in a line and carry no full stop`, () => {
      for (const [name, text] of Object.entries(meta.messages)) {
        assert.doesNotMatch(text, /\b(may|might|potential\w*|possibl\w*|could|should)\b|\.$/, name);
        const values: Record<string, Wording> = {};
        for (const [, hole] of text.matchAll(/\{(\w+)\}/g)) {
          // Upper case names a line; the rest are pieces of code, long enough to be cut.
          values[hole!] = /^L/.test(hole!) ? { file: 'a.c', line: 1234 } : { text: 'x'.repeat(40) };
        }
        const filled = fill(text, values, 'a.c');
        assert.ok(filled.length <= longestMessage, `${name}: ${filled.length}: ${filled}`);
      }
    });

    it(`${meta.id}: page is complete and fresh`, () => {
      assert.match(meta.summary, /\.$/);
      assert.ok(meta.sources.length > 0);
      assert.ok(meta.limits.length + meta.falsePositives.length > 0);
      const { what, why, example, instead } = meta.page;
      for (const text of [what, why, example, instead]) assert.ok(text.length > 10);
      const page = path.join(root, 'docs/rules', `${meta.id}.md`);
      assert.equal(fs.readFileSync(page, 'utf8'), renderPage(meta), 'run npm run generate');
    });
  }
});
