import { isZero, parseWord } from '../../model/bits/pte64.ts';
import { decodeEntry } from '../../model/fmt/decode.ts';
import { readEntry } from '../entries/decodeWords.ts';
import { entryHeading } from '../entries/ptEntry.ts';
import { entryLayout } from '../entries/layouts.ts';
import { hex, type Recogniser, type Recognised } from './logMessage.ts';

/**
 * Dumps of tables: entries that VT-d prints after a fault (CONFIG_DMAR_DEBUG), and lines of the debugfs files of VT-d and AMD.
 * Kernel: dmar_fault_dump_ptes() in drivers/iommu/intel/iommu.c, intel/debugfs.c, amd/debugfs.c.
 */
export const tableDump: Recogniser = (lines, at) => {
  const line = lines[at]!;
  return faultEntry(line) ?? walkLine(line) ?? contextWords(line) ?? amdDte(line);
};

/** `pte level: 1, pte value: 0x…`: levels count from 1. */
function faultEntry(line: string): Recognised | undefined {
  const match = /pte level: (\d+), pte value: (0x[0-9a-f]+)/.exec(line);
  if (match === null) return undefined;
  return {
    lineCount: 1,
    summary: `VT-d: level ${Number(match[1]) - 1}: ${readPte(match[2]!, Number(match[1]) - 1)}`,
    details: [],
  };
}

/** `0x0000000040000 |  0x…  0x…  0x…`: one path from the top to a leaf, highest level first. */
function walkLine(line: string): Recognised | undefined {
  const match = /^\s*0x([0-9a-f]{8,13}) \|((?:\s+0x[0-9a-f]{16}){3,5})\s*$/.exec(line);
  if (match === null) return undefined;
  const entries = match[2]!.trim().split(/\s+/);
  const iova = hex(match[1])! << 12n;
  const used = entries.map((entry, i) => [entry, 4 - i] as const).filter(([entry]) => hex(entry) !== 0n); // prettier-ignore
  const last = used.at(-1);
  if (last === undefined) return undefined;
  return {
    lineCount: 1,
    summary: `VT-d: IOVA 0x${iova.toString(16)}: ${readPte(last[0], last[1])}`,
    details: used.slice(0, -1).map(([entry, level]) => [`level ${level}`, `${entry}  ${readPte(entry, level)}`] as const), // prettier-ignore
  };
}

/** First-stage entries have bits that the second stage leaves alone. */
function readPte(text: string, level: number): string {
  const entry = parseWord(text);
  if (entry === undefined) return text;
  const readings = ['vtdss', 'x86_64'].flatMap((format) => decodeEntry(format, entry, level) ?? []);
  const clean = readings.find(({ unexplained }) => isZero(unexplained)) ?? readings[0];
  return clean === undefined ? text : entryHeading(clean);
}

/** Root, context and PASID entries as the fault dump prints them, high word first. */
function contextWords(line: string): Recognised | undefined {
  const match = /(root|context) entry: hi (0x[0-9a-f]+), low (0x[0-9a-f]+)/.exec(line);
  if (match === null) return undefined;
  const layout = entryLayout(match[1] === 'root' ? 'root' : 'context')!;
  const read = readEntry(layout, [hex(match[3])!, hex(match[2])!]);
  return {
    lineCount: 1,
    summary: `VT-d: ${match[1]!} entry: ${read.summary}`,
    details: read.fields
      .filter(({ value }) => value !== 0n)
      .map(({ field, value, meaning }) => [field.name, `0x${value.toString(16)}  ${meaning}`]),
  };
}

/** A line of the AMD debugfs file `devtbl`: device and four words. */
function amdDte(line: string): Recognised | undefined {
  const match = /^\s*([\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.[\da-f])\s+((?:[0-9a-f]{16}\s+){4})iommu\d+/.exec(line); // prettier-ignore
  if (match === null) return undefined;
  // The file prints the highest word first.
  const words = match[2]!.trim().split(/\s+/).map((word) => hex(word)!).reverse(); // prettier-ignore
  const read = readEntry(entryLayout('dte')!, words);
  return {
    lineCount: 1,
    summary: `AMD IOMMU: DTE of ${match[1]!}: ${read.summary}`,
    details: read.fields
      .filter(({ value }) => value !== 0n)
      .map(({ field, value, meaning }) => [field.name, `0x${value.toString(16)}  ${meaning}`]),
  };
}
