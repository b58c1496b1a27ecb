import path from 'node:path';
import { parseWord, formatWord, isZero, type Word64 } from '../../model/bits/pte64.ts';
import { formatAddr } from '../../model/bits/pfn.ts';
import {
  DECODABLE,
  decodeEntry,
  plausibleLevels,
  topLevelOf,
  type DecodedEntry,
  type DecodeOptions,
} from '../../model/fmt/decode.ts';
import { explainWords, readEntry, type ReadEntry } from '../../explain/entries/decodeWords.ts';
import { entryLayout, entryLayouts } from '../../explain/entries/layouts.ts';
import { entryHeading, entryStrip, otherLevelText } from '../../explain/entries/ptEntry.ts';
import { explainLog } from '../../explain/log/explainLog.ts';
import { plainText } from '../../explain/text/explanation.ts';
import { printJson } from '../../report/json.ts';
import { nearest } from '../../text/nearest.ts';
import { type Args, type Command, type Context, UsageError } from '../command.ts';
import { explainedLogText } from '../decode/logText.ts';

const GRANULES: Readonly<Record<string, number>> = { '4K': 12, '16K': 14, '64K': 16 };

/** `iovet decode`: one page-table, context or command entry, field by field. */
export const decode: Command = {
  operands: '[FORMAT VALUE…] [--level N] | --log FILE',
  options: [
    { name: 'level', value: 'N', help: 'level of the table; 0 holds the smallest pages' },
    {
      name: 'log',
      value: 'FILE',
      help: 'explain the fault messages of a kernel log; - reads standard input',
    },
    { name: 'sme', value: 'MASK', help: "the machine's memory-encryption bit" },
    {
      name: 'granule',
      value: 'SIZE',
      choices: Object.keys(GRANULES),
      help: 'granule of ARM tables (default 4K)',
    },
  ],
  run: (args, context) => {
    if (args.value('format') === 'sarif') {
      throw new UsageError('decode: no SARIF of an entry', 'use --format json');
    }
    const log = args.value('log');
    if (log !== undefined) {
      const explained = explainLog(logText(log, context));
      const asJson = args.value('format') === 'json';
      context.print(asJson ? printJson({ ...explained }) : explainedLogText(explained));
      return 0;
    }
    const [format, value, more] = args.operands;
    if (format === undefined) {
      context.print(`${decodableNames().join('\n')}\n`);
      return 0;
    }
    const layout = entryLayout(format);
    if (layout !== undefined) {
      const read = readEntry(layout, wordsOf(args.operands.slice(1), layout.words));
      const asJson = args.value('format') === 'json';
      context.print(asJson ? wordsJson(read) : `${plainText(explainWords(read))}\n`);
      return 0;
    }
    if (value === undefined || more !== undefined) {
      throw new UsageError('decode: name a format and one value', 'iovet decode FORMAT VALUE');
    }
    if (!DECODABLE.includes(format)) throw noSuchFormat(format);
    const entry = parseWord(value);
    if (entry === undefined) throw noNumber(value);
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

function logText(named: string, context: Context): string {
  if (named === '-') return context.input();
  const read = context.host.readText(path.resolve(context.folder, named));
  if (read.ok) return read.text;
  throw new UsageError(
    `${named}: ${read.problem.reason}`,
    'name a file with a kernel log, or - for standard input',
  );
}

interface Answer {
  readonly decoded: DecodedEntry;
  /** Levels at which the entry makes sense. */
  readonly plausible: readonly number[];
  readonly others: readonly DecodedEntry[];
}

/** Formats of page-table entries, then entries of several words. */
function decodableNames(): readonly string[] {
  return [...DECODABLE, ...entryLayouts.map(({ name }) => name)];
}

function wordsOf(operands: readonly string[], most: number): readonly bigint[] {
  if (operands.length === 0 || operands.length > most) {
    throw new UsageError(
      `decode: 1 to ${most} words are needed, ${operands.length} given`,
      'iovet decode FORMAT WORD0 [WORD1 …], the lowest word first',
    );
  }
  return operands.map((text) => {
    const value = parseWord(text);
    if (value === undefined) throw noNumber(text);
    return BigInt(formatWord(value));
  });
}

const noNumber = (text: string): UsageError =>
  new UsageError(`decode: ${text} is no 64-bit number`, 'write it as 0x… or decimal');

function wordsJson({ layout, words, summary, fields, unexplained }: ReadEntry): string {
  const hex = (value: bigint): string => `0x${value.toString(16)}`;
  return printJson({
    entryFormat: layout.name,
    words: words.map(hex),
    summary,
    fields: fields.map(({ field: { name, word, high, low }, value, meaning }) => ({
      name,
      word,
      first: low,
      last: high,
      value: hex(value),
      meaning,
    })),
    unexplained: unexplained.map(hex),
  });
}

function noSuchFormat(format: string): UsageError {
  const guess = nearest(format, decodableNames());
  return new UsageError(
    `decode ${format}: no such format`,
    `${guess === undefined ? '' : `nearest: ${guess}; `}without a VALUE, iovet decode lists the formats`,
  );
}

function optionsOf(args: Args): DecodeOptions {
  const mask = args.value('sme');
  const sme = mask === undefined ? undefined : parseWord(mask);
  // Fn8000_001F EBX[5:0] gives the position of the C-bit: above every address, below the attributes.
  const isBit = sme !== undefined && sme.lo === 0 && sme.hi > 0 && sme.hi < 1 << 20 && (sme.hi & (sme.hi - 1)) === 0; // prettier-ignore
  if (mask !== undefined && !isBit) {
    throw new UsageError(
      `--sme ${mask}: not one bit of 32 to 51`,
      'for C-bit 51: --sme 0x8000000000000',
    );
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

function decodeText({ decoded, plausible, others }: Answer): string {
  const lines = [`${formatWord(decoded.entry)}: ${entryHeading(decoded)}`, ...entryStrip(decoded)];
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
  for (const other of sensible) {
    lines.push(`level ${other.level}: ${otherLevelText(other, decoded)}`);
  }
  const rest = [decoded, ...others].map(({ level }) => level).filter((n) => !plausible.includes(n));
  if (others.length > 0 && rest.length > 0) {
    const levels = rest.sort((a, b) => a - b).join(', ');
    lines.push(`not an entry that the kernel writes at level ${levels}`);
  }
  return `${lines.join('\n')}\n`;
}

function decodeJson({ decoded, plausible, others }: Answer): string {
  const fields = (entry: DecodedEntry): Readonly<Record<string, unknown>> => ({
    level: entry.level,
    plausible: plausible.includes(entry.level),
    kind: entry.kind,
    summary: entryHeading(entry),
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
