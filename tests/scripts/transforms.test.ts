import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as kinds from '../../server/syntax/kinds.generated.ts';
import type { SourceFile } from '../../server/syntax/sourceFile.ts';
import { loadSyntax, type Syntax } from '../../server/syntax/syntax.ts';
import * as tree from '../../server/syntax/tree.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
type Transform = (
  source: SourceFile,
  c: object,
  ownerOf: (offset: number) => string | undefined,
) => { readonly edits: readonly Edit[] };

const root = path.resolve(import.meta.dirname, '../../..');
const script = (name: string): string => pathToFileURL(path.join(root, 'scripts/lib', name)).href;
const c = { ...tree, Kind: kinds.Kind, fieldNames: kinds.fieldNames };

const sample = `#define PICK(x) ((x) ? \\
	first : 0)
struct box { int first_len; struct box *next; };

/* A remark. */
static int helper(struct box *b, int count)
{
	int ret; // why "not"

	if (!b)
		return -1;
	for (ret = 0; ret < count; ret++)
		count -= b->first_len;
	if (b->next == NULL && count)
		goto out;
	else
		ret = count +
			1;
out:
	return ret;
}
DEFINE_THING(x)
int entry(struct box *box) { return helper(box, 'a' + sizeof("q // no")); }
`;

/** Tokens without white space and comments. */
const tokens = (text: string): string[] =>
  text
    .replace(
      /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\/\*[^]*?\*\/|\/\/[^\n]*|\\\n/g,
      (_, kept?: string) => kept ?? ' ',
    )
    .match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\w+|->|[=!<>+-]=|\+\+|&&|\S/g) ?? [];

describe('transforms of npm run metamorphic', () => {
  let syntax: Syntax;
  let transforms: Readonly<Record<string, Transform>>;
  let applyEdits: (
    text: string,
    edits: readonly Edit[],
  ) => { readonly text: string; readonly back: (offset: number) => number };

  before(async () => {
    syntax = await loadSyntax(
      fs.readFileSync(path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm')),
      fs.readFileSync(path.join(root, 'grammars/kernel-c/dist/kernel-c.wasm')),
    );
    ({ transforms } = (await import(script('transforms.mjs'))) as {
      transforms: typeof transforms;
    });
    ({ applyEdits } = (await import(script('edits.mjs'))) as { applyEdits: typeof applyEdits });
  });

  const run = (name: string) => {
    const { value } = syntax.parse('sample.c', sample);
    const owner = (): string => 'box';
    const { edits } = transforms[name]!(value, c, owner);
    assert.ok(edits.length > 0, `${name} changes nothing`);
    return applyEdits(sample, edits);
  };

  for (const name of ['split', 'join', 'comments']) {
    it(`${name} keeps the tokens`, () => {
      const { text } = run(name);
      assert.notEqual(text, sample);
      assert.deepEqual(tokens(text), tokens(sample));
    });
  }

  it('renamed things are renamed everywhere, and nothing else is', () => {
    for (const [name, renamed] of [
      ['locals', ['b', 'count', 'ret', 'box']],
      ['functions', ['helper']],
      ['labels', ['out']],
      ['fields', ['first_len', 'next']],
    ] as const) {
      const before = tokens(sample);
      const after = tokens(run(name).text);
      assert.equal(after.length, before.length, name);
      const changed = new Set(before.filter((token, i) => token !== after[i]));
      assert.deepEqual([...changed].sort(), [...renamed].sort(), name);
    }
  });

  it('braces and parentheses only add themselves', () => {
    const without = (text: string, added: RegExp): string[] =>
      tokens(text).filter((token) => !added.test(token));
    assert.deepEqual(without(run('braces').text, /^[{}]$/), without(sample, /^[{}]$/));
    assert.deepEqual(without(run('parentheses').text, /^[()]$/), without(sample, /^[()]$/));
  });

  it('negation swaps !x and x == NULL', () => {
    const { text } = run('negation');
    assert.match(text, /if \(\(b == 0\)\)/);
    assert.match(text, /if \(!b->next && count\)/);
  });

  it('leads every place back to where it comes from', () => {
    for (const name of Object.keys(transforms)) {
      const { text, back } = run(name);
      const at = text.indexOf('entry(');
      assert.equal(back(at), sample.indexOf('entry('), name);
    }
  });
});
