import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { documentationPages } from '../../server/explain/docs/pages.ts';
import { checkers } from '../../server/checkers/all.generated.ts';

const root = path.resolve(import.meta.dirname, '../../..');

describe('generated pages', () => {
  it('are what the data says: otherwise run npm run generate', () => {
    const stale = documentationPages().filter(({ path: file, markdown }) => {
      const full = path.join(root, file);
      return !fs.existsSync(full) || fs.readFileSync(full, 'utf8') !== markdown;
    });
    assert.deepEqual(
      stale.map(({ path: file }) => file),
      [],
    );
  });

  it('of fields are those of the families, and no others', () => {
    const made = documentationPages().map(({ path: file }) => file);
    const there = fs
      .readdirSync(path.join(root, 'docs/fields'))
      .map((name) => `docs/fields/${name}`);
    assert.deepEqual(
      there.filter((file) => !made.includes(file)),
      [],
    );
    assert.ok(there.length > 60);
  });

  it('of rules are there for each rule', () => {
    for (const { meta } of checkers) {
      assert.ok(fs.existsSync(path.join(root, `docs/rules/${meta.id}.md`)), meta.id);
    }
  });
});
