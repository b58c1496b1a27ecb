import { formatAddr } from '../../model/bits/pfn.ts';
import { bit, parseWord } from '../../model/bits/pte64.ts';
import { decodeEntry, entryText, sizeText, type DecodedEntry } from '../../model/fmt/decode.ts';
import type {
  SimulatedEvent,
  SimulatedRun,
  SimulatedTable,
} from '../../simulate/compare/simulation.ts';
import { entryKey, entryOf } from './entries.ts';
import type {
  Both,
  ViewAccess,
  ViewEntry,
  ViewField,
  ViewOutcome,
  ViewRun,
  ViewStore,
  ViewTable,
} from './view.ts';

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
    if (!tables.has(table.physical)) tables.set(table.physical, tableOf(table));
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
  const encryption = encryptionBit(runs);
  const add = (format: string, level: number, bits: string, text?: string): void => {
    const key = entryKey(format, level, bits);
    if (key in entries) return;
    const decoded = decodeText(format, bits, level, encryption);
    // With encryption, the text of the run counts the C-bit among the address.
    const isPlain = encryption === undefined || decoded === undefined;
    const words =
      (isPlain ? text : undefined) ?? (decoded === undefined ? bits : entryText(decoded));
    const entry = entryOf(bits, words, decoded);
    entries[key] = encryption === undefined ? entry : withEncryption(entry, encryption);
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

function accessesOf(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
  events: readonly Both<SimulatedEvent>[],
): readonly ViewAccess[] {
  const tried = new Map<string, Tried>();
  for (const [side, run] of [
    ['before', before],
    ['after', after],
  ] as const) {
    for (const { domain, iova, write, outcomes } of run?.accesses ?? []) {
      const what = { write, domain };
      const key = `${domain} ${String(write)} ${iova}`;
      const known = tried.get(key);
      const first = BigInt(iova);
      const isWrong = isBrokenAt(run, domain, first);
      const last = events.length;
      const changes = withoutRepeats(changesOf(events, side, domain, iova));
      const seen = changes.map(({ step, says }, n): ViewOutcome => ({
        ...{ from: step, to: (changes[n + 1]?.step ?? last + 1) - 1, says },
        isWrong: isWrong && n === changes.length - 1,
      }));
      const atEnd = { from: last, to: last, says: outcomes.map(plainOutcome), isWrong };
      tried.set(key, {
        ...{ what, first, last: first },
        outcomes: { ...known?.outcomes, [side]: seen.length === 0 ? [atEnd] : seen },
      });
    }
  }
  const told = [...tried.values()].filter(saysSomething);
  const domains = new Set(told.map(({ what }) => what.domain));
  return joined(told).map(({ what: { write, domain }, first, last, outcomes }) => ({
    title: `${write ? 'write' : 'read'} to ${hex(first)}-${hex(last + PAGE_SIZE - 1n)}${domains.size > 1 ? `, ${domain}` : ''}`,
    outcomes,
    differs: saidBy(outcomes.before) !== saidBy(outcomes.after),
  }));
}

const NOT_MAPPED = 'fault: not mapped';

/** The level at which a walk ends matters to nobody who sees the tables. */
function plainOutcome(text: string): string {
  return text.replace(/fault: no present entry at level \d+/, NOT_MAPPED);
}

/** The steps of a side from which on an access comes to something else; none where steps were not watched. */
function changesOf(
  events: readonly Both<SimulatedEvent>[],
  side: 'before' | 'after',
  domain: string,
  iova: string,
): { readonly step: number; readonly says: readonly string[] }[] {
  return events.flatMap((event, n) => {
    const found = event[side]?.accesses?.find(
      (access) => access.domain === domain && access.iova === iova,
    );
    return found === undefined ? [] : [{ step: n + 1, says: found.outcomes.map(plainOutcome) }];
  });
}

function withoutRepeats<T extends { readonly says: readonly string[] }>(
  changes: readonly T[],
): readonly T[] {
  return changes.filter(({ says }, n) => changes[n - 1]?.says.join() !== says.join());
}

function saidBy(outcomes: readonly ViewOutcome[] | undefined): string {
  return JSON.stringify(outcomes?.map(({ says }) => says));
}

function isBrokenAt(run: SimulatedRun | undefined, domain: string, at: bigint): boolean {
  return (run?.violations ?? []).some(
    ({ iova, domain: of = domain }) =>
      iova !== undefined && of === domain && at >= BigInt(iova.first) && at <= BigInt(iova.last),
  );
}

interface Tried {
  readonly what: { readonly write: boolean; readonly domain: string };
  readonly first: bigint;
  readonly last: bigint;
  readonly outcomes: Both<readonly ViewOutcome[]>;
}

const hex = (address: bigint): string => `0x${address.toString(16)}`;

/** Of an address that is mapped on no side at any step, there is nothing to be seen. */
function saysSomething({ outcomes: { before, after } }: Tried): boolean {
  return [...(before ?? []), ...(after ?? [])].some(
    ({ says, isWrong }) => isWrong || says.join() !== NOT_MAPPED,
  );
}

/** Pages behind each other that come to the same, addresses aside, are one strip. */
function joined(tried: readonly Tried[]): readonly Tried[] {
  const kind = ({ what, outcomes }: Tried): string =>
    JSON.stringify([what, outcomes.before, outcomes.after]).replace(/0x[0-9a-f]+/g, '#');
  const strips: Tried[] = [];
  for (const one of tried) {
    const last = strips.at(-1);
    if (last !== undefined && kind(last) === kind(one) && one.first === last.last + PAGE_SIZE) {
      strips[strips.length - 1] = { ...last, last: one.last };
    } else strips.push(one);
  }
  return strips;
}

const PAGE_SIZE = 4096n;
