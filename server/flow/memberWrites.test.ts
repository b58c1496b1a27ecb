import assert from 'node:assert/strict';
import { createProgram, type Program } from '../program/program.ts';
import { builtSyntax } from '../syntax/builtSyntax.test.ts';
import type { Syntax } from '../syntax/syntax.ts';
import { meaningsOf } from './contracts/meaning.ts';
import { memberWrites } from './memberWrites.ts';

describe('writes of members', () => {
  let syntax: Syntax;
  let program: Program;

  before(async () => {
    syntax = await builtSyntax();
    program = createProgram({ parsing: syntax });
  });

  /** What a statement about `struct q *q` makes of the member `n`, with the struct. */
  const writes = (statement: string): string[] => {
    const text = `struct q { int n; int m; };\nstruct other { int n; struct q in; struct q many[4]; };\nstatic void f(struct q *q, struct other *o, struct device *dev, struct scatterlist *sg, int i)\n{\n\tint got;\n\t${statement}\n}\n`;
    const unit = program.unit('test.c', syntax.parse('test.c', text).value);
    return memberWrites(
      unit,
      meaningsOf(unit.api),
    )('n').map(({ tag, what }) => `${tag ?? '?'}: ${what}`);
  };

  for (const [statement, expected] of [
    ['q->n = i;', ['q: value']],
    ['q->n /* a count */\n\t\t= i;', ['q: value']],
    ['/* q->n = i; */ i = q->n;', []],
    ['if (q->n == i) return;', []],
    ['q->n = 0;', ['q: nothing']],
    ['q->n = (int)0;', ['q: nothing']],
    ['(*q).n += i;', ['q: value']],
    ['q->n++;', ['q: value']],
    ['o->n = i;', ['other: value']],
    ['o->in.n = o->many[i].n = i;', ['q: value', 'q: value']],
    ['q->n = dma_map_sg(dev, sg, i, DMA_TO_DEVICE);', ['q: count']],
    ['got = dma_map_sg(dev, sg, i, DMA_TO_DEVICE); q->n = got;', ['q: count']],
    ['use(&(q->n));', ['q: handed-on']],
    ['dma_unmap_len_set(q, n, i);', ['q: value']],
    ['struct q fresh = { .m = 1, .n = i };', ['q: value']],
    ['*q = (struct q){ .n = 0 };', ['q: nothing']],
    ['struct other fresh = { .in = { .n = i } };', ['?: value']],
  ] as const) {
    it(`sees in ${JSON.stringify(statement)}: ${expected.join(', ') || 'none'}`, () => {
      assert.deepEqual(writes(statement), expected);
    });
  }
});
