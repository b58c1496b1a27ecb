/** Text that was made from bytes. `known` is false when the character set is none of ours and a guess stood in. */
export interface DecodedText {
  readonly text: string;
  readonly known: boolean;
}

/** Code points of windows-1252 between 0x80 and 0x9f, where Latin-1 has control characters. */
const windows1252 =
  '\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F' +
  '\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178';

/** Differences of ISO 8859-15 from Latin-1. */
const latin9: Readonly<Record<number, number>> = {
  0xa4: 0x20ac,
  0xa6: 0x160,
  0xa8: 0x161,
  0xb4: 0x17d,
  0xb8: 0x17e,
  0xbc: 0x152,
  0xbd: 0x153,
  0xbe: 0x178,
};

const fromLatin1 = (byte: number): number => byte;
const fromLatin9 = (byte: number): number => latin9[byte] ?? byte;
const fromWindows = (byte: number): number =>
  byte >= 0x80 && byte < 0xa0 ? windows1252.charCodeAt(byte - 0x80) : byte;

const singleByte: Readonly<Record<string, (byte: number) => number>> = {
  iso88591: fromLatin1,
  latin1: fromLatin1,
  iso885915: fromLatin9,
  latin9: fromLatin9,
  windows1252: fromWindows,
  cp1252: fromWindows,
};

/** Decodes bytes of a mail; source is in ASCII, so an unknown character set costs names and prose only. */
export function decodeBytes(bytes: Uint8Array, charset: string): DecodedText {
  if (isAscii(bytes)) return { text: units(bytes, fromLatin1), known: true };
  const name = charset.toLowerCase().replace(/[^a-z0-9]/g, '');
  const single = singleByte[name];
  if (single !== undefined) return { text: units(bytes, single), known: true };
  const text = utf8(bytes);
  const unicode = name === 'utf8' || name === 'usascii' || name === 'ascii' || name === '';
  if (text !== undefined) return { text, known: unicode };
  return { text: units(bytes, fromLatin1), known: false };
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

/** Bytes that become a string at a time: arguments of one call are limited. */
const chunk = 8192;

function units(bytes: Uint8Array, unit: (byte: number) => number): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += chunk)
    text += String.fromCharCode(...Array.from(bytes.subarray(at, at + chunk), unit));
  return text;
}

/** Strict: undefined when the bytes are no UTF-8. */
function utf8(bytes: Uint8Array): string | undefined {
  const points: number[] = [];
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const first = bytes[i]!;
    const length =
      first < 0x80
        ? 0
        : first < 0xc2
          ? -1
          : first < 0xe0
            ? 1
            : first < 0xf0
              ? 2
              : first < 0xf5
                ? 3
                : -1;
    if (length < 0) return undefined;
    let point = length === 0 ? first : first & (0x3f >> length);
    for (let k = 1; k <= length; k++) {
      const next = bytes[i + k];
      if (next === undefined || (next & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    if (point < shortest[length]! || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
      return undefined;
    i += length;
    points.push(point);
    if (points.length === chunk) text += String.fromCodePoint(...points.splice(0));
  }
  return text + String.fromCodePoint(...points);
}

/** Lowest code point that needs so many bytes behind the first one; lower ones are written falsely. */
const shortest = [0, 0x80, 0x800, 0x10000];
