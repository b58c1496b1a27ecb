import fs from 'node:fs';
import path from 'node:path';
import { loadSyntax } from './syntax.ts';
import type { Syntax } from './syntax.ts';

const root = path.resolve(import.meta.dirname, '../../..');
let loaded: Promise<Syntax> | undefined;

/** The parser of this checkout, loaded once for all tests of a process. */
export function builtSyntax(): Promise<Syntax> {
  const read = (file: string): Uint8Array => fs.readFileSync(path.join(root, file));
  loaded ??= loadSyntax(
    read('node_modules/web-tree-sitter/web-tree-sitter.wasm'),
    read('grammars/kernel-c/dist/kernel-c.wasm'),
  );
  return loaded;
}
