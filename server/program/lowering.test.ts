import assert from 'node:assert/strict';
import { graph, lowered, unitOf } from './fixture.test.ts';

/** Compares a graph with lines that are indented like the test. */
async function lowersTo(text: string, expected: string): Promise<void> {
  const wanted = expected
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
  assert.equal(await graph(text), wanted);
}

describe('lowering', () => {
  it('turns && and || of conditions into edges', async () => {
    await lowersTo(
      'int f(int a, int b, int c) { if (a && (b || !c)) return 1; return 0; }',
      `0: entry -> 1
       1: if a -> true:2 false:5
       2: if b -> true:4 false:3
       3: if c -> true:5 false:4
       4: return 1 -> 6
       5: return 0 -> 6
       6: end`,
    );
  });

  it('gives each arm of a choice that is assigned, returned or declared its own path', async () => {
    await lowersTo(
      'int f(int a) { int x = a ? g() : 2; return x ? 0 : -22; }',
      `0: entry -> 1
       1: if a -> true:2 false:3
       2: declare int x = g() -> 4
       3: declare int x = 2 -> 4
       4: join -> 5
       5: if x -> true:6 false:7
       6: return 0 -> 8
       7: return -22 -> 8
       8: end`,
    );
  });

  it('keeps a choice without effects as a value where it is an argument', async () => {
    await lowersTo(
      'void f(int w) { g(w ? 1 : 2); }',
      `0: entry -> 1
       1: g(w ? 1 : 2) -> 2
       2: end`,
    );
  });

  it('moves a call under && into the graph and reads its truth from a temporary', async () => {
    await lowersTo(
      'void f(int a) { h(a && g()); }',
      `0: entry -> 1
       1: if a -> true:2 false:4
       2: if g() -> true:3 false:4
       3: $1 = 1 -> 5
       4: $1 = 0 -> 5
       5: join -> 6
       6: h($1) -> 7
       7: end`,
    );
  });

  it('lowers loops with break and continue', async () => {
    await lowersTo(
      'void f(int n) { int i; for (i = 0; i < n; i++) { if (g(i)) continue; if (h(i)) break; } do n--; while (n); }',
      `0: entry -> 1
       1: declare int i -> 2
       2: i = 0 -> 3
       3: join -> 4
       4: if i < n -> true:5 false:8
       5: if g(i) -> true:7 false:6
       6: if h(i) -> true:8 false:7
       7: i++ -> 3^
       8: join -> 9
       9: n-- -> 10
       10: if n -> true:8^ false:11
       11: end`,
    );
  });

  it('resolves gotos into both directions and runs clean-ups on every leaving edge, innermost first', async () => {
    await lowersTo(
      `int f(int a)
       {
         void *p __free(kfree) = g();
       again:
         {
           void *q __free(kfree) = g();
           if (a == 1)
             goto again;
           if (a == 2)
             goto out;
         }
         {
           guard(mutex)(&lock);
           return 1;
         }
       out:
         return 0;
       }`,
      `0: entry -> 1
       1: declare void * p = g() -> 2
       2: again: -> 3
       3: declare void * q = g() -> 4
       4: if a == 1 -> true:5 false:6
       5: cleanup kfree(q) -> 2^
       6: if a == 2 -> true:7 false:11
       7: cleanup kfree(q) -> 8
       8: out: -> 9
       9: return 0 -> 10
       10: cleanup kfree(p) -> 16
       11: cleanup kfree(q) -> 12
       12: guard mutex(&lock) -> 13
       13: return 1 -> 14
       14: unguard mutex(&lock) -> 15
       15: cleanup kfree(p) -> 16
       16: end`,
    );
  });

  it('lowers switches with ranges, fall-through and a default in the middle', async () => {
    await lowersTo(
      `void f(int a)
       {
         switch (a) {
         case 1:
           g();
           fallthrough;
         default:
           h();
           break;
         case 3 ... 5:
           return;
         }
       }`,
      `0: entry -> 1
       1: switch a -> case 1:2 default:4 case 3...5:6
       2: join -> 3
       3: g() -> 4
       4: join -> 5
       5: h() -> 8
       6: join -> 7
       7: return -> 8
       8: end`,
    );
  });

  it('knows which arguments of an iterator macro are assigned', async () => {
    const ir = await lowered(
      'void f(struct sg_table *t) { struct scatterlist *sg; int i; for_each_sgtable_dma_sg(t, sg, i) g(sg); }',
    );
    const head = ir.cfg.nodes.find((node) => node.kind === 'iterate');
    assert.ok(head?.kind === 'iterate');
    assert.deepEqual(head.roles.assigned, [1, 2]);
    assert.equal(head.roles.element, 1);
    assert.deepEqual(
      head.edges.map(({ label }) => label.kind),
      ['body', 'done'],
    );
    assert.equal(ir.cfg.loops.length, 1);
  });

  it('works out the cursor of an unknown iterator macro from its definition', async () => {
    const ir = await lowered(
      `#define for_each_ring(r, pos) for ((pos) = (r)->first; (pos); (pos) = (pos)->next)
       void f(struct r *r) { struct d *d; for_each_ring(r, d) g(d); }`,
    );
    const head = ir.cfg.nodes.find((node) => node.kind === 'iterate');
    assert.ok(head?.kind === 'iterate');
    assert.deepEqual(head.roles.assigned, [1]);
  });

  it('runs the body of a scoped guard once; break leaves it and unlocks', async () => {
    await lowersTo(
      'void f(int a) { scoped_guard(spinlock, &l) { if (a) break; g(); } h(); }',
      `0: entry -> 1
       1: guard spinlock(&l) -> 2
       2: if a -> true:3 false:4
       3: unguard spinlock(&l) -> 6
       4: g() -> 5
       5: unguard spinlock(&l) -> 6
       6: h() -> 7
       7: end`,
    );
  });

  it('ends paths in BUG() and in BUG_ON() that holds', async () => {
    await lowersTo(
      'void f(int a) { BUG_ON(a == 1); if (a) BUG(); g(); }',
      `0: entry -> 1
       1: if a == 1 -> true:2 false:3
       2: stop BUG_ON()
       3: if a -> true:4 false:6
       4: BUG() -> 5
       5: stop BUG()
       6: g() -> 7
       7: end`,
    );
  });

  it('branches on what likely() and WARN_ON() wrap', async () => {
    await lowersTo(
      'void f(int *p) { if (unlikely(!p) || WARN_ON(*p > 3)) return; g(); }',
      `0: entry -> 1
       1: if p -> true:2 false:4
       2: if *p > 3 -> true:4 false:3
       3: g() -> 5
       4: return -> 5
       5: end`,
    );
  });

  it('takes only the possible edge of a constant condition', async () => {
    await lowersTo(
      'void f(void) { while (1) { if (g()) return; } }',
      `0: entry -> 1
       1: join -> 2
       2: if g() -> true:3 false:1^
       3: return -> 4
       4: end`,
    );
  });
});

describe('lowering macros', () => {
  it('expands an expression macro at its use and keeps the spans of its arguments', async () => {
    const text = `#define dev_of(priv) (&(priv)->pdev->dev)
void f(struct priv *mine) { g(dev_of(mine)); }`;
    const ir = await lowered(text);
    const item = text.slice(text.indexOf('void f'));
    const node = ir.cfg.nodes.find((each) => each.kind === 'eval');
    assert.ok(node?.kind === 'eval' && node.expr.kind === 'call');
    const argument = node.expr.args[0]!;
    assert.equal(item.slice(argument.start, argument.end), 'dev_of(mine)');
    assert.equal(argument.macro, 'dev_of');
    let inner = argument;
    while (inner.kind !== 'ident') {
      inner =
        inner.kind === 'field'
          ? inner.base
          : inner.kind === 'addressOf'
            ? inner.operand
            : assert.fail();
    }
    assert.equal(item.slice(inner.start, inner.end), 'mine');
  });

  it('expands a macro that hides a return, so that the path is seen', async () => {
    await lowersTo(
      `#define CHECK(x) do { if (!(x)) return -22; } while (0)
       int f(int a) { CHECK(a); return 0; }`,
      `0: entry -> 1
       1: join -> 2
       2: if a -> true:3 false:4
       3: return 0 -> 5
       4: return -22 -> 5
       5: end`,
    );
  });

  it('names a function whose macro hides a jump and cannot be expanded', async () => {
    const unit = await unitOf(
      '#define ODD(x) if (x) { goto out;\nint f(int a) { ODD(a); out: return 0; }',
    );
    const ir = unit.functions[0]!.lower();
    assert.ok(ir.kind === 'notLowered');
    assert.equal(ir.reason, 'the macro ODD hides a goto');
  });

  it('does not evaluate an argument twice by expanding', async () => {
    await lowersTo(
      `#define TWICE(x) ((x) + (x))
       void f(void) { g(TWICE(h())); }`,
      `0: entry -> 1
       1: g(TWICE(h())) -> 2
       2: end`,
    );
  });

  it('puts the body of a block macro where its definition runs it', async () => {
    await lowersTo(
      `#define with_clock(c) for (int once = enable(c); once; once = 0)
       void f(struct c *c) { with_clock(c) { g(); } }`,
      `0: entry -> 1
       1: declare int once = enable(c) -> 2
       2: join -> 3
       3: if once -> true:4 false:6
       4: g() -> 5
       5: once = 0 -> 2^
       6: end`,
    );
  });

  it('hands ownership over in return_ptr()', async () => {
    await lowersTo(
      'void *f(void) { void *p __free(kfree) = g(); return_ptr(p); }',
      `0: entry -> 1
       1: declare void * p = g() -> 2
       2: declare void * __taken = p -> 3
       3: p = NULL -> 4
       4: return __taken -> 5
       5: cleanup kfree(p) -> 6
       6: end`,
    );
  });

  it('pastes ## before it parses', async () => {
    await lowersTo(
      `#define set(what, x) x->what##_done = 1
       void f(struct s *s) { set(map, s); }`,
      `0: entry -> 1
       1: s->map_done = 1 -> 2
       2: end`,
    );
  });

  it('leaves # in a format alone', async () => {
    await lowersTo(
      `#define show(v) report("%#x", v)
       void f(int a) { show(a); }`,
      `0: entry -> 1
       1: report("%#x", a) -> 2
       2: end`,
    );
  });

  it('keeps a macro with a contract a call, whatever its definition says', async () => {
    await lowersTo(
      `#define dma_map_single(d, a, s, r) dma_map_single_attrs(d, a, s, r, 0)
       dma_addr_t f(void *p) { return dma_map_single(dev, p, 8, DMA_TO_DEVICE); }`,
      `0: entry -> 1
       1: return dma_map_single(dev, p, 8, DMA_TO_DEVICE) -> 2
       2: end`,
    );
  });
});

describe('functions that are not lowered', () => {
  it('are named with a reason and a place', async () => {
    const text = 'int g(void) { return 0; }\nint f(void) { return 1 +; }\n';
    const unit = await unitOf(text);
    assert.deepEqual(
      unit.functions.map((fn) => fn.lower().kind),
      ['lowered', 'notLowered'],
    );
    const ir = unit.functions[1]!.lower();
    assert.ok(ir.kind === 'notLowered');
    assert.equal(ir.name, 'f');
    assert.ok(ir.start > 0 && ir.start < unit.functions[1]!.text.length);
  });

  it('are named where a macro defines them', async () => {
    const unit = await unitOf('SYSCALL_DEFINE1(close, unsigned int, fd)\n{\n\treturn 0;\n}\n');
    const ir = unit.functions[0]!.lower();
    assert.ok(ir.kind === 'notLowered');
    assert.equal(ir.reason, 'defined by the macro SYSCALL_DEFINE1');
  });

  it('are named for a goto without its label', async () => {
    const unit = await unitOf('int f(void) { goto out; }');
    const ir = unit.functions[0]!.lower();
    assert.ok(ir.kind === 'notLowered');
    assert.equal(ir.reason, 'the label out is not defined');
  });
});
