/** An integer constant as it is written. */
export interface IntegerLiteral {
  readonly value: bigint;
  readonly decimal: boolean;
  readonly unsigned: boolean;
  /** 0, 1 or 2: how many `l` the suffix has. */
  readonly longs: number;
}

const INTEGER = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uUlL]*)$/;

/** Reads an integer constant; undefined for floating constants and malformed numbers. */
export function parseInteger(spelling: string): IntegerLiteral | undefined {
  const match = INTEGER.exec(spelling);
  if (match === null) return undefined;
  const digits = match[1]!;
  const suffix = match[2]!.toLowerCase();
  const octal = /^0\d+$/.test(digits);
  if (octal && /[89]/.test(digits)) return undefined;
  return {
    value: BigInt(octal ? `0o${digits.slice(1)}` : digits),
    decimal: /^[1-9]/.test(digits),
    unsigned: suffix.includes('u'),
    longs: suffix.replace('u', '').length,
  };
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  ...{ n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, e: 27 },
  ...{ '\\': 92, "'": 39, '"': 34, '?': 63 },
};

/** Bytes of a string or character literal, without its quotes, prefix and terminating zero. UTF-8. */
export function literalBytes(spelling: string): number[] {
  const start = Math.min(...['"', "'"].map((q) => spelling.indexOf(q)).filter((i) => i >= 0));
  const quote = spelling[start];
  const end = spelling.endsWith(quote!) && spelling.length > start + 1 ? -1 : undefined;
  const text = spelling.slice(start + 1, end);
  const bytes: number[] = [];
  for (let i = 0; i < text.length;) {
    if (text[i] === '\\') {
      const escape = /^\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|(\r?\n)|([\s\S]))/.exec(text.slice(i));
      if (escape === null) break;
      if (escape[1] !== undefined) bytes.push(parseInt(escape[1], 16) & 255);
      else if (escape[2] !== undefined) bytes.push(parseInt(escape[2], 8) & 255);
      else if (escape[4] !== undefined) {
        bytes.push(SIMPLE_ESCAPES[escape[4]] ?? escape[4].charCodeAt(0));
      }
      i += escape[0].length;
    } else {
      const point = text.codePointAt(i)!;
      bytes.push(...utf8(point));
      i += point > 0xffff ? 2 : 1;
    }
  }
  return bytes;
}

function utf8(point: number): number[] {
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 63)];
  if (point < 0x10000) {
    return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
  }
  return [
    0xf0 | (point >> 18),
    ...[0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)],
  ];
}

/** Value of a character constant: its bytes, big end first, as a signed int; a single byte is a signed char. */
export function characterValue(spelling: string): number {
  const bytes = literalBytes(spelling);
  if (bytes.length === 1) return (bytes[0]! << 24) >> 24;
  return bytes.reduce((value, byte) => (value << 8) | byte, 0);
}
