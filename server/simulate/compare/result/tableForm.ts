import { formatAddr } from '../../../model/bits/pfn.ts';
import { formatWord, isZero, type Word64 } from '../../../model/bits/pte64.ts';
import { decodeEntry, entryNoun, entryText } from '../../../model/fmt/decode.ts';
import type { TableDump } from '../../../model/scenario/tableDump.ts';
import type { SimulatedEntry, SimulatedStore, SimulatedTable } from './simulation.ts';

/** log2 of the bytes that one item of a level translates, in tables of 4 KiB. */
function itemLg2(level: number): number {
  return 12 + 9 * level;
}

/** Tables with their entries decoded, for people and views. */
export function simulatedTables(
  tables: readonly TableDump[],
  format: string,
): readonly SimulatedTable[] {
  const bases = new Map<number, bigint>();
  const [root] = tables;
  if (root !== undefined) bases.set(root.pfn, 0n);
  return tables.map((table) => {
    const base = bases.get(table.pfn) ?? 0n;
    const entries = [...table.words].map(([index, word]): SimulatedEntry => {
      const iova = base + (BigInt(index) << BigInt(itemLg2(table.level)));
      const decoded = decodeEntry(format, word, table.level);
      const kind = decoded?.kind ?? 'empty';
      if (decoded?.kind === 'table') bases.set(decoded.address.pfn, iova);
      return {
        ...{
          index,
          iova: hexOf(iova),
          physical: hexOf(BigInt(table.pfn) * 4096n + BigInt(index) * 8n),
        },
        ...{ bits: formatWord(word), kind },
        ...(decoded === undefined || kind === 'empty' ? {} : { to: formatAddr(decoded.address) }),
        text: decoded === undefined ? 'format unknown' : entryText(decoded),
      };
    });
    const physical = hexOf(BigInt(table.pfn) * 4096n);
    return { domain: 'table', format, level: table.level, physical, iova: hexOf(base), entries };
  });
}

const EMPTY: Word64 = { lo: 0, hi: 0 };

/** What was stored between two dumps of a table, with the entries before and after in words. */
export function storesBetween(
  before: readonly TableDump[],
  after: readonly TableDump[],
  format: string,
): readonly SimulatedStore[] {
  const old = new Map(before.map((table) => [table.pfn, table]));
  return after.flatMap(({ pfn, level, words }) => {
    const had = old.get(pfn)?.words ?? new Map<number, Word64>();
    const slots = [...new Set([...had.keys(), ...words.keys()])].sort((a, b) => a - b);
    return slots.flatMap((index): SimulatedStore[] => {
      const [was, is] = [had.get(index) ?? EMPTY, words.get(index) ?? EMPTY];
      if (was.lo === is.lo && was.hi === is.hi) return [];
      const text = [was, is].map((word) => nounOf(format, word, level)).join(' -> ');
      return [
        {
          ...{ physical: hexOf(BigInt(pfn) * 4096n), index, count: 1, text },
          bits: isZero(is) ? undefined : formatWord(is),
          ...(isZero(was) ? {} : { old: formatWord(was) }),
        },
      ];
    });
  });
}

function nounOf(format: string, word: Word64, level: number): string {
  const decoded = decodeEntry(format, word, level);
  return decoded === undefined ? formatWord(word) : entryNoun(decoded);
}

function hexOf(value: bigint): string {
  return `0x${value.toString(16)}`;
}
