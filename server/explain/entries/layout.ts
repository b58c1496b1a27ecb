import type { FieldEntry, FieldFamily } from '../fields/define.ts';
import { shortName } from '../fields/neighbours.ts';

/** One field of an entry of several words. */
export interface LayoutField {
  readonly name: string;
  /** Word of 64 bits, counted from 0. */
  readonly word: number;
  readonly high: number;
  readonly low: number;
  readonly text: string | undefined;
  /** What single values mean. */
  readonly codes: ReadonlyMap<bigint, string>;
  /** The value is an address: it is shifted left by this many bits. */
  readonly addressShift: number | undefined;
}

/** How the words of an entry are read. */
export interface EntryLayout {
  /** Name on the command line: `ste`. */
  readonly name: string;
  readonly title: string;
  /** Words of 64 bits that the entry has. */
  readonly words: number;
  readonly fields: readonly LayoutField[];
  /** What the entry does, in one clause. `of` gives the value of a field, 0 for those in words that were not given. */
  summary(of: (field: string) => bigint): string;
  /** The layout of this very entry, where a code inside decides what the other bits are. */
  refined?(words: readonly bigint[]): EntryLayout;
}

/** What a layout takes from a family of fields. */
interface Choice {
  readonly name: string;
  readonly words: number;
  /** Names that give way to finer or better ones. */
  readonly without?: readonly string[];
  /** Kinds of names that are drawn, those that win first. */
  readonly kinds?: readonly FieldEntry['kind'][];
  readonly summary: EntryLayout['summary'];
}

/** The layout that the field table of a kind of entry makes. Where fields overlap, masks go before single bits, and the first one goes before the others. */
export function layoutOf(family: FieldFamily, choice: Choice): EntryLayout {
  const candidates = (kind: FieldEntry['kind']): FieldEntry[] =>
    family.entries.filter(
      (entry) =>
        entry.kind === kind &&
        entry.word !== undefined &&
        entry.high !== undefined &&
        choice.without?.includes(entry.name) !== true,
    );
  const chosen: FieldEntry[] = [];
  const kinds = choice.kinds ?? (['field', 'member', 'bit'] as const);
  for (const entry of kinds.flatMap(candidates)) {
    const clash = chosen.some(
      (other) =>
        other.word === entry.word && other.high! >= entry.low! && entry.high! >= other.low!,
    );
    if (!clash) chosen.push(entry);
  }
  const { name, words, summary } = choice;
  return {
    name,
    title: family.title,
    words,
    fields: chosen.map((entry) => layoutField(entry, family)),
    summary,
  };
}

function layoutField(entry: FieldEntry, family: FieldFamily): LayoutField {
  const low = entry.low!;
  const codes = new Map<bigint, string>();
  for (const code of family.entries) {
    if (code.kind !== 'value' || code.of !== entry.name || code.value === undefined) continue;
    const limit = 1n << BigInt(entry.high! - low + 1);
    const raw = code.value >= limit ? code.value >> BigInt(low) : code.value;
    // Of two names for one code the later one counts: Sv39 stands behind Sv32, which needs SXL.
    codes.set(raw, code.text ?? shortName(code.name, family));
  }
  return {
    name: shortName(entry.name, family),
    word: entry.word!,
    high: entry.high!,
    low,
    text: entry.text,
    codes,
    addressShift: shiftOf(entry),
  };
}

/** Page numbers are shifted by 12; addresses that stand in place by their lowest bit. */
function shiftOf({ name, high, low, text }: FieldEntry): number | undefined {
  if (/_PPN$/.test(name) || text === 'guest page number') return 12;
  const isAddress = text !== undefined && /^(?:address|scalable mode: address|physical)/.test(text);
  return isAddress && high! - low! > 8 ? low : undefined;
}
