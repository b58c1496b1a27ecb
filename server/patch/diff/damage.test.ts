import assert from 'node:assert/strict';
import { gitDiff } from '../../../tests/patch/differ.ts';
import { driverAfter, driverBefore, driverPath } from '../../../tests/patch/driver.ts';
import { mail } from '../../../tests/patch/letters.ts';
import { changeOf } from '../applyPatch.ts';
import { parsePatch } from '../parseSeries.ts';
import type { PatchSeries, RepairKind } from '../patch.ts';

const diff = gitDiff(driverPath, driverBefore, driverAfter);
const read = (path: string): string | undefined => (path === driverPath ? driverBefore : undefined);

/** A damaged patch is put right such that it gives the same text, up to white space, and says what was done. */
function recovers(document: string, kinds: readonly RepairKind[]): PatchSeries {
  const series = parsePatch(document, 'x.patch');
  assert.deepEqual(series.problems, []);
  assert.deepEqual([...new Set(series.repairs.map(({ kind }) => kind))].sort(), [...kinds].sort());
  const change = changeOf(series.patches[0]!, read);
  assert.deepEqual(
    change.problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  const bare = (text: string): string => text.replace(/\s+/g, '');
  assert.equal(bare(change.files[0]!.after!.text), bare(driverAfter));
  return series;
}

function edited(change: (lines: string[]) => void): string {
  const lines = diff.split('\n');
  change(lines);
  return lines.join('\n');
}

describe('damaged hunks', () => {
  for (const column of [66, 70, 72, 76])
    it(`wrapped at column ${column}`, () => {
      let wrapped = 0;
      const document = edited((lines) => {
        for (let i = 0; i < lines.length; i++) {
          const space = lines[i]!.lastIndexOf(' ', column);
          if (!/^[ +-]\t/.test(lines[i]!) || lines[i]!.length <= column || space < 20) continue;
          lines.splice(i, 1, lines[i]!.slice(0, space), lines[i]!.slice(space + 1));
          wrapped++;
        }
      });
      const series = recovers(document, wrapped > 0 ? ['wrapped-line'] : []);
      assert.equal(series.repairs.length, wrapped);
      for (const { line } of series.repairs)
        assert.doesNotMatch(document.split('\n')[line - 1]!, /^[ +-]\t/);
    });

  it('context lines without the space at their start', () => {
    const document = edited((lines) => {
      for (let i = 5; i < lines.length; i++) lines[i] = lines[i]!.replace(/^ /, '');
    });
    recovers(document, ['lost-context-space', 'blank-context-space']);
  });

  it('blank context lines without their space, as mail programs leave them', () => {
    recovers(diff.replaceAll(/^ $/gm, ''), ['blank-context-space']);
  });

  it('tabs that became spaces', () => {
    recovers(diff.replaceAll('\t', '        '), []);
  });

  it('spaces at line ends that were dropped', () => {
    recovers(diff.replaceAll(/[ \t]+$/gm, ''), ['blank-context-space']);
  });

  it('all indents and blank lines gone, as a web page leaves them', () => {
    const flat = diff
      .split('\n')
      .map((line) =>
        /^[+-]/.test(line) && !/^(?:\+\+\+|---)/.test(line)
          ? `${line[0]!} ${line.slice(1).trim()}`
          : line.trim(),
      )
      .filter((line) => line !== '' && line !== '+' && line !== '-')
      .join('\n');
    const series = recovers(`A page\nof words\nwithout any\nblank line\n${flat}`, [
      'lost-context-space',
      'lost-blank-lines',
    ]);
    assert.ok(series.patches[0]!.files[0]!.hunks.some(({ missing }) => missing?.why === 'blank'));
  });

  it('a quote that was trimmed is taken as far as it goes', () => {
    const lines = diff.split('\n');
    const stop = lines.findIndex((line) => line.includes('QCAP_RING_PAGES'));
    const kept = lines.slice(0, stop + 1).map((line) => `> ${line}`);
    const body = `On Thu, A Author wrote:\n${kept.join('\n')}\n\nWhy that?\n`;
    const series = parsePatch(mail(body, 'Re: [PATCH] x'), 'x.eml');
    assert.deepEqual(series.problems, []);
    assert.equal(series.repairs.at(-1)!.kind, 'quote-trimmed');
    assert.equal(series.patches[0]!.files[0]!.hunks.at(-1)!.missing!.why, 'trimmed');
    const change = changeOf(series.patches[0]!, read);
    assert.deepEqual(change.problems, []);
    assert.match(change.files[0]!.after!.text, /q->ring_phys, q->ring_size,/);
  });

  it('a remark inside an unquoted hunk is left out of a reply', () => {
    const document = edited((lines) => {
      const at = lines.findIndex((line) => line.startsWith('+\tret = iommu_map'));
      lines.splice(at + 2, 0, 'Do you expect the whole ring to be contiguous here?');
    });
    const series = recovers(mail(document, 'Re: [PATCH] x'), ['comment-inside-hunk']);
    assert.match(series.repairs[0]!.what, /^1 line that is not part of the patch/);
  });

  it('a patch that breaks off is a problem with its hunk, and is not applied', () => {
    const lines = diff.split('\n');
    const last = lines.findLastIndex((line) => line.startsWith('@@'));
    const series = parsePatch(lines.slice(0, last + 4).join('\n'), 'cut.patch');
    assert.deepEqual(
      series.problems.map(({ file, line, hunk, reason, help }) => ({
        file,
        line,
        hunk,
        reason,
        help,
      })),
      [
        {
          file: 'cut.patch',
          line: last + 1,
          hunk: 3,
          reason: 'hunk 3 of qcap_mem.c: the header promises 5 old lines, 3 follow',
          help: 'the mail was wrapped or cut; fetch the raw message',
        },
      ],
    );
    const change = changeOf(series.patches[0]!, read);
    assert.deepEqual(change.files, []);
    assert.deepEqual(change.problems, []);
  });

  it('more changed lines than the header promises are a problem as well', () => {
    const document = diff.replace(
      /^\+\tqcap_trace\(q\);$/m,
      '$&\n+\tqcap_trace(q);\n+\tqcap_trace(q);\n+\tqcap_trace(q);',
    );
    const [problem] = parsePatch(document, 'x.patch').problems;
    assert.match(
      problem!.reason,
      /^hunk 3 of qcap_mem\.c: the header promises 6 new lines, 9 follow$/,
    );
  });

  it('a header that cannot be read is named, and its file is not applied', () => {
    const damaged = parsePatch(diff.replace(/^@@ -\d+,/m, '@@ -x,'), 'x.patch');
    assert.match(damaged.problems[0]!.reason, /^hunk 1 of qcap_mem\.c: not a hunk header: "@@ -x,/);
    assert.deepEqual(changeOf(damaged.patches[0]!, read).files, []);
    assert.equal(damaged.problems.length, 1);
  });

  it('a removed line that looks like a header stays a removed line', () => {
    const document = '--- a/x.sql\n+++ b/x.sql\n@@ -1,3 +1,3 @@\n a\n--- a/y.c\n+++ b/y.c\n c\n';
    const series = parsePatch(document, 'x.patch');
    assert.deepEqual(series.problems, []);
    assert.deepEqual(
      series.patches[0]!.files[0]!.hunks[0]!.lines.map(({ kind, text }) => `${kind} ${text}`),
      ['context a', 'removed -- a/y.c', 'added ++ b/y.c', 'context c'],
    );
  });

  it('added lines outside of any hunk are named', () => {
    const document = mail(`${diff}\nand then\n\n+\tif (!rsvd)\n+\t\tclear(q);\n`, '[PATCH] x');
    const { problems } = parsePatch(document, 'x.eml');
    assert.deepEqual(
      problems.map(({ severity, reason }) => `${severity}: ${reason}`),
      ['warning: 2 added lines stand outside of any hunk and are not part of the patch'],
    );
  });
});
