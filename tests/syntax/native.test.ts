import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { flatten } from '../../server/syntax/flatten.ts';
import type { TreeParser } from '../../server/syntax/parser.ts';
import { sexp } from '../../server/syntax/tree.ts';
import { readCorpus } from './corpus.ts';
import { grammarFolder, loadParserForTest, root } from './load.ts';

/** What of npm tree-sitter is used here; its own types do not compile with ours. */
interface NativeParser {
  setLanguage(language: unknown): void;
  parse(text: string): { rootNode: { toString(): string } };
}

const built = path.join(root, 'build/native');
const require = createRequire(import.meta.url);

/** Every C file of the repository's own fixtures, and the corpus. */
function texts(): Map<string, string> {
  const found = new Map<string, string>();
  const fixtures = path.join(root, 'test-fixtures');
  for (const name of fs.readdirSync(fixtures, { recursive: true, encoding: 'utf8' })) {
    if (/\.[ch]$/.test(name)) found.set(name, fs.readFileSync(path.join(fixtures, name), 'utf8'));
  }
  const corpus = path.join(grammarFolder, 'test/corpus');
  for (const file of fs.readdirSync(corpus)) {
    for (const { name, code } of readCorpus(fs.readFileSync(path.join(corpus, file), 'utf8'))) {
      found.set(`${file}: ${name}`, `${code}\n`);
    }
  }
  return found;
}

/** Whether the native build is of the grammar as it is now; it keeps a copy of its sources. */
function upToDate(): boolean {
  return ['src/parser.c', 'src/scanner.c'].every((source) => {
    const [ours, theirs] = [grammarFolder, path.join(built, 'kernel-c')].map((folder) =>
      fs.readFileSync(path.join(folder, source)),
    );
    return ours!.equals(theirs!);
  });
}

describe('native and wasm parser', () => {
  let parser: TreeParser;
  let native: NativeParser;
  before(async function () {
    const addon = path.join(built, 'kernel-c/build/Release/kernel_c.node');
    if (!fs.existsSync(addon)) {
      console.log('      skipped: the native parser was not built (npm run native)');
      this.skip();
    }
    if (!upToDate()) {
      console.log('      skipped: the native parser was built from other sources (npm run native)');
      this.skip();
    }
    const Parser = require(path.join(built, 'tree-sitter')) as new () => NativeParser;
    native = new Parser();
    native.setLanguage(require(addon));
    parser = await loadParserForTest();
  });

  it('give the same tree for every fixture', () => {
    for (const [name, text] of texts()) {
      const tree = parser.parse(text);
      assert.ok(tree !== undefined);
      const cursor = tree.walk();
      const flat = flatten(cursor, text, 0);
      cursor.delete();
      tree.delete();
      assert.equal(sexp(flat), native.parse(text).rootNode.toString(), name);
    }
    parser.dispose();
  });
});
