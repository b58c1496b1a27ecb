import assert from 'node:assert/strict';
import { machineFor, stopOf } from '../../../tests/simulate/smallMachine.ts';

describe('hard stops', () => {
  const stop = (text: string, name = 'f', args: readonly (number | bigint)[] = []) =>
    stopOf(machineFor(text), name, args);

  it('stops at inline assembly, with its line', () => {
    const { kind, message, line } = stop(
      'int f(void)\n{\n  int x = 1;\n  asm volatile("cpuid" : "+r"(x));\n  return x;\n}',
    );
    assert.equal(kind, 'asm');
    assert.match(message, /cpuid/);
    assert.equal(line, 4);
  });

  it('stops where assembly may jump, an array has a computed length, or a number a fraction', () => {
    const jump =
      'int f(int x)\n{\n  asm goto("jmp %l0" : : : : out);\n  return 1;\nout:\n  return 2;\n}';
    const variable =
      'int f(int n)\n{\n  if (n > 3)\n    return 9;\n  char a[n];\n  return sizeof(a);\n}';
    const fraction =
      'int f(int n)\n{\n  double d;\n  if (n > 3)\n    return 9;\n  d = n;\n  return 0;\n}';
    const compare = 'int f(int n)\n{\n  if (n > 3)\n    return 9;\n  return n * 1.5 > 1;\n}';
    const expected = [
      { text: jump, kind: 'asm', line: 3, message: /jmp/ },
      { text: variable, kind: 'builtin', line: 5, message: /a\[\] has a length that is computed/ },
      { text: fraction, kind: 'builtin', line: 6, message: /floating point/ },
      { text: compare, kind: 'builtin', line: 5, message: /floating point/ },
    ];
    for (const { text, kind, line, message } of expected) {
      const found = stop(text, 'f', [2]);
      assert.deepEqual([found.kind, found.line], [kind, line], text);
      assert.match(found.message, message);
    }
    // Only the path that reaches them ends.
    for (const text of [variable, fraction, compare])
      assert.equal(machineFor(text).call('f', [4]), 9);
  });

  it('takes assembly without instructions as the barrier that it is', () => {
    const machine = machineFor(
      'int f(int a) { int b; asm("" : "=r"(b) : "0"(a)); asm volatile("" ::: "memory"); return b + 1; }',
    );
    assert.equal(machine.call('f', [4]), 5);
  });

  it('stops at C that is nested too deeply, in the parser, the compiler or the run', () => {
    const brackets = `int f(int x) { return ${'('.repeat(40_000)}x${')'.repeat(40_000)}; }`;
    assert.match(stop(brackets, 'f', [1]).message, /nested too deeply/);
    const sum = `int f(int x) { return x${'+x'.repeat(40_000)}; } int g(void) { return 3; }`;
    assert.match(stop(sum, 'f', [1]).message, /nested too deeply/);
    assert.equal(machineFor(sum).call('g', []), 3);
    const branches = `int f(int x) { ${'if (x == 1) x = 2; else '.repeat(20_000)} x = 3; return x; }`;
    assert.match(stop(branches, 'f', [1]).message, /nested too deeply/);
  });

  it('stops at a builtin that nobody knows', () => {
    const { kind, message } = stop('int f(int x) { return __builtin_frobnicate(x); }', 'f', [1]);
    assert.equal(kind, 'builtin');
    assert.match(message, /__builtin_frobnicate/);
  });

  it('stops at a body that uses an incomplete type', () => {
    const { kind, message } = stop('struct s; int f(struct s *p) { return p->a; }', 'f', [4096]);
    assert.equal(kind, 'not-parsed');
    assert.match(message, /incomplete struct s/);
  });

  it('stops at NULL, unbacked, freed and impossible addresses', () => {
    const text = `
      void *kmalloc_stub(unsigned long); void kfree(const void *);
      void *vmalloc(unsigned long);
      int null(void) { int *p = 0; return *p; }
      int wild(void) { return *(int *)0x123456789UL; }
      int stale(void) { int *p = vmalloc(8); *p = 3; kfree(p); return *p; }
      int poison(void) { return *(int *)0xdead4ead00000000UL; }
      int call_wild(void) { int (*p)(void) = (int (*)(void))0x1234UL; return p(); }
      void twice(void) { int *p = vmalloc(8); kfree(p); kfree(p); }
      int past_end(void) { int *p = vmalloc(8); p[2] = 1; return 0; }`;
    const expected = {
      ...{ null: 'null-pointer', wild: 'unbacked', stale: 'freed-memory', poison: 'bad-pointer' },
      ...{ call_wild: 'bad-pointer', twice: 'bad-pointer', past_end: 'unbacked' },
    };
    for (const [name, kind] of Object.entries(expected))
      assert.equal(stop(text, name).kind, kind, name);
  });

  it('stops where an unwritten value decides, not where it is only moved', () => {
    const text = `
      void *vmalloc(unsigned long);
      struct s { int a, b; };
      int local(int c) { int x; if (c) x = 1; if (x) return 2; return 3; }
      int heap(void) { struct s *p = vmalloc(8); p->a = 1; return p->b ? 1 : 0; }
      int moved(void) { struct s *p = vmalloc(8), q; int x; p->a = 1; q = *p; x = q.b; q.b = x; return q.a; }
      int again(void) { int n = 0; for (int i = 0; i < 2; i++) { int x; if (i == 0) x = 5; n += x; } return n; }`;
    assert.equal(machineFor(text).call('local', [1]), 2);
    assert.equal(stop(text, 'local', [0]).kind, 'uninitialised');
    assert.equal(stop(text, 'heap').kind, 'uninitialised');
    assert.equal(machineFor(text).call('moved', []), 1);
    assert.match(stop(text, 'again').message, /reads x, which was never set/);
  });

  it('stops at division by zero, BUG and code that is declared unreachable', () => {
    const text = `
      int divide(int a, int b) { return a / b; }
      void broken(int c) { BUG_ON(c); }
      void nowhere(void) { __builtin_unreachable(); }`;
    assert.equal(stop(text, 'divide', [1, 0]).kind, 'division-by-zero');
    assert.equal(stop(text, 'broken', [1]).kind, 'bug');
    assert.equal(machineFor(text).call('broken', [0]), undefined);
    assert.equal(stop(text, 'nowhere').kind, 'bug');
  });

  it('names the unknown function that left an output alone', () => {
    const text = `
      int ask(int *answer, const int *question);
      int f(void) { int a = 1, q = 2; ask(&a, &q); if (q != 2) return 7; return a ? 1 : 0; }`;
    const { kind, message } = stop(text);
    assert.equal(kind, 'unknown-contents');
    assert.match(message, /ask\(\)/);
  });
});

describe('budgets', () => {
  it('ends a loop that does not end', () => {
    const machine = machineFor('void f(void) { for (;;) ; }', { budget: { steps: 5000 } });
    const { kind, message } = stopOf(machine, 'f');
    assert.equal(kind, 'budget');
    assert.match(message, /more than 5000 steps/);
    assert.ok(machine.steps <= 5001, String(machine.steps));
  });

  it('ends recursion', () => {
    const machine = machineFor('int f(int n) { return f(n + 1) + 1; }', { budget: { depth: 50 } });
    assert.match(stopOf(machine, 'f', [0]).message, /deeper than 50/);
  });

  it('ends memory traffic that costs no steps', () => {
    const text =
      'void *memset(void *, int, unsigned long); char buffer[65536]; void f(void) { for (;;) memset(buffer, 1, 65536); }';
    const machine = machineFor(text, { budget: { bytesMoved: 1 << 20 } });
    assert.match(stopOf(machine, 'f').message, /moved more than 1048576 bytes/);
  });

  it('ends when the clock says so', () => {
    let time = 0;
    const machine = machineFor('void f(void) { for (;;) ; }', {
      budget: { milliseconds: 100 },
      now: () => (time += 30),
    });
    assert.match(stopOf(machine, 'f').message, /longer than 100 ms/);
  });

  it('ends when it is cancelled', () => {
    let asked = 0;
    const machine = machineFor('void f(void) { for (;;) ; }', { cancelled: () => ++asked > 3 });
    assert.equal(stopOf(machine, 'f').kind, 'cancelled');
  });

  it('can be used again after a stop', () => {
    const machine = machineFor('int f(int n) { return n ? f(n - 1) : 4; }', {
      budget: { depth: 20 },
    });
    assert.equal(stopOf(machine, 'f', [30]).kind, 'budget');
    assert.equal(machine.call('f', [10]), 4);
  });
});

describe('execution', () => {
  it('passes through cleanups on every way out of a scope', () => {
    const machine = machineFor(`
      static int log[8], n;
      static void leave(int *p) { log[n++] = *p; }
      #define SCOPED __attribute__((cleanup(leave)))
      int f(int way) {
        for (int i = 0; i < 2; i++) {
          SCOPED int a = 10 + i;
          if (way == 1) continue;
          SCOPED int b = 20 + i;
          if (way == 2) break;
          if (way == 3) return n;
          if (way == 4) goto out;
          SCOPED int c = 30 + i;
        }
      out:
        return n * 100 + log[0];
      }
      int logged(int i) { return log[i]; }`);
    assert.equal(machine.call('f', [1]), 210);
    assert.deepEqual(
      [0, 1].map((i) => machine.call('logged', [i])),
      [10, 11],
    );
    assert.equal(machine.call('f', [3]), 2);
    assert.deepEqual(
      [2, 3].map((i) => machine.call('logged', [i])),
      [20, 10],
    );
    assert.equal(machine.call('f', [2]), 610);
    assert.deepEqual(
      [4, 5].map((i) => machine.call('logged', [i])),
      [20, 10],
    );
    assert.equal(machine.call('f', [4]), 810);
  });

  it('calls through tables of function pointers with static initialisers', () => {
    const machine = machineFor(`
      struct ops { int (*go)(int); const char *name; int flags[3]; };
      static int twice(int x) { return 2 * x; }
      static const struct ops table[] = { [1] = { .go = twice, .name = "two", .flags = { [2] = 7 } } };
      int f(int x) { return table[1].go(x) + table[1].flags[2] + table[1].name[1] + (int)(sizeof(table) / sizeof(table[0])); }`);
    assert.equal(machine.call('f', [5]), 10 + 7 + 119 + 2);
  });

  it('keeps what the kernel hides in pointers: tags, errors, addresses of both halves', () => {
    const machine = machineFor(`
      typedef unsigned long ul;
      int f(void) {
        char c; void *p = (void *)((ul)&c | 3), *e = (void *)-12L, *u = (void *)0x7fff00001000UL;
        void *poison = (void *)0xdead000000000122UL;
        return ((ul)p & 3) == 3 && (ul)e >= (ul)-4095L && u < e && (ul)poison == 0xdead000000000122UL
          && poison > u && (char *)((ul)p & ~3UL) == &c && (long)e == -12;
      }`);
    assert.equal(machine.call('f', []), 1);
  });

  it('counts bits, at run time as for constants', () => {
    const text = `
      int f(unsigned long x, unsigned int y) {
        return fls64(x) * 1000000 + fls(y) * 10000 + (int)__ffs(x) * 100 + ffs(y)
          + (__builtin_popcountl(x) << fls(y)) + (1L << fls(0u));
      }
      int k(void) { return fls64(0x80000000UL) + (int)__ffs(8UL) + __builtin_clz(1) + __builtin_bswap32(1) / 0x1000000; }`;
    const machine = machineFor(text);
    assert.equal(machine.call('f', [0x50n, 6]), 7030402 + (2 << 3) + 1);
    assert.equal(machine.call('k', []), 32 + 3 + 31 + 1);
  });

  it('gives all constants of an enumeration its type where one does not fit int', () => {
    const text = `
      enum mixed { LOW = 1, HIGH = 0x80000000 };
      enum big { SMALL = -1, LARGE = 1L << 40 };
      enum plain { A = 1, B = 0x7fffffff };
      int f(void) { return (LOW - 2 > 0) + 10 * (int)sizeof(SMALL) + 100 * (A - 2 < 0) + 1000 * (int)sizeof(A); }`;
    assert.equal(machineFor(text).call('f', []), 4181);
  });

  it('reruns with another choice string to take the other way', () => {
    const text = 'int ask(void); int f(void) { return ask() == 0 ? 10 : 20; }';
    const machine = machineFor(text);
    assert.equal(machine.call('f', []), 10);
    assert.deepEqual(machine.assumptions, ['ask() = 0']);
  });
});
