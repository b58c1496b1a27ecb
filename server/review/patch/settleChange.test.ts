import assert from 'node:assert/strict';
import type { PlacedStep, ReviewedFinding } from '../review.ts';
import { settleChange, type SettledChange } from './settleChange.ts';

const file = 'drivers/x.c';
const at = (line: number): ReviewedFinding['range'] => ({
  start: { line, column: 1 },
  end: { line, column: 2 },
});
const related = (line: number): PlacedStep => ({
  file,
  span: { start: 0, end: 1 },
  range: at(line),
  function: 'f',
  message: 'mapped here',
});
const finding = (line: number, more: Partial<ReviewedFinding> = {}): ReviewedFinding => ({
  rule: 'dma-map-leak-error-path',
  severity: 'error',
  confidence: 'high',
  file,
  span: { start: line, end: line + 1 },
  function: 'f',
  message: 'returns ret with dma of line 3 still mapped',
  steps: [],
  related: [],
  fixes: [],
  range: at(line),
  lineText: '',
  fingerprint: `${line}`,
  stem: 'stem',
  builds: [],
  ...more,
});

/** Lines move by `by` from line `from` on; lines in `removed` are gone. */
function settled(
  before: readonly ReviewedFinding[],
  after: readonly ReviewedFinding[],
  { from = 0, by = 0, removed = [] as readonly number[] } = {},
): SettledChange {
  const lines = {
    toAfter: (line: number): number | undefined =>
      removed.includes(line) ? undefined : line < from ? line : line + by,
  };
  return settleChange([{ beforePath: file, afterPath: file, lines, before, after }]);
}

const counts = ({ pairs, added, gone }: SettledChange): readonly number[] => [
  pairs.length,
  added.length,
  gone.length,
];

describe('settleChange', () => {
  it('knows a finding again after lines moved', () => {
    assert.deepEqual(counts(settled([finding(10)], [finding(15)], { from: 5, by: 5 })), [1, 0, 0]);
  });

  it('takes the second of two equal findings for the new one, whichever comes first', () => {
    const { pairs, added } = settled([finding(20)], [finding(10), finding(25)], { from: 5, by: 5 });
    assert.deepEqual([pairs[0]!.after.range.start.line, added[0]!.range.start.line], [25, 10]);
  });

  it('knows a renamed function by its line, but not another rule there', () => {
    const renamed = { stem: 'other', function: 'g' };
    assert.deepEqual(counts(settled([finding(10)], [finding(10, renamed)])), [1, 0, 0]);
    const other = finding(10, { ...renamed, rule: 'dma-map-no-error-check' });
    assert.deepEqual(counts(settled([finding(10)], [other])), [0, 1, 1]);
  });

  it('tells resources of one exit apart by where they were mapped', () => {
    const a = finding(10, { stem: 'a', related: [related(3)] });
    const b = finding(10, { stem: 'b', related: [related(5)] });
    assert.deepEqual(counts(settled([a], [b])), [0, 1, 1]);
  });

  it('keeps a leak whose exit is written anew', () => {
    const before = finding(10, { stem: 'a', related: [related(3)] });
    const after = finding(11, { stem: 'b', related: [related(3)] });
    assert.deepEqual(counts(settled([before], [after], { removed: [10] })), [1, 0, 0]);
    assert.deepEqual(counts(settled([before], [after])), [0, 1, 1]);
  });

  it('knows a finding that moved to another file with its function', () => {
    const lines = { toAfter: (): undefined => undefined };
    const change = settleChange([
      {
        beforePath: 'a.c',
        afterPath: 'a.c',
        lines,
        before: [finding(1, { file: 'a.c' })],
        after: [],
      },
      {
        beforePath: 'b.c',
        afterPath: 'b.c',
        lines,
        before: [],
        after: [finding(9, { file: 'b.c' })],
      },
    ]);
    assert.deepEqual(counts(change), [1, 0, 0]);
  });
});
