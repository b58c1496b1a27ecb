import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { runThese } from '../../server/checkers/run.ts';
import { iommuMapGfpZero } from './example/iommu-map-gfp-zero.ts';
import { readFixture } from './fixture.ts';
import { analyseFixture, loadParser } from './pipeline.ts';

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

  it('shows a rule that finds what its fixture marks, and nothing else', async () => {
    const syntax = await loadParser();
    const fixture = readFixture('basic.c', read(`${example}.c`));
    const [file] = analyseFixture(syntax, fixture);
    const { findings, problems } = runThese([iommuMapGfpZero], file!.facts, { kernel: '7.2' });
    syntax.dispose();
    assert.deepEqual(problems, []);
    const marks = fixture.files[0]!.marks.filter(({ verdict }) => verdict === 'warning');
    assert.deepEqual(
      findings.map(({ message, function: name }) => [name, message.includes(marks[0]!.text)]),
      [['bad_zero', true]],
    );
  });

  it('names files that exist', () => {
    for (const [, file] of page.matchAll(/`((?:server|tests|docs|test-fixtures)\/[\w./-]+)`/g)) {
      if (file!.includes('iommu-map-gfp-zero')) continue;
      assert.ok(fs.existsSync(path.join(root, file!)), file);
    }
  });
});
