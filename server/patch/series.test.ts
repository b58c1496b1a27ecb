import assert from 'node:assert/strict';
import { gitDiff } from '../../tests/patch/differ.ts';
import { formatPatch, mail, quoted } from '../../tests/patch/letters.ts';
import { parsePatch, parsePatches } from './parseSeries.ts';
import type { PatchSeries } from './patch.ts';

const diff = (word: string): string => gitDiff(`${word}.c`, 'int a;\n', `int ${word};\n`);
const subjects = ({ patches }: PatchSeries): string[] =>
  patches.map(({ subject }) => subject ?? '');
const box = (...mails: readonly string[]): string =>
  mails.map((each) => `From list@example.org Thu Nov 19 10:02:11 2026\n${each}\n\n`).join('');

describe('series', () => {
  it('a mailbox in any order is read by number, with its cover letter', () => {
    const series = parsePatch(
      box(
        mail(`Second.\n---\n${diff('two')}`, '[PATCH v2 2/2] two'),
        mail('The cover.\n\nbase-commit: 1f2e3d4c5b6a\n', '[PATCH v2 0/2] both'),
        mail(`First.\n---\n${diff('one')}`, '[PATCH v2 1/2] one'),
      ),
      'x.mbox',
    );
    assert.deepEqual(subjects(series), ['[PATCH v2 1/2] one', '[PATCH v2 2/2] two']);
    assert.equal(series.cover!.subject, '[PATCH v2 0/2] both');
    assert.equal(series.cover!.message, 'The cover.\n\nbase-commit: 1f2e3d4c5b6a');
    assert.equal(series.cover!.version, 2);
    assert.deepEqual(
      series.patches.map(({ baseCommit }) => baseCommit),
      ['1f2e3d4c5b6a', '1f2e3d4c5b6a'],
    );
    assert.deepEqual(series.problems, []);
  });

  it('replies of a thread quote what stands there anyway; they are named, not read', () => {
    const patch = mail(`Text.\n---\n${diff('one')}`, '[PATCH] one');
    const reply = mail(`On Thu, A wrote:\n${quoted(diff('one'))}\n\nFine.`, 'Re: [PATCH] one');
    const proposal = mail(`How about\n\n${diff('other')}`, 'Re: [PATCH] one: other');
    const thanks = mail('Thanks.', 'Re: [PATCH] one, thanks');
    const series = parsePatch(box(patch, reply, proposal, thanks), 'thread.mbox');
    assert.deepEqual(subjects(series), ['[PATCH] one']);
    assert.deepEqual(series.skipped.map(({ reason }) => reason).sort(), [
      'a diff inside a reply',
      'a reply that quotes the patch',
      'no diff in it',
    ]);
  });

  it('of two versions the newer one is read', () => {
    const series = parsePatch(
      box(mail(diff('old'), '[PATCH 1/1] x'), mail(diff('fresh'), '[PATCH v2 1/1] x')),
      'x.mbox',
    );
    assert.deepEqual(subjects(series), ['[PATCH v2 1/1] x']);
    assert.equal(series.skipped[0]!.reason, 'version 1; version 2 is read');
  });

  it('a message that stands twice is read once', () => {
    const one = mail(diff('one'), '[PATCH] one');
    const series = parsePatch(box(one, one), 'x.mbox');
    assert.equal(series.patches.length, 1);
    assert.equal(series.skipped[0]!.reason, 'the same message stands above');
  });

  it('the files of a folder are one series, in the order in which they are given or by their numbers', () => {
    const documents = ['0002-two.patch', '0001-one.patch'].map((name, at) => ({
      name,
      text: formatPatch(diff(`f${at}`), `[PATCH ${2 - at}/2] ${name}`),
    }));
    const series = parsePatches(documents);
    assert.deepEqual(
      series.patches.map(({ document }) => document),
      ['0001-one.patch', '0002-two.patch'],
    );
    const bare = parsePatches([
      { name: 'b.diff', text: diff('b') },
      { name: 'a.diff', text: diff('a') },
    ]);
    assert.deepEqual(
      bare.patches.map(({ name }) => name),
      ['b.diff', 'a.diff'],
    );
  });

  it('several mails of git format-patch in one file', () => {
    const text =
      formatPatch(diff('one'), '[PATCH 1/2] one') + formatPatch(diff('two'), '[PATCH 2/2] two');
    const series = parsePatch(text, 'x.patch');
    assert.deepEqual(
      series.patches.map(({ line, files }) => [line, files.length]),
      [
        [1, 1],
        [formatPatch(diff('one'), '[PATCH 1/2] one').split('\n').length, 1],
      ],
    );
  });

  it('"From " at the start of a line of text is no new mail, and ">From " was one', () => {
    const series = parsePatch(
      box(mail(`Text.\n\nFrom here on\n\n>From the start\n---\n${diff('one')}`, '[PATCH] one')),
      'x.mbox',
    );
    assert.equal(series.patches.length, 1);
    assert.match(series.patches[0]!.message, /^From here on$/m);
    assert.match(series.patches[0]!.message, /^From the start$/m);
  });

  it('header fields are unfolded and decoded', () => {
    const [patch] = parsePatch(
      [
        'From: =?utf-8?q?J=C3=B6rg?= <j@example.org>',
        'To: a@example.org,',
        '\tb@example.org',
        'Subject: =?utf-8?b?W1BBVENIXSBh?= =?utf-8?q?_b?=',
        'Message-ID: <1@example.org>',
        'In-Reply-To: <0@example.org>',
        'References: <-1@example.org>',
        ' <0@example.org>',
        '',
        diff('one'),
      ].join('\n'),
      'x.eml',
    ).patches;
    assert.deepEqual(patch!.mail, {
      from: 'Jörg <j@example.org>',
      to: 'a@example.org, b@example.org',
      subject: '[PATCH] a b',
      messageId: '<1@example.org>',
      inReplyTo: '<0@example.org>',
      references: ['<-1@example.org>', '<0@example.org>'],
    });
  });

  it('trailers and the base of a patch', () => {
    const [patch] = parsePatch(
      formatPatch(diff('one')).replace(
        'Signed-off-by: A Author <author@example.org>\n',
        'Fixes: 0123456789ab ("a long subject that is\n  wrapped")\nCc: stable@example.org\nReviewed-by: B <b@example.org>\n',
      ) + 'base-commit: 1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c\n',
      'x.patch',
    ).patches;
    assert.deepEqual(
      patch!.trailers.map(({ key, value }) => `${key}: ${value}`),
      [
        'Fixes: 0123456789ab ("a long subject that is wrapped")',
        'Cc: stable@example.org',
        'Reviewed-by: B <b@example.org>',
      ],
    );
    assert.equal(patch!.baseCommit, '1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c');
  });

  it('a text without a patch is a problem', () => {
    for (const text of ['', 'Hello.\n', mail('Hello.', 'Re: lunch')]) {
      const { patches, problems } = parsePatch(text, 'note.txt');
      assert.deepEqual(patches, []);
      assert.deepEqual(
        problems.map(({ file, reason }) => `${file}: ${reason}`),
        ['note.txt: no diff in it'],
      );
    }
  });
});
