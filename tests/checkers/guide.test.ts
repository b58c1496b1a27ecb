import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');

/** The code blocks of a Markdown page in one language. */
function blocks(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code]) => code!,
  );
}

describe('docs/adding-a-checker.md', () => {
  const page = read('docs/adding-a-checker.md');
  const example = 'tests/checkers/example/iommu-map-gfp-zero';

  it('shows the rule that is compiled here', () => {
    const compiled = read(`${example}.ts`).replaceAll('../../../server/checkers/', '../');
    assert.deepEqual(blocks(page, 'ts'), [compiled]);
  });

  it('shows the fixture that the rule is tested with', () => {
    assert.deepEqual(blocks(page, 'c'), [read(`${example}.c`)]);
  });

  it('names files that exist', () => {
    for (const [, file] of page.matchAll(/`((?:server|tests|docs|test-fixtures)\/[\w./-]+)`/g)) {
      if (file!.includes('iommu-map-gfp-zero')) continue;
      assert.ok(fs.existsSync(path.join(root, file!)), file);
    }
  });
});
