import { addAddr, parseAddr, type Addr } from '../../bits/pfn.ts';
import type { ValueKind } from './stepForms.ts';

/** A value after reading. */
export type Value = string | number | boolean | Addr | readonly string[];

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const BYTES_PER_PAGE = 4096;
const MAX_COUNT = 2 ** 31;

/** Reads a value of a kind; undefined when it is none. */
export function readValue(value: unknown, kind: ValueKind): Value | undefined {
  if (typeof kind === 'object') return readWords(value, kind);
  switch (kind) {
    case 'name':
    case 'text':
      return typeof value === 'string' && value !== '' ? value : undefined;
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'count':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < MAX_COUNT
        ? value
        : undefined;
    case 'address':
    case 'size':
      return typeof value === 'string' ? readSum(value) : undefined;
  }
}

function readWords(
  value: unknown,
  kind: { readonly oneOf: readonly string[] } | { readonly words: readonly string[] },
): Value | undefined {
  if (typeof value !== 'string') return undefined;
  if ('oneOf' in kind) return kind.oneOf.includes(value) ? value : undefined;
  const words = value.split(' ').filter((word) => word !== '');
  return words.every((word) => kind.words.includes(word)) ? words : undefined;
}

/** Reads `0x1000`, `4096`, `2M` or a sum of them. */
function readSum(text: string): Addr | undefined {
  let sum: Addr = { pfn: 0, offset: 0 };
  for (const part of text.split('+')) {
    const found = readTerm(part.trim());
    if (found === undefined) return undefined;
    sum = addAddr(sum, found);
  }
  return sum;
}

function readTerm(text: string): Addr | undefined {
  const unit = UNITS[text.at(-1) ?? ''];
  if (unit === undefined) return parseAddr(text);
  const number = Number(text.slice(0, -1));
  if (!Number.isInteger(number) || number < 0 || text.length < 2) return undefined;
  const bytes = number * unit;
  return { pfn: Math.floor(bytes / BYTES_PER_PAGE), offset: bytes % BYTES_PER_PAGE };
}

/** What a kind asks for, for messages. */
export function describeKind(kind: ValueKind): string {
  if (typeof kind === 'object') {
    return 'oneOf' in kind
      ? `one of ${kind.oneOf.join(', ')}`
      : `words out of ${kind.words.join(', ')}`;
  }
  switch (kind) {
    case 'name':
    case 'text':
      return 'text';
    case 'flag':
      return 'true or false';
    case 'count':
      return 'a whole number';
    case 'address':
      return 'an address such as "0x40000000" or "0x40000000+2M"';
    case 'size':
      return 'a size such as "4K", "2M" or "0x1000"';
  }
}
