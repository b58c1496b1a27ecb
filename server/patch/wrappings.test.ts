import assert from 'node:assert/strict';
import { gitDiff } from '../../tests/patch/differ.ts';
import { driverAfter, driverBefore, driverPath } from '../../tests/patch/driver.ts';
import {
  base64,
  flowed,
  formatPatch,
  mail,
  quoted,
  quotedPrintable,
} from '../../tests/patch/letters.ts';
import { changeOf } from './applyPatch.ts';
import { parsePatch } from './parseSeries.ts';
import type { PatchSeries } from './patch.ts';

const diff = gitDiff(driverPath, driverBefore, driverAfter);
const read = (path: string): string | undefined => (path === driverPath ? driverBefore : undefined);

/** The patch of a document is the one that was wrapped: it makes the driver what it shall be. */
function unwraps(document: string): PatchSeries {
  const series = parsePatch(document, 'x.patch');
  assert.deepEqual(series.problems, []);
  assert.equal(series.patches.length, 1);
  const change = changeOf(series.patches[0]!, read);
  assert.deepEqual(change.problems, []);
  assert.equal(change.files[0]!.after!.text, driverAfter);
  return series;
}

/** Every line of every hunk says truly where it stands in the document. */
function placesAreTrue(series: PatchSeries, document: string): void {
  const lines = document.split('\n');
  for (const hunk of series.patches[0]!.files[0]!.hunks)
    for (const { text, line } of hunk.lines)
      assert.ok(lines[line - 1]!.includes(text.trimEnd()), `line ${line} has ${text}`);
}

describe('patches as they arrive', () => {
  it('a bare diff', () => {
    placesAreTrue(unwraps(diff), diff);
  });

  it('a diff with prose above it', () => {
    unwraps(`Please try this one:\n\n${diff}`);
  });

  it('a mail of git format-patch', () => {
    const document = formatPatch(diff, '[PATCH v3 2/5] accel/qcap: map the ring in one call');
    const series = unwraps(document);
    placesAreTrue(series, document);
    const [patch] = series.patches;
    assert.equal(patch!.name, 'accel/qcap: map the ring in one call');
    assert.equal(patch!.number, 2);
    assert.equal(patch!.total, 5);
    assert.equal(patch!.version, 3);
    assert.equal(patch!.commit, '1234567890123456789012345678901234567890');
    assert.equal(
      patch!.message,
      'The ring is tidied.\n\nSigned-off-by: A Author <author@example.org>',
    );
    assert.deepEqual(
      patch!.trailers.map(({ key, value, line }) => [key, value, line]),
      [['Signed-off-by', 'A Author <author@example.org>', 9]],
    );
  });

  it('a quoted-printable body, softly broken lines keep their first place', () => {
    const body = quotedPrintable(`Größe = 2 MiB\n---\n${diff}-- \n2.39.5\n`);
    const document = mail(body, '[PATCH] x', [
      'Content-Type: text/plain; charset="utf-8"',
      'Content-Transfer-Encoding: quoted-printable',
    ]);
    const series = unwraps(document);
    assert.equal(series.patches[0]!.message, 'Größe = 2 MiB');
    const added = series.patches[0]!.files[0]!.hunks.flatMap(({ lines }) => lines);
    const trace = added.find(({ text }) => text === '\tqcap_trace(q);')!;
    assert.equal(document.split('\n')[trace.line - 1], '+\tqcap_trace(q);');
  });

  it('a base64 body; its lines have the places of their first bytes', () => {
    const body = base64(`Text.\n---\n${diff}`);
    const document = mail(body, '[PATCH] x', ['Content-Transfer-Encoding: base64']);
    const series = unwraps(document);
    const places = series.patches[0]!.files[0]!.hunks.flatMap(({ lines }) =>
      lines.map(({ line }) => line),
    );
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.ok(places[0]! > 6 && places.at(-1)! <= document.split('\n').length);
  });

  it('format=flowed, with and without delsp', () => {
    for (const delsp of [true, false]) {
      const body = flowed(`Text.\n---\n${diff}`, delsp);
      const type = `Content-Type: text/plain; format=flowed${delsp ? '; delsp=yes' : ''}`;
      unwraps(mail(body, '[PATCH] x', [type]));
    }
  });

  it('line ends of a mail in transport', () => {
    unwraps(formatPatch(diff).replaceAll('\n', '\r\n'));
  });

  it('the text part of a multipart mail', () => {
    const body = [
      '--=_b',
      'Content-Type: text/plain; charset=utf-8',
      '',
      `Text.\n---\n${diff}`,
      '--=_b',
      'Content-Type: text/html',
      '',
      '<p>no</p>',
      '--=_b--',
      '',
    ].join('\n');
    unwraps(mail(body, '[PATCH] x', ['Content-Type: multipart/alternative; boundary="=_b"']));
  });

  it('an attached patch', () => {
    const body = [
      '--b',
      'Content-Type: text/plain',
      '',
      'See the attachment.',
      '--b',
      'Content-Type: application/octet-stream; name="ring.patch"',
      'Content-Transfer-Encoding: base64',
      '',
      base64(diff),
      '--b--',
    ].join('\n');
    unwraps(mail(body, 'ring', ['Content-Type: multipart/mixed; boundary=b']));
  });

  it('html alone is named', () => {
    const series = parsePatch(mail('<p>diff</p>', 'x', ['Content-Type: text/html']), 'mail.eml');
    assert.deepEqual(
      series.problems.map(({ file, reason }) => `${file}: ${reason}`),
      ['mail.eml: no diff in it (text/html only)'],
    );
  });

  for (const prefix of ['> ', '> > ', '>> ', '>', '| ', 'AA> '])
    it(`a reply that quotes with "${prefix}"`, () => {
      const body = `On Thu, 19 Nov 2026, A Author wrote:\n${quoted(`Text.\n---\n${diff}`, prefix)}`;
      const series = unwraps(mail(body, 'Re: [PATCH v2 1/3] accel/qcap: ring'));
      const [patch] = series.patches;
      assert.equal(patch!.quotedWith, prefix);
      assert.equal(patch!.name, 'accel/qcap: ring');
      assert.equal(patch!.number, 1);
    });

  it('comments between quoted lines are left out and named', () => {
    const lines = quoted(diff).split('\n');
    const at = lines.findIndex((line) => line.includes('GFP_KERNEL'));
    lines.splice(at + 1, 0, '', 'Is this the right flag?', '');
    const document = mail(lines.join('\n'), 'Re: [PATCH] x');
    const series = unwraps(document);
    const [comment] = series.repairs.filter(({ kind }) => kind === 'comment-inside-hunk');
    assert.match(comment!.what, /^3 lines/);
    assert.equal(comment!.line, document.split('\n').indexOf('Is this the right flag?'));
  });

  it('a patch inside a forwarded mail, plain and indented', () => {
    const inner = `---------- Forwarded message ---------\nFrom: A Author\nSubject: [PATCH v2] accel/qcap: ring\n\nText.\n---\n${diff}`;
    const plain = unwraps(mail(`FYI\n\n${inner}`, 'Fwd: ring'));
    assert.equal(plain.patches[0]!.name, 'accel/qcap: ring');
    assert.equal(plain.patches[0]!.version, 2);
    unwraps(mail(`FYI\n\n${quoted(inner, '    ')}`, 'Fwd: ring'));
  });

  it('the output of git show', () => {
    const document = `commit 1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c (HEAD)\nAuthor: A Author <a@example.org>\nDate:   Thu Nov 19 10:02:11 2026 +0000\n\n    accel/qcap: map the ring in one call\n\n    Text.\n\n    Fixes: 0123456789ab ("accel/qcap: add it")\n\n${diff}`;
    const [patch] = unwraps(document).patches;
    assert.equal(patch!.name, 'accel/qcap: map the ring in one call');
    assert.equal(patch!.commit, '1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c');
    assert.equal(patch!.mail.from, 'A Author <a@example.org>');
    assert.deepEqual(
      patch!.trailers.map(({ key, value }) => [key, value]),
      [['Fixes', '0123456789ab ("accel/qcap: add it")']],
    );
  });

  it('a page of an archive: the subject is its title', () => {
    const body = `On Thu, A Author wrote:\n${quoted(`Text.\n---\n${diff}`)}`;
    const series = unwraps(
      `Re: [PATCH v4 2/2] accel/qcap: ring\nFrom: B Reviewer\nDate: Fri Nov 20 2026\n${body}`,
    );
    assert.equal(series.patches[0]!.name, 'accel/qcap: ring');
    assert.equal(series.patches[0]!.version, 4);
  });
});
