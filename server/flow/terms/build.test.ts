import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  addr,
  alignDown,
  alignUp,
  ceilDiv,
  commutative,
  container,
  deref,
  div,
  field,
  isMultiple,
  linearForm,
  mul,
  op,
  opName,
  sub,
} from './build.ts';
import { printTerm } from './print.ts';
import { substitute } from './substitute.ts';
import { kinds, spaces, TermTable, type Term } from './term.ts';

/** An expression to build a term from, and to evaluate beside it. */
type Tree =
  | { readonly kind: 'num'; readonly value: number }
  | { readonly kind: 'var'; readonly name: string }
  | { readonly kind: 'add' | 'sub' | 'mul' | 'div' | 'up' | 'down' | 'ceil' | 'min'; readonly a: Tree; readonly b: Tree }; // prettier-ignore

const names = ['x', 'y', 'z', 'PAGE_SIZE'];

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.record({ kind: fc.constant('num' as const), value: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ kind: fc.constant('var' as const), name: fc.constantFrom(...names) }),
    fc.record({
      kind: fc.constantFrom('add', 'sub', 'mul', 'div', 'up', 'down', 'ceil', 'min' as const),
      a: tie('tree'),
      b: tie('tree'),
    }) as fc.Arbitrary<Tree>,
  ),
})).tree;

function build(table: TermTable, t: Tree): Term {
  switch (t.kind) {
    case 'num':
      return table.num(t.value);
    case 'var':
      return table.variable(t.name, spaces.constant);
    default: {
      const a = build(table, t.a);
      const b = build(table, t.b);
      switch (t.kind) {
        case 'add':
          return add(table, a, b);
        case 'sub':
          return sub(table, a, b);
        case 'mul':
          return mul(table, a, b);
        case 'div':
          return div(table, a, b);
        case 'up':
          return alignUp(table, a, b);
        case 'down':
          return alignDown(table, a, b);
        case 'ceil':
          return ceilDiv(table, a, b);
        case 'min':
          return commutative(table, 'min', [a, b]);
      }
    }
  }
}

type Values = Readonly<Record<string, number>>;

/** The value of a term; undefined where C leaves it undefined (division by zero) or signs make roundings differ. */
function valueOf(table: TermTable, term: Term, values: Values): number | undefined {
  const part = (i: number): number | undefined => valueOf(table, table.part(term, i), values);
  switch (table.kind(term)) {
    case kinds.num:
      return table.constant(term);
    case kinds.variable:
      return values[table.text(table.part(term, 0))];
    case kinds.lin: {
      let sum = table.constant(table.part(term, 0))!;
      for (let i = 1; i < table.arity(term); i += 2) {
        const atom = part(i);
        if (atom === undefined) return undefined;
        sum += atom * table.constant(table.part(term, i + 1))!;
      }
      return sum;
    }
    default: {
      const args = Array.from({ length: table.arity(term) - 1 }, (_, i) => part(i + 1));
      return operate(opName(table, term)!, args);
    }
  }
}

function operate(name: string, args: readonly (number | undefined)[]): number | undefined {
  const [a, b] = args;
  if (args.some((value) => value === undefined)) return undefined;
  switch (name) {
    case '*':
      // Integers have no -0.
      return args.reduce((x, y) => x! * y! + 0);
    case 'min':
      return Math.min(...(args as number[]));
    case '+':
      return a! + b!;
    case '-':
      return a! - b!;
    default:
      if (a! < 0 || b! <= 0) return undefined;
      return { div: Math.floor(a! / b!), ceildiv: Math.ceil(a! / b!), alignup: Math.ceil(a! / b!) * b!, aligndown: Math.floor(a! / b!) * b! }[name]; // prettier-ignore
  }
}

function treeValue(t: Tree, values: Values): number | undefined {
  if (t.kind === 'num') return t.value;
  if (t.kind === 'var') return values[t.name];
  const op = { add: '+', sub: '-', mul: '*', div: 'div', up: 'alignup', down: 'aligndown', ceil: 'ceildiv', min: 'min' }[t.kind]; // prettier-ignore
  return operate(op, [treeValue(t.a, values), treeValue(t.b, values)]);
}

const assignment = fc.record({
  x: fc.integer({ min: 0, max: 50 }),
  y: fc.integer({ min: 1, max: 9 }),
  z: fc.integer({ min: 0, max: 1000 }),
  PAGE_SIZE: fc.constantFrom(4096, 16384),
});

describe('terms', () => {
  it('mean what the expression means that they are built from', () => {
    fc.assert(
      fc.property(tree, assignment, (t, values) => {
        const table = new TermTable();
        const expected = treeValue(t, values);
        const got = valueOf(table, build(table, t), values);
        fc.pre(expected !== undefined && got !== undefined && Number.isSafeInteger(expected));
        // C has one zero, JavaScript has two.
        assert.equal(got + 0, expected + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('are in normal form: rebuilding a term gives the same term', () => {
    fc.assert(
      fc.property(tree, (t) => {
        const table = new TermTable();
        const term = build(table, t);
        assert.equal(
          substitute(table, term, () => undefined),
          term,
          printTerm(table, term),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('split into a linear form and back', () => {
    fc.assert(
      fc.property(tree, (t) => {
        const table = new TermTable();
        const term = build(table, t);
        const { form, scale, offset } = linearForm(table, term);
        const again =
          form === undefined
            ? table.num(offset)
            : add(table, mul(table, form, table.num(scale)), table.num(offset));
        assert.equal(again, term);
      }),
    );
  });

  const table = new TermTable();
  const x = table.variable('x', spaces.parameter);
  const y = table.variable('y', spaces.parameter);
  const page = table.variable('PAGE_SIZE', spaces.constant);

  it('does not care about the order of sums and products', () => {
    assert.equal(add(table, x, y), add(table, y, x));
    assert.equal(mul(table, x, y), mul(table, y, x));
    assert.equal(mul(table, add(table, x, table.num(1)), y), add(table, y, mul(table, y, x)));
  });

  it('rounds up once, however it is written', () => {
    const rounded = alignUp(table, x, page);
    assert.equal(alignUp(table, rounded, page), rounded);
    assert.equal(mul(table, ceilDiv(table, x, page), page), rounded);
    assert.equal(alignUp(table, mul(table, x, page), page), mul(table, x, page));
    assert.equal(div(table, mul(table, x, page), page), x);
    assert.ok(isMultiple(table, add(table, rounded, page), page));
    assert.ok(!isMultiple(table, add(table, rounded, table.num(1)), page));
  });

  it('knows one location by all its spellings', () => {
    const direct = field(table, deref(table, x), 'm');
    assert.equal(field(table, deref(table, addr(table, deref(table, x))), 'm'), direct);
    assert.equal(deref(table, add(table, x, table.num(0))), deref(table, x));
    const object = container(table, addr(table, direct), 'm');
    assert.equal(object, x);
    const outer = container(table, x, 'm');
    assert.equal(field(table, deref(table, outer), 'm'), deref(table, x));
  });

  it('folds flags: doubles and zeros vanish, constants are one', () => {
    const flags = commutative(table, '|', [x, y, x, table.num(0)]);
    assert.equal(
      flags,
      op(
        table,
        '|',
        [x, y].sort((a, b) => a - b),
      ),
    );
    assert.equal(commutative(table, '|', [table.num(1), table.num(4)]), table.num(5));
  });

  it('prints with the names of the code', () => {
    const ring = field(table, deref(table, x), 'ring');
    const element = field(table, deref(table, add(table, ring, y)), 'dma');
    assert.match(printTerm(table, element), /^(x->ring\[y\]|y\[x->ring\])\.dma$/);
    assert.equal(
      printTerm(table, add(table, mul(table, x, table.num(2)), table.num(-3))),
      '2 * x - 3',
    );
    assert.equal(printTerm(table, alignUp(table, x, page)), 'ALIGN(x, PAGE_SIZE)');
  });

  it('stays exact: a number beyond 2^53 becomes an opaque operation', () => {
    const large = table.num(Number.MAX_SAFE_INTEGER);
    assert.equal(opName(table, add(table, large, large)), '+');
  });
});
