import type { IntValue } from '../ir.ts';

/** An integer as C values are kept here: a number where safe, else its canonical decimal text. */
export function intValue(value: bigint): IntValue {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value.toString();
}

/** The value of an integer literal with its suffixes; undefined for floating literals and what C does not know. */
export function parseIntLiteral(text: string): IntValue | undefined {
  const digits = text.replace(/'/g, '').replace(/(?:u|l|ul|lu|ull|llu|ll|z|uz|zu)$/i, '');
  if (/^(?:0|[1-9]\d{0,14})$/.test(digits)) return Number(digits);
  if (/^0[xX][0-9a-fA-F]+$/.test(digits) || /^0[bB][01]+$/.test(digits) || /^\d+$/.test(digits)) {
    if (/^0\d/.test(digits))
      return /^[0-7]+$/.test(digits) ? intValue(BigInt(`0o${digits}`)) : undefined;
    return intValue(BigInt(digits));
  }
  return undefined;
}

const escapes: Readonly<Record<string, number>> = {
  n: 10, t: 9, r: 13, 0: 0, a: 7, b: 8, f: 12, v: 11, '\\': 92, "'": 39, '"': 34, '?': 63, e: 27,
}; // prettier-ignore

/** The value of a character literal such as `'\n'` or `'\x7f'`. */
export function parseCharLiteral(text: string): IntValue | undefined {
  const inner = /^(?:L|u8|u|U)?'(.*)'$/s.exec(text)?.[1];
  if (inner === undefined) return undefined;
  if (inner.startsWith('\\')) {
    const hex = /^\\x([0-9a-fA-F]+)$/.exec(inner)?.[1];
    if (hex !== undefined) return parseInt(hex, 16);
    const octal = /^\\([0-7]{1,3})$/.exec(inner)?.[1];
    if (octal !== undefined) return parseInt(octal, 8);
    return inner.length === 2 ? escapes[inner[1]!] : undefined;
  }
  return inner.length === 1 ? inner.charCodeAt(0) : undefined;
}
