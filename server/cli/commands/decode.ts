import { parseWord, formatWord, isZero, type Word64 } from '../../model/bits/pte64.ts';
import { formatAddr } from '../../model/bits/pfn.ts';
import {
  accessText,
  DECODABLE,
  decodeEntry,
  entryNoun,
  plausibleLevels,
  sizeText,
  topLevelOf,
  type DecodedEntry,
  type DecodeOptions,
} from '../../model/fmt/decode.ts';
import { printJson } from '../../report/json.ts';
import { nearest } from '../../text/nearest.ts';
import { type Args, type Command, UsageError } from '../command.ts';
import { bitStrip } from '../decode/bitStrip.ts';

const GRANULES: Readonly<Record<string, number>> = { '4K': 12, '16K': 14, '64K': 16 };

/** `iovet decode`: one page-table entry, field by field. */
export const decode: Command = {
  operands: '[FORMAT VALUE] [--level N]',
  options: [
    { name: 'level', value: 'N', help: 'level of the table; 0 holds the smallest pages' },
    { name: 'sme', value: 'MASK', help: "the machine's memory-encryption bit" },
    {
      name: 'granule',
      value: 'SIZE',
      choices: Object.keys(GRANULES),
      help: 'granule of ARM tables (default 4K)',
    },
  ],
  run: (args, context) => {
    const [format, value, more] = args.operands;
    if (format === undefined) {
      context.print(`${DECODABLE.join('\n')}\n`);
      return 0;
    }
    if (value === undefined || more !== undefined) {
      throw new UsageError('decode: name a format and one value', 'iovet decode FORMAT VALUE');
    }
    if (!DECODABLE.includes(format)) throw noSuchFormat(format);
    const entry = parseWord(value);
    if (entry === undefined) {
      throw new UsageError(`decode: ${value} is no 64-bit number`, 'write it as 0x… or decimal');
    }
    const options = optionsOf(args);
    const plausible = plausibleLevels(format, entry, options);
    const level = levelOf(args, format) ?? plausible[0] ?? 0;
    const decoded = decodeEntry(format, entry, level, options)!;
    const others = otherLevels(format, entry, level, options);
    const answer = { decoded, plausible, others };
    context.print(args.value('format') === 'json' ? decodeJson(answer) : decodeText(answer));
    return 0;
  },
};

interface Answer {
  readonly decoded: DecodedEntry;
  /** Levels at which the entry makes sense. */
  readonly plausible: readonly number[];
  readonly others: readonly DecodedEntry[];
}

function noSuchFormat(format: string): UsageError {
  const guess = nearest(format, DECODABLE);
  return new UsageError(
    `decode ${format}: no such format`,
    `${guess === undefined ? '' : `nearest: ${guess}; `}without a VALUE, iovet decode lists the formats`,
  );
}

function optionsOf(args: Args): DecodeOptions {
  const mask = args.value('sme');
  const sme = mask === undefined ? undefined : parseWord(mask);
  if (mask !== undefined && sme === undefined) {
    throw new UsageError(`--sme ${mask}: no 64-bit mask`, 'for C-bit 51: --sme 0x8000000000000');
  }
  const granule = args.value('granule');
  return {
    ...(sme === undefined ? {} : { sme }),
    ...(granule === undefined ? {} : { granuleLg2: GRANULES[granule]! }),
  };
}

function levelOf(args: Args, format: string): number | undefined {
  const text = args.value('level');
  if (text === undefined) return undefined;
  const top = topLevelOf(format);
  if (!/^\d$/.test(text) || Number(text) > top) {
    throw new UsageError(`--level ${text}: no level of ${format}`, `0 (smallest pages) to ${top}`);
  }
  return Number(text);
}

/** Readings at the other levels. */
function otherLevels(
  format: string,
  entry: Word64,
  level: number,
  options: DecodeOptions,
): readonly DecodedEntry[] {
  if (isZero(entry)) return [];
  const found: DecodedEntry[] = [];
  for (let other = 0; other <= topLevelOf(format); other++) {
    if (other !== level) found.push(decodeEntry(format, entry, other, options)!);
  }
  return found;
}

function heading(decoded: DecodedEntry): string {
  const access = accessText(decoded);
  const words = access === '' ? entryNoun(decoded) : `${entryNoun(decoded)}, ${access}`;
  return `${words} (${decoded.format}, level ${decoded.level})`;
}

function decodeText({ decoded, plausible, others }: Answer): string {
  const lines = [`${formatWord(decoded.entry)}: ${heading(decoded)}`, ...bitStrip(decoded)];
  const width = Math.max(...decoded.fields.map(({ name }) => name.length));
  for (const { name, first, last, value, meaning } of decoded.fields) {
    const bits = first === last ? `${first}` : `${last}:${first}`;
    const shown = value > 9 ? `0x${value.toString(16)}` : `${value}`;
    lines.push(`  ${name.padEnd(width)}  ${bits.padEnd(5)}  ${shown}  ${meaning}`.trimEnd());
  }
  if (!isZero(decoded.unexplained)) {
    lines.push(`  bits ${formatWord(decoded.unexplained)} belong to no field of such an entry`);
  }
  const sensible = others.filter(({ level }) => plausible.includes(level));
  for (const other of sensible) lines.push(levelLine(other, decoded));
  const rest = [decoded, ...others].map(({ level }) => level).filter((n) => !plausible.includes(n));
  if (others.length > 0 && rest.length > 0) {
    const levels = rest.sort((a, b) => a - b).join(', ');
    lines.push(`not an entry that the kernel writes at level ${levels}`);
  }
  return `${lines.join('\n')}\n`;
}

function levelLine(other: DecodedEntry, decoded: DecodedEntry): string {
  const same = other.kind === 'leaf' && formatAddr(other.address) === formatAddr(decoded.address);
  const noun = same ? `${sizeText(other.sizeLg2)} leaf, same address` : entryNoun(other);
  return `level ${other.level}: ${noun}`;
}

function decodeJson({ decoded, plausible, others }: Answer): string {
  const fields = (entry: DecodedEntry): Readonly<Record<string, unknown>> => ({
    level: entry.level,
    plausible: plausible.includes(entry.level),
    kind: entry.kind,
    summary: heading(entry),
    address: formatAddr(entry.address),
    ...(entry.sizeLg2 === 0 ? {} : { sizeLg2: entry.sizeLg2 }),
  });
  return printJson({
    entryFormat: decoded.format,
    value: formatWord(decoded.entry),
    ...fields(decoded),
    fields: decoded.fields.map(({ name, first, last, value, meaning }) => ({
      name,
      first,
      last,
      value: value > 9 ? `0x${value.toString(16)}` : value,
      meaning,
    })),
    unexplained: formatWord(decoded.unexplained),
    otherLevels: others.map(fields),
  });
}
