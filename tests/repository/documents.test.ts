import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const exists = (file: string): boolean => fs.existsSync(path.join(root, file));

/** Paths that a page names: in backticks, with a slash or a known ending, without placeholders. */
function pathsIn(markdown: string): string[] {
  return [...markdown.matchAll(/`([\w.@/-]+)`/g)]
    .map((match) => match[1]!)
    .filter((name) =>
      /^(server|client|scripts|tests|docs|test-fixtures|grammars)(\/|$)/.test(name),
    );
}

describe('documents', () => {
  it('ARCHITECTURE.md mentions every layer', () => {
    const page = read('ARCHITECTURE.md');
    const layers = fs
      .readdirSync(path.join(root, 'server'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `server/${entry.name}`);
    assert.ok(layers.length > 10);
    for (const layer of layers)
      assert.ok(page.includes(`\`${layer}\``), `${layer} is not mentioned`);
  });

  for (const page of [
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'README.md',
    'docs/reading-guide.md',
    'docs/adding-a-field.md',
  ]) {
    it(`${page} names only files and folders that exist`, () => {
      const paths = pathsIn(read(page));
      assert.ok(paths.length > 0);
      assert.deepEqual(
        paths.filter((name) => !exists(name)),
        [],
      );
    });
  }

  it('docs/decisions/dependencies.md has a line for every dependency, with its version', () => {
    const manifest = JSON.parse(read('package.json')) as {
      devDependencies: Record<string, string>;
    };
    const rows = [
      ...read('docs/decisions/dependencies.md').matchAll(/^\| (\S+) +\| (\S+) +\| \S/gm),
    ]
      .map((match) => `${match[1]!} ${match[2]!}`)
      .filter((row) => row !== 'package version' && !row.startsWith('---'));
    assert.deepEqual(
      rows,
      Object.entries(manifest.devDependencies).map(([name, version]) => `${name} ${version}`),
    );
  });

  it('CHANGELOG.md has an Unreleased section that says something', () => {
    assert.match(read('CHANGELOG.md'), /^## Unreleased\n+### \w+\n+- /m);
  });
});
