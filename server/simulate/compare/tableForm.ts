import { formatAddr } from '../../model/bits/pfn.ts';
import { formatWord } from '../../model/bits/pte64.ts';
import { decodeEntry, entryText } from '../../model/fmt/decode.ts';
import type { TableDump } from '../../model/scenario/tableDump.ts';
import type { SimulatedEntry, SimulatedTable } from './simulation.ts';

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
    return { domain: 'table', format, level: table.level, physical, entries };
  });
}

function hexOf(value: bigint): string {
  return `0x${value.toString(16)}`;
}
