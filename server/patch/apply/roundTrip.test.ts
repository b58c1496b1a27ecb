import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gitDiff, linesOf, unifiedHunks } from '../../../tests/patch/differ.ts';
import { changeOf, seriesChange } from '../applyPatch.ts';
import type { ChangedFile } from '../change.ts';
import { parsePatch } from '../parseSeries.ts';
import type { FilePatch } from '../patch.ts';
import { applyHunks } from './applyFile.ts';
import { strict } from './options.ts';
import { reversed } from './reverse.ts';

/** Few different lines, so that hunks are alike and empty, and some look like parts of a diff. */
const line = fc.constantFrom(
  '',
  '\ta;',
  '\tb;',
  '}',
  '-- x',
  '++ y',
  '@@ -1 +1 @@',
  ' x',
  '\\ No',
  'diff --git a/x b/x',
  'int f(void)',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 40, size: 'max' }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''));
const context = fc.constantFrom(0, 1, 3);

function fileOf(diff: string): FilePatch {
  const series = parsePatch(diff, 'x.patch');
  assert.deepEqual(series.problems, []);
  assert.deepEqual(series.repairs, []);
  return series.patches[0]!.files[0]!;
}

function diffOf(before: string, after: string, lines: number): string {
  return `diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n${unifiedHunks(before, after, lines)}`;
}

/** What any map must say truly about the two texts. */
function mapIsTrue({ before, after, map }: ChangedFile): void {
  const old = linesOf(before!.text);
  const fresh = linesOf(after!.text);
  for (let number = 1; number <= old.length; number++) {
    const there = map.toAfter(number);
    if (there === undefined) continue;
    assert.equal(map.toBefore(there), number);
    assert.equal(old[number - 1]!.trimEnd(), fresh[there - 1]!.trimEnd());
  }
  const kept = map.kept.reduce((sum, { length }) => sum + length, 0);
  const added = map.lines.filter(({ kind }) => kind === 'added').length;
  const removed = map.lines.filter(({ kind }) => kind === 'removed').length;
  assert.equal(kept + removed, old.length);
  assert.equal(kept + added, fresh.length);
  for (const patched of map.lines) {
    assert.equal(map.ofDocument(patched), patched);
    if (patched.after !== undefined) assert.equal(map.ofAfter(patched.after)?.after, patched.after);
  }
}

describe('a diff of two texts, applied', () => {
  it('gives the second text, and taken back the first one', () => {
    fc.assert(
      fc.property(text, text, context, (before, after, lines) => {
        fc.pre(before !== after);
        const file = fileOf(diffOf(before, after, lines));
        const there = applyHunks(file, before, strict);
        assert.ok(there.ok, there.ok ? '' : there.failure.reason);
        assert.equal(there.text, after);
        const back = applyHunks(reversed(file), after, strict);
        assert.ok(back.ok);
        assert.equal(back.text, before);
        assert.ok(there.placements.every(({ offset, fuzz }) => offset === 0 && fuzz === 0));
      }),
    );
  });

  it('maps lines truly in both directions', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after && before !== '' && after !== '');
        const series = parsePatch(gitDiff('x.c', before, after), 'x.patch');
        const change = changeOf(series.patches[0]!, () => before);
        assert.deepEqual(change.problems, []);
        mapIsTrue(change.files[0]!);
      }),
    );
  });

  it('goes where the lines went, when others were put above', () => {
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 50 }), (before, after, moved) => {
        fc.pre(before !== after);
        const top = Array.from({ length: 64 }, (_, at) => `top ${at}\n`).join('');
        const end = '\n' + Array.from({ length: 64 }, (_, at) => `end ${at}\n`).join('');
        const filler = Array.from({ length: moved }, (_, at) => `filler ${at}\n`).join('');
        const file = fileOf(diffOf(top + before + end, top + after + end, 60));
        const result = applyHunks(file, filler + top + before + end, strict);
        assert.ok(result.ok);
        assert.equal(result.text, filler + top + after + end);
        assert.ok(result.placements.every(({ offset }) => offset === moved));
      }),
    );
  });

  it('of a series: the whole maps from the first text to the last', () => {
    fc.assert(
      fc.property(text, text, text, (first, second, third) => {
        fc.pre(
          first !== second &&
            second !== third &&
            [first, second, third].every((each) => each !== ''),
        );
        const patches = [gitDiff('x.c', first, second), gitDiff('x.c', second, third)].map(
          (diff, at) => parsePatch(diff, `${at}.patch`).patches[0]!,
        );
        const { whole } = seriesChange(patches, () => first);
        const [file] = whole.files;
        assert.equal(file!.before!.text, first);
        assert.equal(file!.after!.text, third);
        const old = linesOf(first);
        const fresh = linesOf(third);
        for (let number = 1; number <= old.length; number++) {
          const there = file!.map.toAfter(number);
          if (there === undefined) continue;
          assert.equal(file!.map.toBefore(there), number);
          assert.equal(old[number - 1]!.trimEnd(), fresh[there - 1]!.trimEnd());
        }
        for (const { kind, after, document, line: place } of file!.map.lines)
          if (kind === 'added' && after !== undefined) {
            const diff =
              document === '0.patch'
                ? gitDiff('x.c', first, second)
                : gitDiff('x.c', second, third);
            assert.equal(diff.split('\n')[place - 1], '+' + fresh[after - 1]!.trimEnd().padEnd(0));
          }
      }),
    );
  });
});
