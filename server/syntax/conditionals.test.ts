import assert from 'node:assert/strict';
import fc from 'fast-check';
import { defaultChoice, readable } from './blank.ts';
import { layoutOf } from './directives.ts';

const read = (text: string): string => readable(text, layoutOf(text), defaultChoice);
const squeezed = (text: string): string => read(text).replace(/\s+/g, ' ').trim();
const modes = (text: string): string[] => layoutOf(text).groups.map((group) => group.mode);

describe('#if groups', () => {
  it('between items keep every branch', () => {
    const text =
      '#ifdef CONFIG_A\nint f(void) { return 1; }\n#else\nint f(void) { return 0; }\n#endif\nint x;\n';
    assert.deepEqual(modes(text), ['items']);
    assert.equal(squeezed(text), 'int f(void) { return 1; } int f(void) { return 0; } int x;');
  });

  it('inside a function are read with one branch', () => {
    const text = 'void f(void)\n{\n#ifdef CONFIG_A\n\ta();\n#else\n\tb();\n#endif\n}\n';
    assert.deepEqual(modes(text), ['chosen']);
    assert.equal(squeezed(text), 'void f(void) { a(); }');
  });

  it('take the branch that is on with every CONFIG_ symbol', () => {
    const text = 'int a[] = {\n#ifndef CONFIG_A\n1,\n#elif defined(CONFIG_B)\n2,\n#endif\n};\n';
    assert.equal(squeezed(text), 'int a[] = { 2, };');
  });

  it('go by what the file defines before, outside of other groups', () => {
    const text =
      '#define DUMP 0 /* off */\n#define BACK (1)\n#undef TRACE\nvoid f(void)\n{\n#if DUMP\n\ta();\n#elif BACK\n\tb();\n#endif\n#ifdef TRACE\n\tc();\n#endif\n}\n';
    assert.match(squeezed(text), /void f\(void\) \{ b\(\); \}$/);
    const verdicts = layoutOf(text).groups.map(({ branches }) => branches.map((b) => b.verdict));
    assert.deepEqual(verdicts, [['never', 'on'], ['never']]);
  });

  it('know nothing of what a branch defines, and of what comes later', () => {
    const text =
      '#define DUMP 0\n#ifdef CONFIG_A\n#undef DUMP\n#define DUMP 1\n#endif\nvoid f(void)\n{\n#if DUMP\n\ta();\n#endif\n#if LATER\n\tb();\n#endif\n}\n#define LATER 0\n';
    assert.match(squeezed(text), /void f\(void\) \{ a\(\); b\(\); \} #define LATER 0$/);
  });

  it('that alternate function headers are read with one of them', () => {
    const text =
      '#ifdef CONFIG_A\nint f(int a)\n#else\nint f(void)\n#endif\n{\n\treturn 0;\n}\nint g;\n';
    assert.deepEqual(modes(text), ['chosen']);
    assert.equal(squeezed(text), 'int f(int a) { return 0; } int g;');
  });

  it('that open a brace in one branch do not shift what follows', () => {
    const text =
      'void f(void)\n{\n#ifdef CONFIG_A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tc();\n\t}\n}\n#if X\nint g;\n#endif\n';
    assert.deepEqual(modes(text), ['chosen', 'items']);
    assert.equal(squeezed(text), 'void f(void) { if (a) { c(); } } int g;');
  });

  it('that are never compiled are dropped wherever they stand', () => {
    assert.equal(
      squeezed('#if 0\nnot c at all (\n#else\nint x;\n#endif\nint y;\n'),
      'int x; int y;',
    );
    assert.equal(
      squeezed('#ifdef __cplusplus\nextern "C" {\n#endif\nint y;\n#ifdef __cplusplus\n}\n#endif\n'),
      'int y;',
    );
  });

  it('nest', () => {
    const text =
      'void f(void)\n{\n#ifndef CONFIG_A\n#ifdef CONFIG_B\n\ta();\n#endif\n\tb();\n#else\n#ifdef CONFIG_B\n\tc();\n#endif\n#endif\n}\n';
    assert.equal(squeezed(text), 'void f(void) { c(); }');
  });

  it('ignore what looks like a directive in strings and comments', () => {
    const text = '/*\n#if 0\n*/\nchar *s = "\\\n#if 0\\\n";\nint x; // a \\\n#if 0\nint y;\n';
    assert.deepEqual(layoutOf(text).directives, []);
    assert.equal(read(text), text);
  });

  it('end with the file when #endif is missing', () => {
    assert.equal(squeezed('int x;\n#ifdef CONFIG_A\nint y;\n'), 'int x; int y;');
  });
});

describe('other directives', () => {
  it('stay between items and go inside them', () => {
    const text =
      '#define A 1\nint a[] = {\n#define B 2\n#undef A\n\tB,\n};\n#define C \\\n\t3\nint c;\n';
    assert.equal(squeezed(text), '#define A 1 int a[] = { B, }; #define C \\ 3 int c;');
    assert.deepEqual(
      layoutOf(text).directives.map(({ name, betweenItems }) => [name, betweenItems]),
      [
        ['define', true],
        ['define', false],
        ['undef', false],
        ['define', true],
      ],
    );
  });

  it('own a comment that they open', () => {
    const text = '#define A 1 /* spans\n * lines */\nint x;\n';
    const [directive] = layoutOf(text).directives;
    assert.equal(text.slice(directive!.start, directive!.end), '#define A 1 /* spans\n * lines */');
  });
});

describe('readable', () => {
  const piece = fc.constantFrom(
    ...[
      '#if 0',
      '#ifdef CONFIG_A',
      '#else',
      '#endif',
      '#elif X',
      '#define A \\',
      '{',
      '}',
      '(',
      ')',
    ],
    ...[
      '/*',
      '*/',
      '//',
      '"',
      "'",
      '\\',
      'int x;',
      'f(void)',
      '\r\n',
      '\n',
      '\n',
      '\u{1f600}',
      '#',
    ],
  );
  it('keeps the length and the newlines of any text', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const result = read(text);
        assert.equal(result.length, text.length);
        for (let i = 0; i < text.length; i++) {
          const [before, after] = [text[i], result[i]];
          assert.ok(before === after || (after === ' ' && before !== '\n'));
        }
      }),
    );
  });
});
