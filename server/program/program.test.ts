import assert from 'node:assert/strict';
import { builtSyntax } from '../syntax/builtSyntax.test.ts';
import { lowered, testProgram, unitOf } from './fixture.test.ts';
import { livenessOf } from './liveness.ts';
import { mentionsInterfaces } from './relevance.ts';
import { kernelApi } from './kernelApi/registry.ts';

describe('a unit', () => {
  it('lowers a function again only when its text or its surroundings changed', async () => {
    const syntax = await builtSyntax();
    const { program } = await testProgram();
    const lower = (text: string): unknown[] =>
      program.unit('a.c', syntax.parse('a.c', text).value).functions.map((fn) => fn.lower());
    const one = lower('#define N 1\nint f(void) { return N; }\nint g(void) { return 1; }\n');
    const two = lower('#define N 1\nint f(void) { return N; }\n\nint g(void) { return 2; }\n');
    assert.equal(two[0], one[0]);
    assert.notEqual(two[1], one[1]);
    const three = lower('#define N 2\nint f(void) { return N; }\nint g(void) { return 2; }\n');
    assert.notEqual(three[0], one[0]);
    const four = lower('#define N 2\nint f(void) { return N; }\nvoid *g(void) { return 2; }\n');
    assert.notEqual(
      four[0],
      three[0],
      'what another function returns decides the type of its calls',
    );
  });

  it('finds inlines of headers with their place', async () => {
    const text = '/* first */\nstatic inline int twice(int x)\n{\n\treturn 2 * x;\n}\n';
    const { unit } = await testProgram({
      'a.c': '#include "a.h"\nint f(void) { return twice(2); }\n',
      'a.h': text,
    });
    const fn = unit('a.c').lookup('twice');
    assert.equal(fn?.file, 'a.h');
    assert.equal(fn.itemStart, text.indexOf('static'));
    assert.equal(fn.lower().kind, 'lowered');
    assert.equal(unit('a.c').lookup('nowhere'), undefined);
  });

  it('gives functions of a file that is only included the names of each build', async () => {
    const files = {
      'g/common.h':
        '#define CAT(a, b) a##b\n#define NAME(a, b) CAT(a, b)\n#define NS(fn) NAME(FMT, _##fn)\nint NS(map)(void)\n{\n\treturn LIMIT;\n}\n',
      'g/fmt/one.c': '#define FMT one\n#define LIMIT 1\n#include "../common.h"\n',
      'g/fmt/two.c': '#define FMT two\n#define LIMIT 2\n#include "../common.h"\n',
    };
    const syntax = await builtSyntax();
    const { program } = await testProgram(files);
    const source = syntax.parse('g/common.h', files['g/common.h']).value;
    const seen = ['one', 'two'].map((name) => {
      const [fn] = program.unit('g/common.h', source, { name, file: `g/fmt/${name}.c` }).functions;
      const ir = fn!.lower();
      assert.ok(ir.kind === 'lowered');
      const node = ir.cfg.nodes.find((each) => each.kind === 'return');
      return [
        fn!.name,
        fn!.build,
        node?.kind === 'return' && node.value?.kind === 'constant' && node.value.value,
      ];
    });
    assert.deepEqual(seen, [
      ['one_map', 'one', 1],
      ['two_map', 'two', 2],
    ]);
  });

  it('reads the release from the Makefile of the tree', async () => {
    const syntax = await builtSyntax();
    const { createProgram } = await import('./program.ts');
    const read = (file: string): string | undefined =>
      file === 'Makefile' ? 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 9\n' : undefined;
    const { api } = createProgram({ parsing: syntax, tree: { read, list: () => undefined } });
    assert.equal(api.version, '6.1');
    assert.equal(api.find('iommu_map')?.params.length, 5);
  });
});

describe('the symbol index', () => {
  const text = `
struct inner_ops { int (*map)(void); };
struct outer { struct inner_ops inner; int (*free)(void); };
static int one(void) { return 0; }
static int two(void) { return one(); }
static irqreturn_t irq(int n, void *d) { return 0; }
static void work(struct work_struct *w) { two(); one(); }
static const struct outer table[] = {
	{ .inner = { .map = one }, .free = &two },
	[2].inner.map = two,
};
static int probe(struct device *dev, struct outer *o)
{
	o->inner.map = two;
	INIT_WORK(&o->work, work);
	return devm_request_irq(dev, 1, irq, 0, "x", o);
}
static void leave(void) { }
module_exit(leave);
EXPORT_SYMBOL_GPL(probe);
`;

  it('tells which function is which operation of which struct', async () => {
    const { symbols } = await unitOf(text);
    assert.deepEqual(
      symbols.ops.map(({ struct, path, functionName, object }) => [
        struct,
        path,
        functionName,
        object,
      ]),
      [
        ['inner_ops', 'inner.map', 'one', 'table'],
        ['outer', 'free', 'two', 'table'],
        ['inner_ops', 'inner.map', 'two', 'table'],
        ['inner_ops', 'inner.map', 'two', undefined],
      ],
    );
    assert.deepEqual(symbols.functionsFor('outer', 'free'), ['two']);
  });

  it('knows handlers, callers and exports', async () => {
    const { symbols } = await unitOf(text);
    assert.deepEqual(
      symbols.registrations.map(({ functionName, role, within }) => [functionName, role, within]),
      [
        ['work', 'work', 'probe'],
        ['irq', 'irq', 'probe'],
        ['leave', 'moduleExit', undefined],
      ],
    );
    assert.deepEqual(
      symbols.callersOf('one').map(({ caller, start }) => [caller, text.slice(start, start + 5)]),
      [
        ['two', 'one()'],
        ['work', 'one()'],
      ],
    );
    assert.deepEqual([...symbols.exported], ['probe']);
  });
});

describe('relevance', () => {
  const api = kernelApi('7.3');

  it('every interface with a contract is mentioned by its own name', () => {
    for (const { name, relevant } of api.functions) {
      if (relevant) assert.ok(mentionsInterfaces(api, `\tx = ${name}(a);`), name);
    }
    assert.ok(!mentionsInterfaces(api, 'int dma_channels; kfree(x); my_dma_map_single_t y;'));
  });
});

describe('liveness', () => {
  it('ends after the last read and before the next write', async () => {
    const ir = await lowered('int f(int a) { int b = a; g(b); b = 2; h(&a); return b; }');
    const live = livenessOf(ir);
    const at = (text: string): number =>
      ir.cfg.nodes.findIndex((node) => JSON.stringify(node).includes(text));
    const [a, b] = [0, 1];
    assert.ok(live.isLiveAfter(at('"declare"'), b));
    assert.ok(!live.isLiveAfter(at('"name":"g"'), b));
    assert.ok(live.isLiveAfter(at('"assign"'), b));
    // Its address was taken.
    assert.ok(live.isLiveAfter(ir.cfg.end, a));
  });
});

describe('other files', () => {
  it('offers functions of the folder that are not static, lowered with what their file sees', async () => {
    const { unit, tree } = await testProgram({
      'd/a.c': 'int f(void) { return g() + h(); }\n',
      'd/b.c':
        '#define LIMIT 7\nstatic int h(void)\n{\n\treturn 0;\n}\nint g(void)\n{\n\treturn LIMIT;\n}\n',
      'e/c.c': 'int k(void)\n{\n\treturn 0;\n}\n',
    });
    const a = unit('d/a.c');
    assert.ok(!tree.reads.includes('d/b.c'));
    const fn = a.neighbour('g');
    assert.equal(fn?.file, 'd/b.c');
    const ir = fn.lower();
    assert.ok(ir.kind === 'lowered');
    const node = ir.cfg.nodes.find((each) => each.kind === 'return');
    assert.ok(node?.kind === 'return' && node.value?.kind === 'constant');
    assert.equal(node.value.value, 7);
    assert.equal(a.neighbour('h'), undefined);
    assert.equal(a.neighbour('k'), undefined);
  });

  it('reads a function with #else inside in every way', async () => {
    const unit = await unitOf(
      'int f(void)\n{\n#ifdef CONFIG_A\n\treturn 1;\n#else\n\treturn 2;\n#endif\n}\n',
    );
    const [fn] = unit.functions;
    const values = [fn!.lower(), ...fn!.variants()].map((ir) => {
      assert.ok(ir.kind === 'lowered');
      const node = ir.cfg.nodes.find((each) => each.kind === 'return');
      return node?.kind === 'return' && node.value?.kind === 'int' ? node.value.value : undefined;
    });
    assert.deepEqual(values, [1, 2]);
  });
});
