import { addWords, getField, word, type Word64 } from '../../bits/pte64.ts';
import { INV_POW2, POW2 } from '../../bits/pow2.ts';

/** Bits `last` down to `first` of one 64-bit word of a record. */
export interface RecordField {
  readonly word: number;
  readonly last: number;
  readonly first: number;
}

/** A kind of record: its code and its fields. A field in several places lists them, the lowest bits first. */
export interface RecordForm {
  readonly name: string;
  readonly code: number;
  readonly fields: Readonly<Record<string, RecordField | readonly RecordField[]>>;
}

/** The records of a queue: commands, events, faults. */
export interface RecordSet {
  /** 64-bit words of a record. */
  readonly words: number;
  /** Where the code of the kind stands. */
  readonly code: RecordField;
  readonly forms: readonly RecordForm[];
}

/** A record with its values by the names of its form. */
export interface QueueRecord {
  readonly name: string;
  readonly values: Readonly<Record<string, number>>;
}

/** A field in word `word`; one bit without `first`. */
export function bits(word: number, last: number, first: number = last): RecordField {
  return { word, last, first };
}

function parts(field: RecordField | readonly RecordField[]): readonly RecordField[] {
  return 'word' in field ? [field] : field;
}

function width({ last, first }: RecordField): number {
  return last - first + 1;
}

/** Adds a value to cleared bits. Range of `value`: what the field holds. */
function put(words: Word64[], field: RecordField, value: number): void {
  const { first } = field;
  const shifted =
    first >= 32
      ? word(0, (value * POW2[first - 32]!) | 0)
      : word(
          ((value % POW2[32 - first]!) * POW2[first]!) | 0,
          Math.floor(value * INV_POW2[32 - first]!) | 0,
        );
  words[field.word] = addWords(words[field.word]!, shifted);
}

/**
 * Encodes a record. Fields that `values` does not name are 0; a name that the form does not have, or a value that does
 * not fit its field, is a mistake of the caller and throws.
 */
export function encodeRecord(
  set: RecordSet,
  name: string,
  values: QueueRecord['values'],
): readonly Word64[] {
  const form = set.forms.find((one) => one.name === name);
  if (form === undefined) throw new RangeError(`no record ${name}`);
  const words = Array.from({ length: set.words }, () => word(0));
  put(words, set.code, form.code);
  for (const [key, value] of Object.entries(values)) {
    const field = form.fields[key];
    if (field === undefined) throw new RangeError(`${name} has no field ${key}`);
    let rest = value;
    for (const part of parts(field)) {
      const size = POW2[width(part)]!;
      put(words, part, rest % size);
      rest = Math.floor(rest / size);
    }
    if (rest !== 0 || value < 0) throw new RangeError(`${value} does not fit ${name}.${key}`);
  }
  return words;
}

/** Decodes a record; undefined for a code that the set does not have. */
export function decodeRecord(set: RecordSet, words: readonly Word64[]): QueueRecord | undefined {
  const read = ({ word: n, last, first }: RecordField): number => getField(words[n]!, last, first);
  const code = read(set.code);
  const form = set.forms.find((one) => one.code === code);
  if (form === undefined) return undefined;
  const values: Record<string, number> = {};
  for (const [key, field] of Object.entries(form.fields)) {
    let weight = 1;
    let value = 0;
    for (const part of parts(field)) {
      value += read(part) * weight;
      weight *= POW2[width(part)]!;
    }
    values[key] = value;
  }
  return { name: form.name, values };
}

/** Names whose values are page numbers and are printed as addresses. */
const PAGE_NAMES: ReadonlySet<string> = new Set(['page', 'ipaPage']);

/** A record as the trace names it: its name and the fields that are not 0. */
export function recordText({ name, values }: QueueRecord): string {
  const shown = Object.entries(values).filter(([key, value]) => value !== 0 || PAGE_NAMES.has(key));
  const text = shown.map(([key, value]) =>
    PAGE_NAMES.has(key)
      ? `${key}=0x${value === 0 ? '0' : `${value.toString(16)}000`}`
      : `${key}=${value > 9 ? `0x${value.toString(16)}` : value}`,
  );
  return [name, ...text].join(' ');
}

/** The smallest naturally aligned power of two of pages that holds a range. Unit: lg2 pages. */
export function spanLg2(first: number, last: number): number {
  let lg2 = 0;
  while (Math.floor(first * INV_POW2[lg2]!) !== Math.floor(last * INV_POW2[lg2]!)) lg2++;
  return lg2;
}
