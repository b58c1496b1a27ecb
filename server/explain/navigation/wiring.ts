import type { Unit } from '../../program/unit.ts';
import type { Span } from '../../text/span.ts';
import type { Word } from '../text/wordAt.ts';

/** Where a function of the file is put into operations tables or handed over as a handler; empty for functions that are not. */
export function wiringOf(unit: Unit, text: string, word: Word): readonly Span[] {
  if (word.isMember || word.kind !== 'name') return [];
  const { symbols } = unit;
  const spans: Span[] = [];
  for (const { field } of symbols.opsOf(word.text)) {
    const pattern = new RegExp(`\\b${field}\\s*=\\s*&?(${word.text})\\b`, 'g');
    for (const match of text.matchAll(pattern)) {
      const start = match.index + match[0].length - word.text.length;
      if (start !== word.start) spans.push({ start, end: start + word.text.length });
    }
  }
  for (const { by } of symbols.registrationsOf(word.text)) {
    const pattern = new RegExp(`\\b${by}\\s*\\([^;]*?\\b(${word.text})\\b`, 'g');
    for (const match of text.matchAll(pattern)) {
      const start = match.index + match[0].length - word.text.length;
      if (start !== word.start) spans.push({ start, end: start + word.text.length });
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}
