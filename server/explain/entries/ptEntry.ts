import { formatAddr } from '../../model/bits/pfn.ts';
import { formatWord, isZero, type Word64 } from '../../model/bits/pte64.ts';
import {
  accessText,
  decodeEntry,
  entryNoun,
  plausibleLevels,
  sizeText,
  type DecodedEntry,
  type DecodeOptions,
} from '../../model/fmt/decode.ts';
import { bitStrip } from '../bits/strip.ts';
import { numberText } from '../fields/explainField.ts';
import { labelled, MOST_LINES, type Explanation } from '../text/explanation.ts';

/** What an entry is at one level, in one clause: `2 MiB leaf to 0x40000000, read and write (vtdss, level 1)`. */
export function entryHeading(decoded: DecodedEntry): string {
  const access = accessText(decoded);
  const words = access === '' ? entryNoun(decoded) : `${entryNoun(decoded)}, ${access}`;
  return `${words} (${decoded.format}, level ${decoded.level})`;
}

/** The drawing of an entry with the values of its fields. */
export function entryStrip({ fields }: DecodedEntry): readonly string[] {
  return bitStrip(
    fields.map(({ name, first, last, value }) => ({
      name,
      high: last,
      low: first,
      value: numberText(BigInt(value)),
    })),
    { bits: 64 },
  );
}

/** A reading at another level, as a remark. */
export function otherLevelText(other: DecodedEntry, than: DecodedEntry): string {
  const same = other.kind === 'leaf' && formatAddr(other.address) === formatAddr(than.address);
  return same ? `${sizeText(other.sizeLg2)} leaf, same address` : entryNoun(other);
}

/** One format and what an entry can be in it. */
interface Reading {
  readonly best: DecodedEntry;
  /** Readings at other levels that make sense. */
  readonly others: readonly DecodedEntry[];
  readonly plausible: boolean;
}

/** Leaves above the lowest level say their size themselves, so that they go before the others. */
function readIn(format: string, entry: Word64, options: DecodeOptions): Reading | undefined {
  const levels = plausibleLevels(format, entry, options);
  const decoded = (levels.length === 0 ? [0] : levels).flatMap(
    (level) => decodeEntry(format, entry, level, options) ?? [],
  );
  const best = decoded.find(({ kind }) => kind === 'leaf') ?? decoded[0];
  if (best === undefined) return undefined;
  return { best, others: decoded.filter((one) => one !== best), plausible: levels.length > 0 };
}

/**
 * Explains a value as a page-table entry: in the first format that it makes sense in, then what it would be in the others.
 * Gives nothing when no format would write it.
 */
export function explainEntry(
  entry: Word64,
  formats: readonly string[],
  options: DecodeOptions = {},
): Explanation | undefined {
  if (isZero(entry)) return undefined;
  const readings = formats.flatMap((format) => readIn(format, entry, options) ?? []);
  const sensible = readings.filter(({ plausible }) => plausible);
  // Nobody writes a leaf that lets nothing through, where another format has a better reading.
  const useful = sensible.find(({ best }) => accessText(best) !== 'no access');
  const chosen = useful ?? sensible[0];
  if (chosen === undefined) return undefined;
  const { best, others } = chosen;
  const lines = [...entryStrip(best)];
  for (const { name, value, meaning, structural } of best.fields) {
    if (structural || meaning === '' || value === 0) continue;
    if (lines.length < MOST_LINES - 5) lines.push(`${name.padEnd(8)}${meaning}`);
  }
  for (const other of others) lines.push(`Level ${other.level}: ${otherLevelText(other, best)}`);
  const rest = sensible.filter((reading) => reading !== chosen);
  const also = rest.map(({ best: one }) => entryHeading(one));
  if (also.length > 0) lines.push(...labelled('Or', also.slice(0, 3).join('; ')));
  return {
    title: `${formatWord(entry)}: ${entryHeading(best)}`,
    lines: lines.slice(0, MOST_LINES - 1),
    places: [],
  };
}
