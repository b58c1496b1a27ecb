import fs from 'node:fs';
import path from 'node:path';
import { loadParser } from '../../server/syntax/parser.ts';
import type { TreeParser } from '../../server/syntax/parser.ts';
import { loadSyntax } from '../../server/syntax/syntax.ts';
import type { Syntax } from '../../server/syntax/syntax.ts';

/** The repository, seen from the compiled tests. */
export const root: string = path.resolve(import.meta.dirname, '../../..');

/** The folder of the grammar. */
export const grammarFolder: string = path.join(root, 'grammars/kernel-c');

const runtime = (): Uint8Array =>
  fs.readFileSync(path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm'));
const grammar = (): Uint8Array => fs.readFileSync(path.join(grammarFolder, 'dist/kernel-c.wasm'));

/** The syntax layer with the committed wasm. */
export function loadForTest(): Promise<Syntax> {
  return loadSyntax(runtime(), grammar());
}

/** The bare parser with the committed wasm: no `#if` groups, one tree per text. */
export function loadParserForTest(limit?: (length: number) => number): Promise<TreeParser> {
  return loadParser(runtime(), grammar(), limit);
}
