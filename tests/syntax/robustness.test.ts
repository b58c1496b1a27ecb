import assert from 'node:assert/strict';
import { layoutOf } from '../../server/syntax/directives.ts';
import type { Syntax } from '../../server/syntax/syntax.ts';
import { kindName, nodeCount, textOf } from '../../server/syntax/tree.ts';
import { loadForTest, loadParserForTest } from './load.ts';

/** Bytes without meaning, the same in every run (xorshift32), as a reader that takes any byte gives them. */
function noise(length: number): string {
  const units = new Uint8Array(length);
  let state = 0x9e3779b9;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    units[i] = state & 0xff;
  }
  return new TextDecoder('latin1').decode(units);
}

describe('syntax on bad input', () => {
  let syntax: Syntax;
  before(async () => {
    syntax = await loadForTest();
  });
  after(() => {
    syntax.dispose();
  });

  /** What the layer promises for any text: it comes back, items lie in order, their text has the length of their range. */
  const accept = (text: string): void => {
    const { value, problems } = syntax.parse('bad.c', text);
    assert.equal(value.text, text);
    let end = 0;
    for (const { start, tree } of value.items) {
      assert.ok(start >= end);
      end = start + tree.text.length;
      assert.ok(nodeCount(tree) > 0);
    }
    assert.ok(end <= text.length);
    for (const { file, reason } of problems) {
      assert.equal(file, 'bad.c');
      assert.notEqual(reason, '');
    }
  };

  for (const [name, text] of [
    ['nothing', ''],
    ['an unterminated comment', 'int x; /* never closed\nint y;\n'],
    ['an unterminated string', 'char *s = "never closed\nint y;\n'],
    ['a lone #', '#\n#\nint x;\n'],
    ['#endif without #if', '#endif\n#else\nint x;\n#endif\n'],
    ['a backslash at the end', '#define A \\'],
    ['NUL', 'int a;\0\0int b;\0'],
    ['many NULs', '\0'.repeat(10_000)],
    ['a byte order mark', '\ufeffint a;\n'],
    ['half a surrogate pair', 'int a\ud800;\n'],
    ['form feeds and vertical tabs', 'int a;\f\v\nint b;\n'],
    ['a million open parentheses', '('.repeat(1_000_000)],
    ['an #if of open parentheses', `#if ${'('.repeat(100_000)}\n#endif\n`],
    ['thousands of open #ifs', '#if A\n'.repeat(2_000)],
    ['nested calls', `void f(void) { ${'g('.repeat(50_000)}; }`],
    ['nested blocks', `void f(void) ${'{'.repeat(50_000)}`],
    ['nested ifs', `void f(void) { ${'if (a) '.repeat(20_000)}; }`],
    ['words alone', 'a '.repeat(100_000)],
    ['stars', '*'.repeat(100_000)],
    ['one line of 10 MB', `int a[] = { 1, 2 }; /* ${'long '.repeat(2_000_000)} */ int b;`],
    ['a long table in one line', `int a[] = { ${'1, '.repeat(100_000)} };`],
    ['random bytes', noise(1_000_000)],
  ] as const) {
    it(name, () => {
      accept(text);
    });
  }

  it('reads CRLF like LF', () => {
    const lines = [
      '#define A \\',
      '\t1',
      '#ifdef CONFIG_X',
      'int f(void)',
      '{',
      '#if 0',
      '(',
      '#endif',
    ];
    const unix = [...lines, '\treturn A;', '}', '#endif', ''].join('\n');
    const kinds = (text: string): string[] =>
      syntax.parse('a.c', text).value.items.map(({ tree }) => kindName(tree, 0));
    assert.deepEqual(kinds(unix), ['preproc_def', 'function_definition']);
    assert.deepEqual(kinds(unix.replaceAll('\n', '\r\n')), kinds(unix));
  });

  it('gives up with a reason, and goes on with the next text', () => {
    const deep = syntax.parse('deep.c', 'f('.repeat(5_000));
    assert.equal(deep.value.items.length, 0);
    assert.deepEqual(deep.problems, [
      { file: 'deep.c', reason: 'not parsed: 5000 brackets are open at once' },
    ]);
    assert.equal(syntax.fragment('f('.repeat(5_000)).hasError, true);
    assert.equal(syntax.parse('a.c', 'int x;').value.items.length, 1);
  });

  it('gives up on a text that takes too many steps', async () => {
    const limited = await loadParserForTest(() => 3);
    assert.equal(limited.parse('a '.repeat(100_000)), undefined);
    const tree = limited.parse('int x;');
    assert.equal(tree!.rootNode.hasError, false);
    tree!.delete();
    limited.dispose();
  });

  it('takes an item that is nested without end as one error', () => {
    const { value } = syntax.parse('a.c', `int x = ${'-'.repeat(5_000)}1;\nint y;\n`);
    assert.deepEqual(
      value.items.map(({ tree }) => [kindName(tree, 0), tree.hasError]),
      [
        ['ERROR', true],
        ['declaration', false],
      ],
    );
    assert.equal(textOf(value.items[1]!.tree, 0), 'int y;');
  });

  it('finds directives in a text of directives in linear time', () => {
    assert.equal(layoutOf('#define A 1\n'.repeat(100_000)).directives.length, 100_000);
  });
});
