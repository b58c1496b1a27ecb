import { formatAddr } from '../../model/bits/pfn.ts';
import { bit, parseWord } from '../../model/bits/pte64.ts';
import { decodeEntry, entryText, sizeText, type DecodedEntry } from '../../model/fmt/decode.ts';
import type {
  SimulatedEvent,
  SimulatedRun,
  SimulatedTable,
} from '../../simulate/compare/result/simulation.ts';
import { entryKey, entryOf } from './entries.ts';
import { accessesOf } from './simulatedAccesses.ts';
import { memoryBehind } from './simulatedMemory.ts';
import { absencesOf } from './tableLives.ts';
import type { Both, ViewEntry, ViewField, ViewRun, ViewStore, ViewTable } from './view.ts';

const SLOTS = 512;
const PAGE_LG2 = 12;
const LEVEL_LG2 = 9;

/** Tables, entries and accesses of both sides, as the page shows them. */
export function picturesOf(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
  events: readonly Both<SimulatedEvent>[],
): Pick<ViewRun, 'tables' | 'entries' | 'accesses'> {
  const runs = [before, after].flatMap((run) => run ?? []);
  const tables = new Map<string, ViewTable>();
  for (const table of runs.flatMap((run) => run.tables)) {
    if (tables.has(table.physical)) continue;
    const absent = absencesOf(table.physical, before, after, events);
    tables.set(table.physical, { ...tableOf(table), ...(absent === undefined ? {} : { absent }) });
  }
  return {
    tables: [...tables.values()].sort(
      (a, b) =>
        a.domain.localeCompare(b.domain) ||
        b.level - a.level ||
        (BigInt(a.iova) < BigInt(b.iova) ? -1 : 1),
    ),
    entries: entriesOf(runs),
    accesses: accessesOf(before, after, events),
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

function tableOf({ domain, format, level, physical, entries, iova }: SimulatedTable): ViewTable {
  const itemLg2 = PAGE_LG2 + LEVEL_LG2 * level;
  const [first] = entries;
  const base =
    first === undefined ? 0n : BigInt(first.iova) - BigInt(first.index) * (1n << BigInt(itemLg2));
  return {
    ...{ id: physical, domain, format, level, physical, slots: SLOTS },
    iova: iova ?? `0x${base.toString(16)}`,
    covers: sizeText(itemLg2),
  };
}

function entriesOf(runs: readonly SimulatedRun[]): Record<string, ViewEntry> {
  const entries: Record<string, ViewEntry> = {};
  const encryption = runs[0]?.encryptionBit ?? encryptionBit(runs);
  const memory = runs.flatMap((run) => run.memory ?? []);
  const add = (format: string, level: number, bits: string, text?: string): void => {
    const key = entryKey(format, level, bits);
    if (key in entries) return;
    const decoded = decodeText(format, bits, level, encryption);
    // With encryption, the text of the run counts the C-bit among the address.
    const isPlain = encryption === undefined || decoded === undefined;
    const words =
      (isPlain ? text : undefined) ?? (decoded === undefined ? bits : entryText(decoded));
    const entry = entryOf(bits, words, decoded);
    if (encryption === undefined) {
      entries[key] = entry;
      return;
    }
    const behind = memoryBehind(entry, encryption, memory);
    const known = behind === undefined ? {} : { memory: behind };
    entries[key] = { ...withEncryption(entry, encryption), ...known };
  };
  for (const { tables, events } of runs) {
    const formats = new Map(tables.map((table) => [table.physical, table]));
    for (const { format, level, entries: held } of tables) {
      for (const { bits, text } of held) add(format, level, bits, text);
    }
    for (const { physical, bits } of events.flatMap(({ stores }) => stores ?? [])) {
      const table = formats.get(physical);
      if (table !== undefined && bits !== undefined) add(table.format, table.level, bits);
    }
  }
  return entries;
}

/**
 * The C-bit of the host that was simulated: the one bit by which an address that the bits spell is above the address
 * that the simulation says the entry leads to. Undefined where no entry has one.
 */
function encryptionBit(runs: readonly SimulatedRun[]): number | undefined {
  for (const { format, level, entries } of runs.flatMap(({ tables }) => tables)) {
    for (const { bits, to } of entries) {
      const decoded = decodeText(format, bits, level, undefined);
      if (decoded === undefined || to === undefined) continue;
      const difference = BigInt(formatAddr(decoded.address)) - BigInt(to);
      const position = difference > 0n ? difference.toString(2).length - 1 : 0;
      if (position > PAGE_LG2 && difference === 1n << BigInt(position)) return position;
    }
  }
  return undefined;
}

function withEncryption(entry: ViewEntry, position: number): ViewEntry {
  const isSet = ((BigInt(entry.bits) >> BigInt(position)) & 1n) === 1n;
  const field: ViewField = {
    ...{ name: 'C', high: position, low: position, value: isSet ? '1' : '0' },
    meaning: isSet
      ? 'the memory controller decrypts'
      : 'bytes pass as they lie in memory: right for MMIO, ciphertext of RAM',
  };
  const fields = [...entry.fields, field].sort((a, b) => b.high - a.high);
  return { ...entry, fields };
}

function decodeText(
  format: string,
  bits: string,
  level: number,
  encryption: number | undefined,
): DecodedEntry | undefined {
  const entry = parseWord(bits);
  const options = encryption === undefined ? {} : { sme: bit(encryption) };
  return entry === undefined ? undefined : decodeEntry(format, entry, level, options);
}
