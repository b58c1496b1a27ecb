/** Text that was made from bytes. `known` is false when the character set is none of ours and Latin-1 stood in. */
export interface DecodedText {
  readonly text: string;
  readonly known: boolean;
}

/** Code points of windows-1252 between 0x80 and 0x9f, where Latin-1 has control characters. */
const windows1252 =
  '\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F' +
  '\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178';

/** Differences of ISO 8859-15 from Latin-1. */
const latin9: Readonly<Record<number, string>> = {
  0xa4: '\u20AC',
  0xa6: '\u0160',
  0xa8: '\u0161',
  0xb4: '\u017D',
  0xb8: '\u017E',
  0xbc: '\u0152',
  0xbd: '\u0153',
  0xbe: '\u0178',
};

/** Decodes bytes of a mail; source is in ASCII, so an unknown character set costs names and prose only. */
export function decodeBytes(bytes: readonly number[], charset: string): DecodedText {
  const name = charset.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (bytes.every((byte) => byte < 0x80))
    return { text: latin(bytes, () => undefined), known: true };
  if (name === 'utf8' || name === 'usascii' || name === 'ascii' || name === '') {
    const text = utf8(bytes);
    if (text !== undefined) return { text, known: true };
    return { text: latin(bytes, () => undefined), known: false };
  }
  if (name === 'iso88591' || name === 'latin1')
    return { text: latin(bytes, () => undefined), known: true };
  if (name === 'iso885915') return { text: latin(bytes, (byte) => latin9[byte]), known: true };
  if (name === 'windows1252' || name === 'cp1252')
    return {
      text: latin(bytes, (byte) =>
        byte >= 0x80 && byte < 0xa0 ? windows1252[byte - 0x80] : undefined,
      ),
      known: true,
    };
  return { text: utf8(bytes) ?? latin(bytes, () => undefined), known: false };
}

function latin(bytes: readonly number[], special: (byte: number) => string | undefined): string {
  let text = '';
  for (const byte of bytes) text += special(byte) ?? String.fromCharCode(byte);
  return text;
}

/** Strict: undefined when the bytes are no UTF-8. */
function utf8(bytes: readonly number[]): string | undefined {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const first = bytes[i]!;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    const length = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
    if (length === 0 || first >= 0xf5) return undefined;
    let point = first & (0x3f >> length);
    for (let k = 1; k <= length; k++) {
      const next = bytes[i + k];
      if (next === undefined || (next & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    const least = length === 1 ? 0x80 : length === 2 ? 0x800 : 0x10000;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return undefined;
    text += String.fromCodePoint(point);
    i += length;
  }
  return text;
}
