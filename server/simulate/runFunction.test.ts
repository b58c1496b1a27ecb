import assert from 'node:assert/strict';
import type { ListedSource } from './link/symbolFinder.ts';
import { definesFunction } from './link/symbolFinder.ts';
import { DEFAULT_BUDGET } from './machine/budget.ts';
import { runFunction } from './runFunction.ts';
import type { FunctionRun } from './runFunction.ts';
import { runText } from './runText.ts';

function source(files: Readonly<Record<string, string>>): ListedSource {
  return {
    read: (path) => files[path],
    list: (folder) =>
      Object.keys(files)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1)),
  };
}

function run(
  text: string,
  name: string,
  others: Readonly<Record<string, string>> = {},
): FunctionRun {
  const result = runFunction({
    ...{ source: source({ ...others, 'drivers/x/a.c': text }), file: 'drivers/x/a.c' },
    ...{ function: name, budget: DEFAULT_BUDGET, now: () => 0 },
  });
  assert.ok(result.ok, result.ok ? '' : result.problem.reason);
  return result.run;
}

describe('runFunction', () => {
  it('runs one path where nothing is left open', () => {
    const { paths, complete } = run(
      'int f(void) { int s = 0; for (int i = 0; i < 5; i++) s += i; return s; }',
      'f',
    );
    assert.ok(complete);
    assert.deepEqual(
      paths.map(({ outcome }) => outcome),
      [{ kind: 'returned', value: '10' }],
    );
  });

  it('takes every choice of an unknown function, and calls no such result known', () => {
    const { paths, complete } = run(
      'int ask(void); int f(void) { return ask() < 0 ? 1 : 2; }',
      'f',
    );
    assert.ok(complete);
    assert.deepEqual(
      paths.map(({ choices }) => choices),
      ['0', '2', '1'],
    );
    assert.deepEqual(
      paths.map(({ outcome }) => outcome),
      ['2', '2', '1'].map((value) => ({ kind: 'assumed', value })),
    );
    assert.deepEqual(paths[2]!.assumptions, ['ask() = -12']);
  });

  it('chooses what an input holds when it is read, by its type', () => {
    const text = `
      struct list_head { struct list_head *next, *prev; };
      struct dev { int id; struct list_head items; struct dev *parent; };
      int f(struct dev *d) {
        if (d->items.next->next->next != &d->items && d->items.next != &d->items) return 1;
        if (!d->parent) return 2;
        return d->parent->id ? 3 : 4;
      }`;
    const values = run(text, 'f').paths.map(({ outcome }) =>
      outcome.kind === 'assumed' ? outcome.value : outcome,
    );
    // Lists that are not empty have one entry, or two.
    assert.deepEqual([...new Set(values)].sort(), ['1', '2', '3', '4']);
  });

  it('lists the assumptions that something read, also through copies', () => {
    const text = `
      struct in { int used, ignored; int *copied; };
      struct out { struct in first, second; };
      void *memcpy(void *to, const void *from, unsigned long size);
      int f(struct in *in) {
        struct out out;
        int kept = in->used;
        out.first = *in;
        memcpy(&out.second, &out.first, sizeof(out.first));
        return out.second.copied ? kept : 0;
      }`;
    const { paths, complete } = run(text, 'f');
    assert.ok(complete);
    assert.deepEqual(paths[0]!.assumptions, ['in->used = 1', 'in->copied = an object']);
    assert.deepEqual(
      [...new Set(paths.flatMap(({ decisions }) => decisions.map(({ question }) => question)))],
      ['in->used', 'in->copied'],
    );
  });

  it('invents what lies around an object: the struct it is a member of, private data behind it', () => {
    const text = `
      struct inner { int a; };
      struct outer { long x; int flag; struct inner inner; };
      struct priv { int b; };
      int f(struct inner *i) {
        struct outer *o = (struct outer *)((char *)i - __builtin_offsetof(struct outer, inner));
        struct priv *p = (struct priv *)(i + 1);
        return o->flag + 10 * p->b;
      }`;
    const { paths } = run(text, 'f');
    assert.deepEqual(paths[0]!.outcome, { kind: 'assumed', value: '11' });
    assert.deepEqual(paths[0]!.assumptions, ['i:outer->flag = 1', '*i + 4 = 1']);
  });

  it('reads what an unknown function may have written as it was, or not', () => {
    const text = `
      struct s { int a, b; };
      void touch(struct s *s); int ask(int *answer);
      int f(void) {
        struct s s = { 5, 6 };
        int answer;
        touch(&s);
        ask(&answer);
        return answer ? s.a : 3;
      }`;
    const values = run(text, 'f').paths.map(({ outcome }) =>
      outcome.kind === 'assumed' ? outcome.value : outcome,
    );
    assert.deepEqual([...new Set(values)].sort(), ['0', '3', '5']);
  });

  it('keeps bit-fields that nobody read apart from the one that is written', () => {
    const text = `
      struct s { unsigned int a : 1, b : 1; };
      int f(struct s *s) { s->a = 0; return s->b; }`;
    const values = run(text, 'f').paths.map(({ outcome }) =>
      outcome.kind === 'assumed' ? outcome.value : outcome,
    );
    assert.deepEqual([...new Set(values)].sort(), ['0', '1']);
  });

  it('stops within the budget of paths and says so', () => {
    const text =
      'int ask(void); int f(void) { int n = 0; for (int i = 0; i < 9; i++) n += ask(); return n; }';
    const { paths, complete } = run(text, 'f');
    assert.equal(paths.length, DEFAULT_BUDGET.paths);
    assert.ok(!complete);
  });

  it('executes what other linkable files define', () => {
    const others = {
      'drivers/x/b.c': 'static int k = 5;\nint helper(int a)\n{\n  return a * k;\n}\n',
    };
    const { paths } = run('int helper(int a); int f(void) { return helper(3); }', 'f', others);
    assert.deepEqual(
      paths.map(({ outcome }) => outcome),
      [{ kind: 'returned', value: '15' }],
    );
  });

  it('takes numbers of options that the profile does not have from Kconfig', () => {
    const others = { 'drivers/x/Kconfig': 'config X_DEPTH\n\tint "entries"\n\tdefault 24\n' };
    const text = 'int ring[CONFIG_X_DEPTH]; int f(void) { return sizeof(ring) / CONFIG_X_DEPTH + CONFIG_X_DEPTH; }'; // prettier-ignore
    const { paths } = run(text, 'f', others);
    assert.deepEqual(
      paths.map(({ outcome }) => outcome),
      [{ kind: 'returned', value: '28' }],
    );
  });

  it('shows where a path stopped', () => {
    const text = runText(run('int f(void)\n{\n  int *p = 0;\n  return *p;\n}', 'f'));
    assert.match(
      text,
      /stopped \(null-pointer\): accesses address 0x0\n {4}in f\(\) drivers\/x\/a\.c:4:3/,
    );
  });

  it('names a function that is not there', () => {
    const result = runFunction({
      ...{ source: source({ 'a.c': 'int g(void);' }), file: 'a.c', function: 'g' },
      ...{ budget: DEFAULT_BUDGET, now: () => 0 },
    });
    assert.ok(!result.ok);
    assert.match(result.problem.reason, /no function g is defined here under profile x86-64/);
  });
});

describe('definesFunction', () => {
  it('tells definitions from calls, declarations and statics', () => {
    assert.ok(definesFunction('struct a *\nfind(int x)\n{\n}', 'find'));
    assert.ok(definesFunction('int find(int x, void (*f)(int)) __must_hold(x) {\n}', 'find'));
    assert.ok(!definesFunction('int find(int x);', 'find'));
    assert.ok(!definesFunction('static int find(int x)\n{\n}', 'find'));
    assert.ok(!definesFunction('static int\nfind(int x)\n{\n}', 'find'));
    assert.ok(!definesFunction('int g(void)\n{\n\tif (find(1)) {\n\t}\n}', 'find'));
  });
});
