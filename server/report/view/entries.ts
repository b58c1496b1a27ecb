import { formatAddr } from '../../model/bits/pfn.ts';
import { sizeText, type DecodedEntry } from '../../model/fmt/decode.ts';
import type { ViewEntry } from './view.ts';

/** Equal bits mean different things in another format or at another level. */
export function entryKey(format: string, level: number, bits: string): string {
  return `${format} ${level} ${bits}`;
}

/** A decoded entry as the page shows it. */
export function entryOf(bits: string, text: string, decoded: DecodedEntry | undefined): ViewEntry {
  if (decoded === undefined) {
    return { bits, kind: 'leaf', bytes: '0x0', short: bits, text, fields: [] };
  }
  const to = decoded.kind === 'empty' ? {} : { to: formatAddr(decoded.address) };
  const short = decoded.kind === 'leaf' ? `${sizeText(decoded.sizeLg2)} leaf` : decoded.kind;
  return {
    ...{ bits, kind: decoded.kind, short, text, ...to },
    bytes: `0x${(decoded.sizeLg2 === 0 ? 0n : 1n << BigInt(decoded.sizeLg2)).toString(16)}`,
    fields: decoded.fields.map(({ name, first, last, value, meaning }) => ({
      ...{ name, high: last, low: first, meaning },
      value: last - first > 8 ? `0x${value.toString(16)}` : String(value),
    })),
  };
}
