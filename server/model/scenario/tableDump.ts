import { formatAddr } from '../bits/pfn.ts';
import { formatWord, type Word64 } from '../bits/pte64.ts';
import { load, type PhysMem } from '../mem/physMem.ts';

/** One table's memory: its non-zero words by index. */
export interface TableDump {
  /** Unit: page frame number. */
  readonly pfn: number;
  readonly level: number;
  readonly bytes: number;
  readonly words: ReadonlyMap<number, Word64>;
}

/** How a table tree is walked: what the entries mean is the format's business. */
export interface TreeReader {
  readonly mem: PhysMem;
  readonly topPfn: number;
  readonly topLevel: number;
  /** Bytes of the allocation that a table was made from. */
  bytesOf(pfn: number): number;
  /** Page of the table an entry points to, or -1. */
  childOf(entry: Word64, level: number): number;
}

const ENTRY_BYTES = 8;

/** All tables in depth-first order, each before its children: the order of the vectors. */
export function dumpTables(tree: TreeReader): readonly TableDump[] {
  const found: TableDump[] = [];
  const visit = (pfn: number, level: number): void => {
    const byteCount = tree.bytesOf(pfn);
    const words = new Map<number, Word64>();
    for (let index = 0; index < byteCount / ENTRY_BYTES; index++) {
      const entry = load(tree.mem, pfn, index);
      if ((entry.lo | entry.hi) !== 0) words.set(index, entry);
    }
    found.push({ pfn, level, bytes: byteCount, words });
    if (level === 0) return;
    for (const entry of words.values()) {
      const child = tree.childOf(entry, level);
      if (child >= 0) visit(child, level - 1);
    }
  };
  visit(tree.topPfn, tree.topLevel);
  return found;
}

/** The text whose SHA-256 begins with a vector's digest. */
export function digestText(tables: readonly TableDump[]): string {
  const top = tables[0]!;
  const lines = [`top ${formatPfn(top.pfn)} ${top.level}`];
  for (const table of tables) {
    lines.push(`T ${formatPfn(table.pfn)} ${table.level} ${table.bytes}`);
    for (const [index, entry] of table.words) lines.push(`${index} ${formatWord(entry)}`);
  }
  return lines.join('\n') + '\n';
}

/** A page's byte address, as vectors print it. */
export function formatPfn(pfn: number): string {
  return formatAddr({ pfn, offset: 0 });
}
