import { bitStrip, spanText } from '../bits/strip.ts';
import { TEXT_COLUMNS } from '../bits/width.ts';
import { effectLines, protFlag } from '../prot/effects.ts';
import { labelled, MOST_LINES, wrap, type Explanation } from '../text/explanation.ts';
import { bitsOfMask, type TreeDefinition } from './definition.ts';
import type { FieldEntry } from './define.ts';
import type { KnownField } from './lookup.ts';
import { neighboursOf, shortName } from './neighbours.ts';

/** What is known about a tree while a field is explained. */
export interface FieldTree {
  /** The definition of another field of the same family, for the diagram. */
  definitionOf(entry: FieldEntry): TreeDefinition | undefined;
}

/**
 * Explains a field, code, feature or constant: what it means, its bits among its neighbours, who sets and reads it, where it is defined.
 * The definition of the tree goes before the table; a difference is said.
 */
export function explainField(
  known: KnownField,
  definition: TreeDefinition | undefined,
  tree: FieldTree,
): Explanation {
  const { entry, family } = known;
  const bits = bitsIn(entry, definition);
  const flag = protFlag(entry.name);
  const fixed: string[] =
    flag === undefined
      ? [...valueLine(known, definition), ...diagram(known, definition, tree), ...codes(known)]
      : [...effectLines(flag)];
  const here = hereLines(known, definition);
  const room = MOST_LINES - 1 - fixed.length - here.length;
  const since = entry.since === undefined ? [] : [labelled('Since', sinceText(entry.since))];
  const prose =
    entry.kind === 'number' || flag !== undefined
      ? since
      : [
          ...(family.setBy === undefined ? [] : [labelled('Set by', family.setBy)]),
          ...(family.readBy === undefined ? [] : [labelled('Read by', family.readBy)]),
          ...modelLines(known),
          ...since,
          ...(family.source === undefined ? [] : [labelled('Source', family.source)]),
        ];
  // What does not fit is left out from the end: it is the same for every field of the family.
  const shown: string[] = [];
  for (const paragraph of prose) {
    if (shown.length + paragraph.length > room) break;
    shown.push(...paragraph);
  }
  return {
    title: titleOf(known, bits, definition),
    lines: [...fixed, ...shown, ...here],
    places: definition === undefined ? [] : [{ path: definition.path, line: definition.line }],
  };
}

type Bits = { readonly high: number; readonly low: number } | undefined;

/** The bits as the tree has them, else those of the table. */
export function bitsIn(entry: FieldEntry, definition: TreeDefinition | undefined): Bits {
  const { kind, high, low } = entry;
  const own = high === undefined || low === undefined ? undefined : { high, low };
  const value = definition?.value;
  if (value === undefined || own === undefined) return own;
  if (kind === 'bit') {
    const number = Number(value % 64n);
    return { high: number, low: number };
  }
  // A mask that the code shifts itself (`EVENT_FLAG_RW`) has the bits that the table says only relative to its field.
  return kind === 'field' ? (bitsOfMask(value) ?? own) : own;
}

function titleOf(known: KnownField, bits: Bits, definition: TreeDefinition | undefined): string {
  const { entry, family } = known;
  const text = entry.text === undefined ? '' : `: ${entry.text}`;
  const where =
    entry.word === undefined || (family.noun === undefined && entry.word === 0)
      ? ''
      : ` of ${family.noun ?? ''}${family.noun === undefined ? '' : ' '}${family.wordBits === 32 ? 'dword' : 'word'} ${entry.word}`;
  const span =
    bits === undefined
      ? ''
      : `${bits.high === bits.low ? 'bit' : 'bits'} ${spanText(bits.high, bits.low)}${where}`;
  const value = definition?.value ?? entry.value;
  switch (entry.kind) {
    case 'number':
    case 'mask': {
      const shown = value === undefined ? '' : ` = ${numberText(value)}`;
      return `${entry.name}${shown}${text === '' ? ` (${family.title})` : text}`;
    }
    case 'value': {
      const of = entry.of === undefined ? '' : ` of ${shortName(entry.of, family)}`;
      const shown = value === undefined ? '' : ` = ${numberText(value)}`;
      return `${entry.name}${shown}${of}${span === '' ? '' : `, ${span}`}${text}`;
    }
    case 'accessor':
      return `${entry.name}()${span === '' ? '' : `, ${span}`}${text}`;
    default:
      return `${entry.name}, ${span}${text}`;
  }
}

/** Small numbers as people count, others as the kernel writes them. */
export function numberText(value: bigint): string {
  return value < 1024n ? value.toString() : `0x${value.toString(16)}`;
}

function valueLine(
  { entry, family }: KnownField,
  definition: TreeDefinition | undefined,
): string[] {
  if (entry.kind === 'number' && entry.text === undefined) return [];
  const value = definition?.value ?? maskOf(entry);
  const right =
    value === undefined || entry.kind === 'bit' || entry.kind === 'number' || entry.kind === 'value'
      ? ''
      : `mask 0x${value.toString(16)}`;
  const gap = Math.max(2, TEXT_COLUMNS - family.title.length - right.length);
  return [right === '' ? family.title : `${family.title}${' '.repeat(gap)}${right}`];
}

function maskOf({ kind, high, low, value }: FieldEntry): bigint | undefined {
  if (kind === 'mask') return value;
  if (high === undefined || low === undefined) return undefined;
  return (1n << BigInt(high + 1)) - (1n << BigInt(low));
}

function diagram(
  known: KnownField,
  definition: TreeDefinition | undefined,
  tree: FieldTree,
): readonly string[] {
  const { entry, family } = known;
  const field = entry.kind === 'value' ? ownerOf(known) : known;
  if (field === undefined || bitsIn(field.entry, undefined) === undefined) return [];
  const fields = neighboursOf(field, (other) =>
    bitsIn(other, other === entry ? definition : tree.definitionOf(other)),
  );
  // One field alone is said in the first line.
  if (fields.length < 2) return [];
  const [marked] = fields;
  return bitStrip(fields, {
    bits: family.wordBits ?? 64,
    ...(marked === undefined ? {} : { marked }),
  });
}

function ownerOf({ entry, family }: KnownField): KnownField | undefined {
  const owner = family.entries.find(({ name }) => name === entry.of);
  return owner === undefined ? undefined : { entry: owner, family };
}

/** The codes that a field can hold, with their meanings. */
function codes({ entry, family }: KnownField): string[] {
  const all = family.entries.filter(({ of, kind }) => kind === 'value' && of === entry.name);
  if (all.length === 0) return [];
  const low = BigInt(entry.low ?? 0);
  const items = all.map((code) => {
    const raw = code.value === undefined ? '' : codeText(code.value, low, entry);
    return `${raw} ${code.text ?? shortName(code.name, family)}`.trim();
  });
  const lines = wrap(
    items.map((item) => `${item.replaceAll(' ', NO_BREAK)}${NO_BREAK}`).join(' '),
    TEXT_COLUMNS,
  );
  const shown = lines
    .slice(0, MOST_CODE_LINES)
    .map((line) => line.replaceAll(NO_BREAK, ' ').trimEnd());
  return lines.length > MOST_CODE_LINES ? [...shown, '…'] : shown;
}

const NO_BREAK = '\u00a0';
const MOST_CODE_LINES = 4;

/** A code as the field holds it: values that the kernel writes shifted are shifted back. */
function codeText(value: bigint, low: bigint, { high, low: first }: FieldEntry): string {
  const width = BigInt((high ?? 63) - (first ?? 0) + 1);
  const inPlace = low > 0n && value >= 1n << width && (value & ((1n << low) - 1n)) === 0n;
  return numberText(inPlace ? value >> low : value);
}

function modelLines({ entry, family }: KnownField): (readonly string[])[] {
  if (family.model === undefined) return [];
  const seen = family.modelled?.includes(entry.name) ?? true;
  return [labelled('Model', seen ? family.model : 'kept, and looked at by no walker')];
}

function sinceText(since: string): string {
  return since === '6.12' ? 'after 6.1, in 6.12' : since;
}

function hereLines(
  { entry }: KnownField,
  definition: TreeDefinition | undefined,
): readonly string[] {
  if (definition === undefined) return labelled('Defined', `${entry.path} in 7.3`);
  const { path, line, value } = definition;
  const place = `${path}:${line}`;
  const own = bitsIn(entry, undefined);
  const now = bitsIn(entry, definition);
  if (own !== undefined && now !== undefined && (own.high !== now.high || own.low !== now.low)) {
    return labelled('Here', `${place}: ${spanText(now.high, now.low)} in this tree, ${spanText(own.high, own.low)} in 7.3`); // prettier-ignore
  }
  if (isOther(entry, value)) {
    return labelled('Here', `${place}: ${numberText(value!)} in this tree, ${numberText(entry.value!)} in 7.3`); // prettier-ignore
  }
  const same = value !== undefined && (own !== undefined || entry.value !== undefined);
  return labelled('Here', same ? `${place}, the same in 7.3` : place);
}

/** The tree gives a constant or code another value than 7.3. */
function isOther({ kind, value: known }: FieldEntry, value: bigint | undefined): boolean {
  if (value === undefined || known === undefined || kind === 'bit') return false;
  return value !== known;
}
