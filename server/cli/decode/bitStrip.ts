import type { DecodedEntry } from '../../model/fmt/decode.ts';

interface Column {
  readonly bits: string;
  readonly name: string;
  readonly value: string;
}

const WORD_BITS = 64;

/**
 * An entry as manuals draw it: bit numbers, names and values side by side, high bits first.
 * Bits between the fields stand as `.`, with a 0 below.
 */
export function bitStrip(decoded: DecodedEntry): readonly string[] {
  const columns: Column[] = [];
  let above = WORD_BITS;
  const gap = (last: number, first: number): void => {
    if (last < first) return;
    const bits = last === first ? `${last}` : `${last}:${first}`;
    columns.push({ bits, name: '.', value: '0' });
  };
  for (const { first, last, name, value } of decoded.fields) {
    gap(above - 1, last + 1);
    columns.push({
      bits: first === last ? `${first}` : `${last}:${first}`,
      name,
      value: value > 9 ? `0x${value.toString(16)}` : `${value}`,
    });
    above = first;
  }
  gap(above - 1, 0);
  const row = (pick: (column: Column) => string): string =>
    `|${columns.map((column) => centred(pick(column), widthOf(column))).join('|')}|`;
  return [row(({ bits }) => bits), row(({ name }) => name), row(({ value }) => value)];
}

function widthOf({ bits, name, value }: Column): number {
  return Math.max(bits.length, name.length, value.length);
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return text.padStart(text.length + left).padEnd(width);
}
