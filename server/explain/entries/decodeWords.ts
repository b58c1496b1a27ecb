import { bitStrip, spanText } from '../bits/strip.ts';
import { numberText } from '../fields/explainField.ts';
import type { Explanation } from '../text/explanation.ts';
import type { EntryLayout, LayoutField } from './layout.ts';

/** A field of an entry with its value. */
export interface ReadField {
  readonly field: LayoutField;
  readonly value: bigint;
  /** In plain words; empty where the number says all. */
  readonly meaning: string;
}

/** An entry of several words, read. */
export interface ReadEntry {
  readonly layout: EntryLayout;
  /** The words that were given; the entry may have more. */
  readonly words: readonly bigint[];
  readonly summary: string;
  /** Fields of the given words, high bits first. */
  readonly fields: readonly ReadField[];
  /** Set bits that belong to no field, by word. */
  readonly unexplained: readonly bigint[];
}

/** Reads the words of an entry; fields of words that were not given are left out. */
export function readEntry(kind: EntryLayout, words: readonly bigint[]): ReadEntry {
  const layout = kind.refined?.(words) ?? kind;
  const valueOf = ({ word, high, low }: LayoutField): bigint =>
    ((words[word] ?? 0n) >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
  const of = (name: string): bigint => {
    const field = layout.fields.find((candidate) => candidate.name === name);
    return field === undefined ? 0n : valueOf(field);
  };
  const fields = layout.fields
    .filter(({ word }) => word < words.length)
    .sort((a, b) => a.word - b.word || b.high - a.high)
    .map((field) => {
      const value = valueOf(field);
      return { field, value, meaning: meaningOf(field, value) };
    });
  const unexplained = words.map((word, i) => {
    let rest = word;
    for (const field of layout.fields) {
      if (field.word !== i) continue;
      const mask = (1n << BigInt(field.high + 1)) - (1n << BigInt(field.low));
      rest &= ~mask;
    }
    return rest;
  });
  return { layout, words, summary: layout.summary(of), fields, unexplained };
}

function meaningOf({ codes, text, high, low, addressShift }: LayoutField, value: bigint): string {
  const code = codes.get(value);
  if (code !== undefined) return code;
  if (addressShift !== undefined) return `${text ?? ''}: 0x${(value << BigInt(addressShift)).toString(16)}`; // prettier-ignore
  if (high === low) return value === 1n ? (text ?? '') : '';
  return text ?? '';
}

/** The explanation of an entry: the drawing of each word that is not 0, and a line per field that says something. */
export function explainWords(entry: ReadEntry): Explanation {
  const { layout, words, summary, fields, unexplained } = entry;
  const lines: string[] = [];
  const width = Math.max(...fields.map(({ field }) => field.name.length), 0);
  words.forEach((word, i) => {
    const own = fields.filter(({ field }) => field.word === i);
    if (layout.words > 1) lines.push(`word ${i}  0x${word.toString(16).padStart(16, '0')}`);
    if (word === 0n) return;
    lines.push(
      ...bitStrip(
        own.map(({ field, value }) => ({
          name: field.name,
          high: field.high,
          low: field.low,
          value: numberText(value),
        })),
        { bits: 64 },
      ),
    );
    for (const { field, value, meaning } of own) {
      if (value === 0n && !field.codes.has(0n)) continue;
      const bits = spanText(field.high, field.low).padEnd(5);
      lines.push(
        `  ${field.name.padEnd(width)}  ${bits}  ${numberText(value)}  ${meaning}`.trimEnd(),
      );
    }
    const rest = unexplained[i]!;
    if (rest !== 0n)
      lines.push(`  bits 0x${rest.toString(16)} belong to no field that the kernel names`);
  });
  if (words.length < layout.words && layout.words > 2) {
    lines.push(`words ${words.length} to ${layout.words - 1} were not given`);
  }
  return { title: `${layout.title}: ${summary}`, lines, places: [] };
}
