import assert from 'node:assert/strict';
import fc from 'fast-check';
import { testProgram, testTree } from '../fixture.test.ts';
import { expandText } from './expandText.ts';
import { parseDefine } from './macroDefinition.ts';
import { scanSymbols } from './scan.ts';
import { candidatesOf, createHeaderStore, joinPath } from './store.ts';
import { createHeaderView } from './view.ts';

const kinds = (text: string): Record<string, string> =>
  Object.fromEntries([...scanSymbols(text).symbols].map(([name, { kind }]) => [name, kind]));

describe('scanning a header', () => {
  it('finds every kind of declaration and gives its whole extent', () => {
    const text = `#ifndef A_H
#define A_H
/* struct not_this { int x; }; */
#define A_SIZE 16
#define A_MAX(a, b) \\
	((a) > (b) ? (a) : (b))
struct a {
	struct inner {
		int x;
	} in;
	int y;
} __packed;
union u { int a; long b; };
enum colour {
	RED,	/* first */
	GREEN = 1 << 2, BLUE
};
typedef int (*handler_t)(void *data);
typedef struct { int v; } box_t;
typedef u64 addr_t;
extern int a_count;
int a_get(struct a *a,
	  int index);
static inline int a_twice(int x)
{
	return 2 * x;
}
DEFINE_FREE(a_put, struct a *, if (_T) a_put(_T))
#endif
`;
    assert.deepEqual(kinds(text), {
      A_H: 'macro',
      A_SIZE: 'macro',
      A_MAX: 'functionMacro',
      'struct a': 'struct',
      'struct inner': 'struct',
      'union u': 'union',
      'enum colour': 'enum',
      RED: 'enumerator',
      GREEN: 'enumerator',
      BLUE: 'enumerator',
      handler_t: 'typedef',
      box_t: 'typedef',
      addr_t: 'typedef',
      a_count: 'variable',
      a_get: 'prototype',
      a_twice: 'function',
      'DEFINE_FREE(a_put': 'define',
    });
    const at = (name: string): string => {
      const { start, end } = scanSymbols(text).symbols.get(name)!;
      return text.slice(start, end);
    };
    assert.ok(at('struct a').endsWith('} __packed;'));
    assert.ok(at('a_twice').endsWith('\n}'));
    assert.equal(at('a_get'), 'int a_get(struct a *a,\n\t  int index);');
    assert.ok(at('A_MAX').endsWith(': (b))'));
  });

  it('takes no name that a macro puts together, and no object for a function', () => {
    assert.deepEqual(kinds('static int NS(map)(int a)\n{\n\treturn a;\n}\n'), {});
    assert.deepEqual(kinds('static const struct ops NS(ops) = {\n\t.f = NS(map),\n};\n'), {});
  });

  it('ends on any text', () => {
    for (const text of [
      '',
      '#',
      '/*',
      'struct {',
      'typedef',
      'a(',
      '#define',
      '#define X \\',
      'enum e {',
    ]) {
      assert.ok(scanSymbols(text).symbols.size <= 2, text);
    }
  });
});

describe('scanning anything', () => {
  const piece = fc.constantFrom(
    '#define A', '#define F(x) \\', '#if 0', '#ifdef B', '#else', '#endif', '#include <a.h>', 'struct s {', 'union u', 'enum e { A,', '}',
    '};', 'typedef int t', 'int f(', 'void);', '/*', '*/', '{', '(', ')', '=', ';', '"', '\n', '\n', '\n', ' ', 'static inline', 'DEFINE_FREE(x',
  ); // prettier-ignore

  it('ends, and every symbol lies in the text', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        for (const { start, end } of scanSymbols(text).symbols.values()) {
          assert.ok(start >= 0 && start < end && end <= text.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('looking for a name', () => {
  const files = {
    'drivers/x/x.c': '#include <linux/a.h>\n#include "x.h"\n',
    'drivers/x/x.h': '#define X_SIZE 4\n',
    'include/linux/a.h': '#include <linux/deep.h>\n#define A 1\n',
    'include/linux/deep.h': '#define DEEP 2\n',
  };

  it('reads no header before it is needed, and only as deep as needed', () => {
    const tree = testTree(files);
    const store = createHeaderStore(tree);
    const view = createHeaderView(store, 'drivers/x/x.c', scanSymbols(files['drivers/x/x.c']));
    assert.equal(tree.reads.length, 0);
    assert.equal(view.find('X_SIZE')?.header.path, 'drivers/x/x.h');
    assert.ok(!tree.reads.includes('include/linux/deep.h'));
    assert.equal(view.find('DEEP')?.header.path, 'include/linux/deep.h');
    assert.equal(view.find('NOWHERE'), undefined);
  });

  it('does not see what the file does not include', () => {
    const tree = testTree({ ...files, 'drivers/y/y.c': '#define Y 1\n' });
    const store = createHeaderStore(tree);
    createHeaderView(store, 'drivers/x/x.c', scanSymbols(files['drivers/x/x.c'])).find('DEEP');
    const other = createHeaderView(store, 'drivers/y/y.c', scanSymbols('#define Y 1\n'));
    assert.equal(other.find('DEEP'), undefined);
  });

  it('reads a header again after it was forgotten', () => {
    const tree = testTree({ ...files });
    const store = createHeaderStore(tree);
    assert.ok(store.at('include/linux/a.h')?.table.symbols.has('A'));
    tree.files['include/linux/a.h'] = '#define B 1\n';
    store.forget(['include/linux/a.h']);
    assert.ok(store.at('include/linux/a.h')?.table.symbols.has('B'));
    assert.deepEqual(store.declaring('A'), []);
  });

  it('knows who declares a name in the order of reading, whenever the name was asked for', () => {
    const tree = testTree({
      'a.h': '#define N 1\n',
      'b.h': '#define N 2\n',
      'c.h': '#define N 3\n',
    });
    const store = createHeaderStore(tree);
    const declaring = (): string[] => store.declaring('N').map(({ header }) => header.path);
    assert.deepEqual(declaring(), []);
    store.at('b.h');
    assert.deepEqual(declaring(), ['b.h']);
    store.at('a.h');
    store.at('c.h');
    assert.deepEqual(declaring(), ['b.h', 'a.h', 'c.h']);
    store.forget(['b.h']);
    assert.deepEqual(declaring(), ['a.h', 'c.h']);
    store.at('b.h');
    assert.deepEqual(declaring(), ['a.h', 'c.h', 'b.h']);
    store.forget();
    assert.deepEqual(declaring(), []);
  });

  it('follows includes that a macro names, and takes the branch of #ifdef that holds', async () => {
    const { unit } = await testProgram({
      'd/build.c': '#define FMT fancy\n#include "template.h"\n',
      'd/template.h':
        '#define STR(x) #x\n#define XSTR(x) STR(x)\n#ifdef VARIANT\n#define PREFIX VARIANT\n#else\n#define PREFIX FMT\n#endif\n#define FMT_H XSTR(FMT.h)\n#include FMT_H\n',
      'd/fancy.h': '#define GRANULE 64\n',
      'd/user.c': '#include "build.c"\nint f(void)\n{\n\treturn PREFIX + GRANULE;\n}\n',
    });
    const ir = unit('d/user.c').functions[0]!.lower();
    assert.ok(ir.kind === 'lowered');
    const node = ir.cfg.nodes.find((each) => each.kind === 'return');
    assert.ok(node?.kind === 'return' && node.value?.kind === 'binary');
    assert.ok(node.value.right.kind === 'constant');
    assert.equal(node.value.right.value, 64);
    assert.equal(unit('d/user.c').types.constant(undefined, node.value.right), 64);
  });

  it('takes the declaration whose #ifdef holds', () => {
    const text = '#ifdef VARIANT\n#define PREFIX 1\n#else\n#define PREFIX 2\n#endif\n';
    const find = (own: string): string => {
      const table = scanSymbols(own);
      const found = createHeaderView(createHeaderStore(testTree({})), 'a.c', table).find('PREFIX')!;
      return own.slice(found.symbol.start, found.symbol.end);
    };
    assert.equal(find(text), '#define PREFIX 2');
    assert.equal(find(`#define VARIANT\n${text}`), '#define PREFIX 1');
  });

  it('knows where includes may be', () => {
    assert.deepEqual(candidatesOf('arch/arm64/mm/a.c', { path: 'asm/b.h', form: 'angles' }), [
      'arch/arm64/include/asm/b.h',
      'arch/arm64/include/uapi/asm/b.h',
      'include/asm-generic/b.h',
      'include/uapi/asm-generic/b.h',
    ]);
    assert.equal(joinPath('a/b', '../c.h'), 'a/c.h');
    assert.equal(joinPath('a', '../../c.h'), undefined);
  });
});

describe('expanding text', () => {
  const macros = new Map(
    [
      '#define CONCAT(a, b) a ## b',
      '#define CONCATENATE(X, Y...) CONCAT(X, Y)',
      '#define FMT amdv1',
      '#define PREFIX CONCATENATE(FMT, _)',
      '#define NS(fn) CONCATENATE(PREFIX, fn)',
      '#define SELF SELF + 1',
    ].map((line) => {
      const macro = parseDefine(line, { file: 'a.h', near: true });
      return [macro.name, macro] as const;
    }),
  );
  const expand = (text: string): string => expandText(text, (name) => macros.get(name));

  it('expands arguments before they are pasted', () => {
    assert.equal(expand('NS(map_range)').replaceAll(' ', ''), 'amdv1_map_range');
  });

  it('does not expand a macro inside itself, nor a function-like name without arguments', () => {
    assert.equal(expand('SELF'), 'SELF + 1');
    assert.equal(expand('NS + 1'), 'NS + 1');
  });
});
