import assert from 'node:assert/strict';
import { lineRange, rangeInLine } from './lines.ts';

const range = (line: number, from: number, to: number): unknown => ({
  start: { line, character: from },
  end: { line, character: to },
});

describe('places in a patch', () => {
  it('are found behind the mark of the line, quotes and tabs', () => {
    const source = '\tret = f(a);';
    for (const [shown, at] of [
      ['+\tret = f(a);', 1],
      ['> +\tret = f(a);', 3],
      ['> > +\tret = f(a);  ', 5],
    ] as const) {
      assert.deepEqual(
        rangeInLine(['', shown], 2, source, { start: 10, end: 11 }),
        range(1, at + 9, at + 10),
      );
    }
  });

  it('are the whole line where the document spells it otherwise', () => {
    assert.deepEqual(
      rangeInLine(['+\tret =3D f(a);'], 1, '\tret = f(a);', { start: 8, end: 9 }),
      range(0, 0, 15),
    );
    assert.deepEqual(rangeInLine(['+'], 1, '', { start: 1, end: 1 }), range(0, 0, 1));
  });

  it('never leave the document', () => {
    assert.deepEqual(lineRange(['  a'], 9), range(0, 2, 3));
    assert.deepEqual(lineRange([], 1), range(0, 0, 0));
    assert.deepEqual(lineRange(['   '], 1), range(0, 0, 3));
  });
});
