import assert from 'node:assert/strict';
import fc from 'fast-check';
import { changedLines } from './changedLines.ts';

const marks = (before: string, after: string): string =>
  changedLines(before, after)
    .map((changed) => (changed ? '+' : '.'))
    .join('');

describe('changedLines', () => {
  it('marks inserted and replaced lines only', () => {
    assert.equal(marks('a\nb\nc\nd', 'a\nX\nb\nc\nY'), '.+..+');
  });

  it('marks nothing where lines were only removed, or only line ends differ', () => {
    assert.equal(marks('a\nb\nc', 'a\nc'), '..');
    assert.equal(marks('a\nb\n', 'a\r\nb\r\n'), '...');
  });

  it('keeps a subsequence of the old lines, and no fewer than the best one', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 9 })
      .map((l) => l.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changed = changedLines(before, after);
        const kept = after.split('\n').filter((_, i) => !changed[i]);
        assert.equal(isSubsequence(kept, before.split('\n')), true);
        assert.equal(kept.length, longestCommon(before.split('\n'), after.split('\n')));
      }),
    );
  });

  it('takes a rewrite of thousands of lines for one change', () => {
    const before = Array.from({ length: 5000 }, (_, i) => `old ${i}`).join('\n');
    const after = Array.from({ length: 5000 }, (_, i) => `new ${i}`).join('\n');
    assert.equal(
      changedLines(`same\n${before}`, `same\n${after}`).filter((changed) => changed).length,
      5000,
    );
  });
});

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let next = 0;
  for (const line of whole) if (line === part[next]) next++;
  return next === part.length;
}

function longestCommon(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const [x, y] = [a.slice(1), b.slice(1)];
  return a[0] === b[0]
    ? 1 + longestCommon(x, y)
    : Math.max(longestCommon(a, y), longestCommon(x, b));
}
