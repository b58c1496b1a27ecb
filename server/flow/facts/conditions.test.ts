import assert from 'node:assert/strict';
import fc from 'fast-check';
import { emptyMap } from '../state/intMap.ts';
import { add, mul, op, sub } from '../terms/build.ts';
import { spaces, TermTable, type Term } from '../terms/term.ts';
import { concludeAll, opposite, provenDifferent, provenEqual, range, require, type Demand, type Known } from './conditions.ts'; // prettier-ignore
import { admits, between, hull, meet, without } from './interval.ts';

const demands: readonly Demand[] = ['zero', 'nonzero', 'negative', 'positive', 'not-positive', 'not-negative']; // prettier-ignore

function holds(value: number, demand: Demand): boolean {
  switch (demand) {
    case 'zero':
      return value === 0;
    case 'nonzero':
      return value !== 0;
    case 'negative':
      return value < 0;
    case 'positive':
      return value > 0;
    case 'not-positive':
      return value <= 0;
    case 'not-negative':
      return value >= 0;
  }
}

describe('conditions', () => {
  const table = new TermTable();
  const x = table.variable('x', spaces.parameter);
  const y = table.variable('y', spaces.parameter);

  it('never rule out values that satisfy them all', () => {
    const clause = fc.record({
      a: fc.integer({ min: -3, max: 3 }),
      b: fc.integer({ min: -3, max: 3 }),
      c: fc.integer({ min: -4, max: 4 }),
      demand: fc.constantFrom(...demands),
    });
    const small = fc.integer({ min: -6, max: 6 });
    fc.assert(
      fc.property(fc.array(clause, { maxLength: 6 }), small, small, (clauses, vx, vy) => {
        let known: Known | undefined = emptyMap;
        for (const { a, b, c, demand } of clauses) {
          if (!holds(a * vx + b * vy + c, demand)) continue;
          const left = mul(table, x, table.num(a));
          const term = add(table, add(table, left, mul(table, y, table.num(b))), table.num(c));
          known = require(table, known, term, demand);
          assert.ok(known !== undefined, 'a true condition was called a contradiction');
        }
        assert.ok(admits(range(table, known, x), vx));
        assert.ok(admits(range(table, known, y), vy));
        assert.ok(admits(range(table, known, sub(table, x, y)), vx - vy));
      }),
      { numRuns: 3000 },
    );
  });

  it('contradict their opposites', () => {
    for (const demand of demands) {
      const known = require(table, emptyMap, sub(table, x, y), demand);
      assert.ok(known !== undefined);
      assert.equal(require(table, known, sub(table, x, y), opposite[demand]), undefined, demand);
    }
  });

  it('read truth values back as the comparison they stand for', () => {
    const isNull = op(table, 'eq0', [x]);
    const known = require(table, emptyMap, isNull, 'nonzero');
    assert.ok(known !== undefined);
    assert.ok(provenEqual(table, known, x, table.num(0)));
    assert.equal(require(table, known, isNull, 'zero'), undefined);
  });

  it('read a truth value back where it is compared with 1', () => {
    const isSet = op(table, 'eq0', [op(table, 'eq0', [x])]);
    const differs = sub(table, isSet, table.num(1));
    const known = require(table, emptyMap, differs, 'zero');
    assert.ok(known !== undefined);
    assert.ok(provenDifferent(table, known, x, table.num(0)));
    const other = require(table, emptyMap, differs, 'nonzero');
    assert.ok(other !== undefined && provenEqual(table, other, x, table.num(0)));
    assert.equal(require(table, emptyMap, sub(table, isSet, table.num(2)), 'zero'), undefined);
    assert.equal(require(table, known, isSet, 'zero'), undefined);
  });

  it('conclude from several things that hold together, or one of which holds', () => {
    const either = op(table, '||', [x, y]);
    const both = op(table, '&&', [x, y]);
    const zero = table.num(0);
    const after = (junction: Term, asked: Demand, part: Demand): Known | undefined => {
      const known = require(table, emptyMap, junction, asked);
      const then = known && require(table, known, x, part);
      return then && concludeAll(table, then, new Set([junction]));
    };
    assert.ok(provenDifferent(table, after(either, 'nonzero', 'zero')!, y, zero));
    assert.ok(!provenDifferent(table, after(either, 'nonzero', 'nonzero')!, y, zero));
    assert.ok(provenEqual(table, after(both, 'zero', 'nonzero')!, y, zero));
    assert.ok(provenEqual(table, after(either, 'zero', 'zero')!, y, zero));
    assert.equal(after(both, 'nonzero', 'zero'), undefined);
    const neither = require(table, require(table, emptyMap, x, 'zero')!, y, 'zero')!;
    assert.equal(require(table, neither, either, 'nonzero'), undefined);
  });

  it('tell values apart only where that is proven', () => {
    assert.ok(!provenDifferent(table, emptyMap, x, y));
    assert.ok(provenDifferent(table, emptyMap, x, add(table, x, table.num(8))));
  });
});

describe('intervals', () => {
  const interval = fc
    .tuple(
      fc.integer({ min: -9, max: 9 }),
      fc.nat({ max: 9 }),
      fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 3 }),
    ) // prettier-ignore
    .map(([low, size, holes]) => holes.reduce(without, between(low, low + size)));

  it('keep in hull and meet what belongs there', () => {
    fc.assert(
      fc.property(interval, interval, fc.integer({ min: -20, max: 20 }), (a, b, value) => {
        const inBoth = admits(a, value) && admits(b, value);
        if (inBoth) assert.ok(admits(meet(a, b), value));
        if (admits(a, value) || admits(b, value)) assert.ok(admits(hull(a, b), value));
      }),
    );
  });
});
