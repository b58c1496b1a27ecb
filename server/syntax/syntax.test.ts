import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Field, Kind } from './kinds.generated.ts';
import { loadSyntax } from './syntax.ts';
import type { Syntax } from './syntax.ts';
import { childByField, kindOf, namedChildren, sexp, spanOf, textOf } from './tree.ts';

const root = path.resolve(import.meta.dirname, '../../..');

describe('syntax', () => {
  let syntax: Syntax;
  before(async () => {
    syntax = await loadSyntax(
      fs.readFileSync(path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm')),
      fs.readFileSync(path.join(root, 'grammars/kernel-c/dist/kernel-c.wasm')),
    );
  });
  after(() => {
    syntax.dispose();
  });

  it('splits a file into items with offsets of their own', () => {
    const text = '#define N 4\n\nstatic int f(int a)\n{\n\treturn a + N;\n}\n';
    const { value, problems } = syntax.parse('a.c', text);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      value.items.map(({ tree }) => kindOf(tree, 0)),
      [Kind.preproc_def, Kind.function_definition],
    );
    const { start, tree } = value.items[1]!;
    assert.equal(start, text.indexOf('static'));
    assert.deepEqual(spanOf(tree, 0), { start: 0, end: tree.text.length });
    const body = childByField(tree, 0, Field.body);
    assert.equal(textOf(tree, namedChildren(tree, body)[0]!), 'return a + N;');
    assert.equal(
      sexp(tree, body),
      '(compound_statement (return_statement (binary_expression left: (identifier) right: (identifier))))',
    );
  });
});
