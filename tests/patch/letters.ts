// Puts a diff into the wrappings in which patches travel.

/** A patch mail as git format-patch writes it. */
export function formatPatch(diff: string, subject = '[PATCH] accel/qcap: tidy the ring'): string {
  return (
    `From 1234567890123456789012345678901234567890 Mon Sep 17 00:00:00 2001\n` +
    mail(
      `The ring is tidied.\n\nSigned-off-by: A Author <author@example.org>\n---\n drivers/qcap.c | 2 +-\n\n${diff}-- \n2.39.5\n\n`,
      subject,
    )
  );
}

/** A mail with the header fields that lists see; `fields` come on top. */
export function mail(body: string, subject: string, fields: readonly string[] = []): string {
  const id = subject.replace(/[^\w]/g, '');
  return [
    'From: A Author <author@example.org>',
    'Date: Thu, 19 Nov 2026 10:02:11 +0000',
    `Subject: ${subject}`,
    `Message-ID: <${id}@example.org>`,
    ...fields,
    '',
    body,
  ].join('\n');
}

/** Quoted-printable with soft breaks at 76 columns. */
export function quotedPrintable(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const encoded = [...Buffer.from(line, 'utf8')].map((byte, at, all) => {
        const space = byte === 32 || byte === 9;
        const plain = (byte > 32 && byte < 127 && byte !== 61) || (space && at < all.length - 1);
        return plain
          ? String.fromCharCode(byte)
          : '=' + byte.toString(16).toUpperCase().padStart(2, '0');
      });
      let result = '';
      let column = 0;
      for (const piece of encoded) {
        if (column + piece.length > 75) {
          result += '=\n';
          column = 0;
        }
        result += piece;
        column += piece.length;
      }
      return result;
    })
    .join('\n');
}

/** Base64 in lines of 76 columns. */
export function base64(text: string): string {
  return (
    (
      Buffer.from(text, 'utf8')
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\n') + '\n'
  );
}

/** Quotes every line, as a reply does. */
export function quoted(text: string, prefix = '> '): string {
  return text
    .split('\n')
    .map((line) => (prefix + line).trimEnd())
    .join('\n');
}

/** format=flowed: lines that begin with a space, `>` or `From ` are stuffed; long ones are broken at spaces. */
export function flowed(text: string, delsp: boolean): string {
  return text
    .split('\n')
    .map((line) => {
      const stuffed = /^(?: |>|From )/.test(line) ? ' ' + line : line;
      const kept = stuffed === '-- ' ? stuffed : stuffed.replace(/ +$/, '');
      if (!delsp) return kept;
      const pieces = kept.match(/.{1,60}/g) ?? [''];
      return pieces.join(' \n');
    })
    .join('\n');
}
