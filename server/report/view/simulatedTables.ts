import { parseWord } from '../../model/bits/pte64.ts';
import { decodeEntry, entryNoun, sizeText, type DecodedEntry } from '../../model/fmt/decode.ts';
import type {
  SimulatedEvent,
  SimulatedRun,
  SimulatedTable,
} from '../../simulate/compare/simulation.ts';
import { entryKey, entryOf } from './entries.ts';
import type { Both, ViewAccess, ViewEntry, ViewRun, ViewStore, ViewTable } from './view.ts';

const SLOTS = 512;
const PAGE_LG2 = 12;
const LEVEL_LG2 = 9;

/** Tables, entries and accesses of both sides, as the page shows them. */
export function picturesOf(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
): Pick<ViewRun, 'tables' | 'entries' | 'accesses'> {
  const runs = [before, after].flatMap((run) => run ?? []);
  const tables = new Map<string, ViewTable>();
  for (const table of runs.flatMap((run) => run.tables)) {
    if (!tables.has(table.physical)) tables.set(table.physical, tableOf(table));
  }
  return {
    tables: [...tables.values()].sort(
      (a, b) => b.level - a.level || (BigInt(a.iova) < BigInt(b.iova) ? -1 : 1),
    ),
    entries: entriesOf(runs),
    accesses: accessesOf(before, after),
  };
}

/** The stores of a step; of a run whose steps were not watched, all that its tables hold comes with its end. */
export function storesOf(
  run: SimulatedRun | undefined,
  event: SimulatedEvent | undefined,
  isEnd: boolean,
): readonly ViewStore[] | undefined {
  if (run === undefined || event === undefined) return undefined;
  const tables = new Map(run.tables.map((table) => [table.physical, table]));
  const key = (physical: string, bits: string): string => {
    const { format = '', level = 0 } = tables.get(physical) ?? {};
    return entryKey(format, level, bits);
  };
  if (run.events.some(({ stores }) => stores !== undefined)) {
    return event.stores?.map(({ physical, index, count, bits }) => ({
      ...{ table: physical, slot: index, slots: count },
      ...(bits === undefined ? {} : { value: key(physical, bits) }),
    }));
  }
  if (!isEnd) return undefined;
  return run.tables.flatMap(({ physical, entries }) =>
    entries.map(({ index, bits }) => ({
      ...{ table: physical, slot: index, slots: 1, value: key(physical, bits) },
    })),
  );
}

function tableOf({ domain, format, level, physical, entries }: SimulatedTable): ViewTable {
  const itemLg2 = PAGE_LG2 + LEVEL_LG2 * level;
  const [first] = entries;
  const base =
    first === undefined ? 0n : BigInt(first.iova) - BigInt(first.index) * (1n << BigInt(itemLg2));
  return {
    ...{ id: physical, domain, format, level, physical, slots: SLOTS },
    iova: `0x${base.toString(16)}`,
    covers: sizeText(itemLg2),
  };
}

function entriesOf(runs: readonly SimulatedRun[]): Record<string, ViewEntry> {
  const entries: Record<string, ViewEntry> = {};
  for (const { tables, events } of runs) {
    const formats = new Map(tables.map((table) => [table.physical, table]));
    for (const { format, level, entries: held } of tables) {
      for (const { bits, text } of held) add(entries, format, level, bits, text);
    }
    for (const { physical, bits } of events.flatMap(({ stores }) => stores ?? [])) {
      const table = formats.get(physical);
      if (table !== undefined && bits !== undefined) add(entries, table.format, table.level, bits);
    }
  }
  return entries;
}

function add(
  entries: Record<string, ViewEntry>,
  format: string,
  level: number,
  bits: string,
  text?: string,
): void {
  const key = entryKey(format, level, bits);
  if (key in entries) return;
  const decoded = decodeText(format, bits, level);
  const words = text ?? (decoded === undefined ? bits : entryNoun(decoded));
  entries[key] = entryOf(bits, words, decoded);
}

function decodeText(format: string, bits: string, level: number): DecodedEntry | undefined {
  const entry = parseWord(bits);
  return entry === undefined ? undefined : decodeEntry(format, entry, level);
}

function accessesOf(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
): readonly ViewAccess[] {
  const titles = new Map<string, Both<readonly string[]>>();
  for (const [side, run] of [
    ['before', before],
    ['after', after],
  ] as const) {
    for (const { domain, iova, write, outcomes } of run?.accesses ?? []) {
      const title = `${write ? 'write' : 'read'} ${iova}, ${domain}`;
      titles.set(title, { ...titles.get(title), [side]: outcomes });
    }
  }
  return [...titles].map(([title, outcomes]) => ({
    ...{ title, outcomes },
    differs: outcomes.before?.join() !== outcomes.after?.join(),
  }));
}
