import type { ViewEntry, ViewRun } from '../../server/report/view/view.ts';
import { entryAt, slotKey, stretchesOf } from './state.ts';

/** Addresses that are drawn as one column at every step and on both sides, so that nothing moves. */
export interface Column {
  /** Hexadecimal; the end is inclusive. */
  readonly first: string;
  readonly last: string;
  /** How much it is: `16 KiB`. */
  readonly size: string;
  /** No step maps anything here. */
  readonly isGap: boolean;
}

/** What a column leads to. */
export interface Mapped {
  readonly entry: ViewEntry;
  /** Address of the column's first byte. */
  readonly to: string;
  /** Bytes of the leaf. */
  readonly leaf: bigint;
  /** The memory that the column leads to. */
  readonly memory: { readonly first: string; readonly last: string };
}

const PAGE_LG2 = 12;
const LEVEL_LG2 = 9;
/** More columns cannot be told apart on any screen. */
const MOST_COLUMNS = 96;

const made = new WeakMap<ViewRun, Map<string, readonly Column[]>>();

/** The columns of a domain: the stretches of leaves of all its tables, and what lies between them. */
export function columnsOf(run: ViewRun, domain: string): readonly Column[] {
  const known = made.get(run) ?? new Map<string, readonly Column[]>();
  made.set(run, known);
  const found = known.get(domain) ?? drawn(run, domain);
  known.set(domain, found);
  return found;
}

function drawn(run: ViewRun, domain: string): readonly Column[] {
  const spans = run.tables
    .filter((table) => table.domain === domain)
    .flatMap((table) => {
      const item = 1n << BigInt(PAGE_LG2 + LEVEL_LG2 * table.level);
      return stretchesOf(run, table)
        .filter(({ holdsLeaf }) => holdsLeaf)
        .map(({ first, count }) => {
          const from = BigInt(table.iova) + BigInt(first) * item;
          return { from, to: from + BigInt(count) * item };
        });
    });
  const cuts = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  return cuts.slice(0, MOST_COLUMNS).flatMap((from, n) => {
    const to = cuts[n + 1];
    if (to === undefined) return [];
    const isGap = !spans.some((span) => span.from <= from && span.to >= to);
    return [{ first: hex(from), last: hex(to - 1n), size: sizeText(to - from), isGap }];
  });
}

/** What a column leads to, with these slots; undefined where nothing is mapped. */
export function mappedAt(
  run: ViewRun,
  domain: string,
  { first, last }: Column,
  slots: ReadonlyMap<string, string>,
): Mapped | undefined {
  const at = BigInt(first);
  for (const table of run.tables) {
    if (table.domain !== domain) continue;
    const item = 1n << BigInt(PAGE_LG2 + LEVEL_LG2 * table.level);
    const slot = Number((at - BigInt(table.iova)) / item);
    if (at < BigInt(table.iova) || slot >= table.slots) continue;
    const entry = entryAt(run, slots.get(slotKey(table.id, slot)));
    if (entry?.kind !== 'leaf' || entry.to === undefined) continue;
    // A leaf larger than its slot repeats itself: its address is that of the first of its slots.
    const bytes = BigInt(entry.bytes) === 0n ? item : BigInt(entry.bytes);
    const to = BigInt(entry.to) + (at % bytes);
    return {
      ...{ entry, to: hex(to), leaf: bytes },
      memory: { first: hex(to), last: hex(to + (BigInt(last) - at)) },
    };
  }
  return undefined;
}

/** Whether two spans have an address in common; what says no address is about all of them. */
export function overlaps(
  { first, last }: { readonly first?: string; readonly last?: string },
  of: { readonly first: string; readonly last: string },
): boolean {
  if (first === undefined || last === undefined) return true;
  return BigInt(first) <= BigInt(of.last) && BigInt(last) >= BigInt(of.first);
}

const hex = (address: bigint): string => `0x${address.toString(16)}`;

/** `2 MiB`. */
export function sizeText(bytes: bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [size, unit] = [bytes, 0];
  while (unit < units.length - 1 && size % 1024n === 0n) {
    size /= 1024n;
    unit++;
  }
  return `${size} ${units[unit]}`;
}
