import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SourceFile } from '../../server/syntax/sourceFile.ts';
import type { Syntax } from '../../server/syntax/syntax.ts';
import { loadForTest } from './load.ts';

const base = `#include <linux/iommu.h>

#define SIZE(a) ((a) << PAGE_SHIFT)

struct queue {
	dma_addr_t base;
#ifdef CONFIG_X
	u32 extra;
#endif
};

#ifdef CONFIG_Y
static int one(struct queue *q)
{
	if (!q->base)
		return -EINVAL;
	return 0;
}
#else
static int one(struct queue *q) { return 0; }
#endif

static void two(struct queue *q, struct device *dev)
{
	int i;

	for_each_entry(i, q) {
#if defined(CONFIG_Z)
		dma_unmap_single(dev, q->base, SIZE(i), DMA_TO_DEVICE);
#else
		nop();
#endif
	}
}
`;

/** What must be the same however the text came about. */
function content(source: SourceFile): unknown {
  return {
    items: source.items.map(({ start, tree, conditions, variantCount }) => ({
      start,
      text: tree.text,
      rows: [...tree.rows],
      conditions: conditions.map(({ group, index }) => [group, index]),
      variantCount,
    })),
    groups: source.groups,
    directives: source.directives,
  };
}

describe('incremental parsing', () => {
  let syntax: Syntax;
  before(async () => {
    syntax = await loadForTest();
  });
  after(() => {
    syntax.dispose();
  });

  it('gives what a fresh parse gives, after any edit that leaves no error', () => {
    const edit = fc.record({
      at: fc.nat(base.length),
      remove: fc.nat(12),
      insert: fc.constantFrom(
        '',
        'x',
        ' ',
        '\n',
        '1',
        ';',
        '/* c */',
        '#define Q\n',
        'int k;\n',
        'if (a) ',
      ),
    });
    let compared = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        syntax.close('a.c');
        syntax.parseOpen('a.c', base);
        let text = base;
        for (const { at, remove, insert } of edits) {
          text = text.slice(0, at) + insert + text.slice(at + remove);
          const { value } = syntax.parseOpen('a.c', text);
          assert.equal(value.text, text);
          const fresh = syntax.parse('a.c', text).value;
          // The repair of an error may differ, because it looks at what stood there before.
          if (value.items.some(({ tree }) => tree.hasError)) continue;
          if (fresh.items.some(({ tree }) => tree.hasError)) continue;
          assert.deepEqual(content(value), content(fresh));
          compared++;
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(compared > 100, `only ${compared} edits were compared`);
  });

  it('recovers from every edit that is undone', () => {
    const expected = content(syntax.parse('a.c', base).value);
    fc.assert(
      fc.property(
        fc.nat(base.length),
        fc.constantFrom('{', '}', '(', '"', '/*', '#if 0\n'),
        (at, piece) => {
          syntax.parseOpen('a.c', base);
          syntax.parseOpen('a.c', base.slice(0, at) + piece + base.slice(at));
          assert.deepEqual(content(syntax.parseOpen('a.c', base).value), expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps the trees of the items that did not change', () => {
    syntax.close('b.c');
    const before = syntax.parseOpen('b.c', base).value;
    const after = syntax.parseOpen('b.c', base.replace('-EINVAL', '-ENODEV')).value;
    const same = after.items.filter(({ tree }, i) => tree === before.items[i]!.tree);
    assert.equal(same.length, before.items.length - 1);
    const moved = syntax.parseOpen('b.c', `int added;\n${after.text}`).value;
    assert.ok(after.items.every(({ tree }) => moved.items.some((item) => item.tree === tree)));
  });

  it('gives the same result for the same text', () => {
    assert.equal(syntax.parseOpen('c.c', base).value, syntax.parseOpen('c.c', base).value);
  });

  it('forgets the document that was not used for longest', () => {
    for (let i = 0; i < 40; i++) syntax.parseOpen(`d${i}.c`, base);
    assert.deepEqual(
      content(syntax.parseOpen('d0.c', `${base}int x;\n`).value),
      content(syntax.parse('d0.c', `${base}int x;\n`).value),
    );
  });
});

describe('readings of an item', () => {
  let syntax: Syntax;
  before(async () => {
    syntax = await loadForTest();
  });
  after(() => {
    syntax.dispose();
  });

  const readings = (text: string): string[] => {
    const { value } = syntax.parse('a.c', text);
    return value.items.flatMap((item) =>
      [item, ...syntax.variants(value, item)].map(({ tree }) =>
        tree.text.replace(/\s+/g, ' ').trim(),
      ),
    );
  };

  it('take every branch once', () => {
    const text =
      'void f(void)\n{\n#ifdef CONFIG_A\n\ta();\n#elif B\n\tb();\n#else\n\tc();\n#endif\n\td();\n}\n';
    assert.deepEqual(readings(text), [
      'void f(void) { a(); d(); }',
      'void f(void) { b(); d(); }',
      'void f(void) { c(); d(); }',
    ]);
  });

  it('choose alike in groups with the same condition', () => {
    const half = (name: string): string =>
      `#ifdef CONFIG_A\n\t${name}1();\n#else\n\t${name}2();\n#endif\n`;
    assert.deepEqual(readings(`void f(void)\n{\n${half('a')}${half('b')}}\n`), [
      'void f(void) { a1(); b1(); }',
      'void f(void) { a2(); b2(); }',
    ]);
  });

  it('include alternative headers, and keep their place in the file', () => {
    const text =
      'int x;\n#ifdef CONFIG_A\nint f(int a)\n#else\nint f(void)\n#endif\n{\n\treturn 0;\n}\n';
    assert.deepEqual(readings(text), [
      'int x;',
      'int f(int a) { return 0; }',
      'int f(void) { return 0; }',
    ]);
    const { value } = syntax.parse('a.c', text);
    const [other] = syntax.variants(value, value.items[1]!);
    assert.equal(other!.start, text.indexOf('int f(void)'));
  });

  it('are one where no branch is left out', () => {
    const text =
      'void f(void)\n{\n#ifdef CONFIG_A\n\ta();\n#endif\n#if 0\n\tb();\n#else\n\tc();\n#endif\n}\n';
    assert.deepEqual(readings(text), ['void f(void) { a(); c(); }']);
  });

  it('say under which conditions an item exists', () => {
    const text =
      '#ifndef _A_H\n#define _A_H\n#ifdef CONFIG_A\nint a;\n#else\nint b;\n#endif\n#endif\n';
    const { items } = syntax.parse('a.h', text).value;
    assert.deepEqual(
      items.map(({ tree, conditions }) => [
        tree.text.trim(),
        conditions.map(({ directive, condition }) => `${directive} ${condition}`.trim()),
      ]),
      [
        ['#define _A_H', ['ifndef _A_H']],
        ['int a;', ['ifndef _A_H', 'ifdef CONFIG_A']],
        ['int b;', ['ifndef _A_H', 'else']],
      ],
    );
  });
});
