import assert from 'node:assert/strict';
import { parsePatch } from '../../patch/parseSeries.ts';
import type { PatchAnswer } from './patches.ts';
import { replyText } from './reply.ts';

const mail = [
  'From: The Author <author@example.org>',
  'Subject: [PATCH] accel/qcap: map the ring',
  'Message-ID: <1@example.org>',
  '',
  '--- a/q.c',
  '+++ b/q.c',
  '@@ -1,2 +1,2 @@',
  ' \ta();',
  '-\tb();',
  '+\tc();',
  '',
].join('\n');

describe('reply from the drafts of an editor', () => {
  const series = parsePatch(mail, 'q.patch');
  const answer = { series, review: { patches: [] } } as unknown as Pick<PatchAnswer, 'series' | 'review'>; // prettier-ignore
  const line = mail.split('\n').indexOf('+\tc();');

  it('quotes the line, and wraps what was typed but not code', () => {
    const text = `${'many words '.repeat(12)}\n\n\tcall(${'x'.repeat(90)});`;
    const reply = replyText(answer, { patch: 0, comments: [{ line, text }] })!;
    assert.match(reply.mail, /^To: The Author <author@example\.org>\nSubject: Re: \[PATCH\]/);
    assert.match(reply.body, /> \+\tc\(\);\n\nmany words/);
    const lines = reply.body.split('\n');
    assert.ok(lines.some((each) => each === `\tcall(${'x'.repeat(90)});`));
    assert.ok(lines.every((each) => each.length <= 72 || each.startsWith('\t')));
  });

  it('is none without comments, and for a patch that is not there', () => {
    assert.equal(replyText(answer, { patch: 0, comments: [] }), null);
    assert.equal(replyText(answer, { patch: 4, comments: [{ line, text: 'x' }] }), null);
  });
});
