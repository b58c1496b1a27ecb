import assert from 'node:assert/strict';
import { parsePatch } from '../../patch/parseSeries.ts';
import { replyMail } from './mail.ts';
import { wrap } from './wrap.ts';

const mail = [
  'From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001',
  'From: "Author, The" <author@example.org>',
  'To: iommu@lists.example.org, "Maintainer, A." <maint@example.org>',
  'Cc: author@example.org, iommu@lists.example.org',
  'Date: Thu, 19 Nov 2026 10:02:11 +0000',
  'Subject: [PATCH v2 1/2] accel/qcap: map the ring',
  'Message-ID: <20261119.1-author@example.org>',
  'References: <cover@example.org>',
  '',
  'Text.',
  '---',
  'diff --git a/q.c b/q.c',
  '--- a/q.c',
  '+++ b/q.c',
  '@@ -1,12 +1,13 @@ static int qcap_map(void)',
  ...Array.from({ length: 10 }, (_, i) => ` \tline${i}();`),
  '-\told();',
  '+\tnow(a,',
  '+\t    b);',
  ' \tlast();',
  '',
].join('\n');

describe('replyMail', () => {
  const [patch] = parsePatch(mail, 'x.mbox').patches;

  it('answers the author and everybody once, under the thread, below the quoted lines', () => {
    assert.equal(
      replyMail(patch!, [{ line: 27, text: 'This maps twice.' }]),
      [
        'To: "Author, The" <author@example.org>',
        'Cc: iommu@lists.example.org,',
        ' "Maintainer, A." <maint@example.org>',
        'Subject: Re: [PATCH v2 1/2] accel/qcap: map the ring',
        'In-Reply-To: <20261119.1-author@example.org>',
        'References: <cover@example.org>',
        ' <20261119.1-author@example.org>',
        '',
        'On Thu, 19 Nov 2026 10:02:11 +0000, Author, The wrote:',
        '> +++ b/q.c',
        '> @@ -1,12 +1,13 @@ static int qcap_map(void)',
        '> [...]',
        ...Array.from({ length: 5 }, (_, i) => `>  \tline${i + 5}();`),
        '> -\told();',
        '> +\tnow(a,',
        '> +\t    b);',
        '',
        'This maps twice.',
        '',
      ].join('\n'),
    );
  });

  it('does not quote a line twice', () => {
    const text = replyMail(patch!, [
      { line: 28, text: 'Two.' },
      { line: 26, text: 'One.' },
    ]);
    assert.match(text, />.*old\(\);\n\nOne\.\n\n> \+\tnow\(a,\n> \+\t {4}b\);\n\nTwo\.\n$/);
  });

  it('lets no decoded header write another one', () => {
    const forged = { ...patch!, subject: 'x\r\nBcc: evil@example.org' };
    assert.doesNotMatch(replyMail(forged, [{ line: 27, text: 'x' }]), /^Bcc:/m);
  });
});

describe('wrap', () => {
  it('keeps lines within 72 columns and long words whole', () => {
    const lines = wrap(`${'word '.repeat(40)}${'x'.repeat(90)}`);
    assert.equal(
      lines.every((line) => line.length <= 72 || !line.includes(' ')),
      true,
    );
    assert.equal(lines.join(' '), `${'word '.repeat(40)}${'x'.repeat(90)}`);
  });
});
