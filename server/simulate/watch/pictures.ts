import { addr } from '../../model/bits/pfn.ts';
import type { Word64 } from '../../model/bits/pte64.ts';
import { isZero } from '../../model/bits/pte64.ts';
import { decodeEntry, entryNoun, entryText } from '../../model/fmt/decode.ts';
import type { EntryReading } from '../../model/hw/common/entry.ts';
import type { Stale } from '../../model/hw/common/staleSet.ts';
import { load } from '../../model/mem/physMem.ts';
import { possibleOutcomes } from '../../model/world/access.ts';
import type { PageRange } from '../../model/world/rangeCoding.ts';
import type { Space } from '../../model/world/space.ts';
import type { DriverEvent } from '../kernel/domainDriver.ts';
import { hex } from '../machine/values.ts';
import { outcomeText } from './outcomeText.ts';
import { Replay } from './replay.ts';
import type { ReplaySetting, ReplayWorld } from './replayWorld.ts';
import type { LoggedOperation, LogPlace, RunLog } from './runLog.ts';

/** An entry of a table in the C's memory, as the hardware reads it. */
export interface SeenEntry {
  readonly index: number;
  readonly iova: bigint;
  readonly at: number;
  readonly bits: bigint;
  readonly kind: 'table' | 'leaf' | 'invalid';
  /** Physical address that it leads to. */
  readonly to: bigint;
  readonly text: string;
}

/** A page of a table in the C's memory, at the end of a run. */
export interface SeenTable {
  readonly domain: string;
  readonly format: string;
  readonly level: number;
  readonly physical: number;
  /** First address that slot 0 translates. */
  readonly iova: bigint;
  /** Was part of the table during the run, and is not any more. */
  readonly gone: boolean;
  readonly entries: readonly SeenEntry[];
}

/** A device access, and what may come of it. */
export interface SeenAccess {
  readonly domain: string;
  readonly iova: bigint;
  readonly write: boolean;
  readonly outcomes: readonly string[];
}

/** An entry of a table that a step changed. */
export interface SeenStore {
  /** Physical address of the table's page. */
  readonly physical: number;
  readonly index: number;
  /** 0 where it is empty. */
  readonly old: bigint;
  readonly bits: bigint;
  /** In words, before and after. */
  readonly text: string;
}

/** One step of a run, as the hardware saw it. */
export interface SeenStep extends LogPlace {
  readonly kind: LoggedOperation['kind'];
  /** Index of the operation in the run's log. */
  readonly operation: number;
  readonly text: string;
  /** Of a store: whether it is to pages that may be tables, or to RAM. */
  readonly to: 'pages' | 'ram' | undefined;
  /** It only says what was so when the run began. */
  readonly isOld: boolean;
  /** Physical address of the page that is allocated or freed. */
  readonly page: number | undefined;
  readonly stores: readonly SeenStore[];
  /** Accesses that end otherwise than after the step before. */
  readonly accesses: readonly SeenAccess[];
  /** What caches may hold after it although memory says otherwise. */
  readonly stale: readonly Stale[];
}

/** What hardware saw of a run: made only for runs that are shown. */
export interface Pictures {
  /** What the tables held when the run began. */
  readonly before: readonly SeenStore[];
  readonly accessesBefore: readonly SeenAccess[];
  readonly steps: readonly SeenStep[];
  readonly tables: readonly SeenTable[];
  readonly accesses: readonly SeenAccess[];
}

const PAGE = 4096;
const PAGE_LG2 = 12;
/** IOVAs at which accesses are tried, for one run. */
const MOST_ACCESSES = 16;
/** Stores that the text of a step spells out. */
const MOST_TOLD = 3;

/** IOVA pages whose entries a run changed, by the name of the table. */
export type ChangedPages = ReadonlyMap<string, readonly PageRange[]>;

/** Goes through a run once more, decoding on the way. */
export function picturesOf(log: RunLog, setting: ReplaySetting, changed: ChangedPages): Pictures {
  const painter = new Painter(log, setting);
  return painter.paint(changed);
}

class Painter {
  private readonly log: RunLog;
  private readonly setting: ReplaySetting;
  private readonly tables = new Map<number, SeenTable>();
  private readonly steps: SeenStep[] = [];
  private readonly contents = new Map<number, Word64[]>();
  private readonly last = new Map<string, string>();
  private iovas: readonly { readonly space: Space; readonly page: number }[] = [];

  constructor(log: RunLog, setting: ReplaySetting) {
    this.log = log;
    this.setting = setting;
  }

  paint(changed: ChangedPages): Pictures {
    const again = new Replay(this.log, this.setting, 'nothing');
    this.iovas = chosen(again.replay, changed);
    const before = this.storesSince(again.replay);
    const accessesBefore = this.accessesNow(again.replay);
    again.run((replay, index) => {
      this.step(replay, index);
    });
    const accesses = this.iovas.map(({ space, page }) => tried(again.replay, space, page));
    const tables = this.tablesAtEnd(again.replay);
    return { before, accessesBefore, steps: this.steps, tables, accesses };
  }

  private step(replay: ReplayWorld, index: number): void {
    const operation = this.log.operations[index]!;
    const stores = operation.kind === 'store' ? this.storesSince(replay) : [];
    const accesses = this.accessesNow(replay);
    const stale = [...replay.world.stale.entries.values()].map((one) => ({ ...one }));
    const { kind, after, place, by } = operation;
    const text = this.textOf(operation, stores);
    // The tops that were there when the run began are no news.
    const isOld = index < this.setting.probes.length && kind === 'top';
    this.steps.push({
      ...{ kind, operation: index, after, place, by, text, isOld },
      to: kind === 'store' ? operation.to : undefined,
      page: 'bytes' in operation ? operation.physical : undefined,
      ...{ stores, accesses, stale },
    });
  }

  /** Entries that differ from those of the step before, in the tables that are reached now or were. */
  private storesSince(replay: ReplayWorld): SeenStore[] {
    const found: SeenStore[] = [];
    for (const space of replay.spaces) {
      for (const [pfn, { level, base }] of space.positions) {
        if (!this.tables.has(pfn)) this.tables.set(pfn, tableAt(space, pfn, level, base));
      }
    }
    for (const [pfn, table] of this.tables) {
      const space = replay.world.spaces.get(table.domain)!;
      const old = this.contents.get(pfn);
      const now: Word64[] = [];
      for (let index = 0; index < space.shape.items; index++) {
        const entry = load(replay.world.mem, pfn, index);
        now.push(entry);
        const was = old?.[index] ?? { lo: 0, hi: 0 };
        if (was.lo === entry.lo && was.hi === entry.hi) continue;
        const [from, to] = [was, entry].map((one) => this.nounOf(table, one));
        const text = `${from} -> ${to}`;
        const change = { old: bitsOf(was), bits: bitsOf(entry), text };
        found.push({ physical: pfn * PAGE, index, ...change });
      }
      this.contents.set(pfn, now);
    }
    return found;
  }

  private accessesNow(replay: ReplayWorld): SeenAccess[] {
    return this.iovas.flatMap(({ space, page }) => {
      const access = tried(replay, replay.world.spaces.get(space.name)!, page);
      const key = `${space.name} ${page}`;
      const text = access.outcomes.join();
      if (this.last.get(key) === text) return [];
      this.last.set(key, text);
      return [access];
    });
  }

  private textOf(operation: LoggedOperation, stores: readonly SeenStore[]): string {
    switch (operation.kind) {
      case 'store':
        return this.storeText(operation, stores);
      case 'clean':
        return `${hex(operation.physical)} and ${operation.bytes} bytes on leave the CPU's cache`;
      case 'alloc':
        return `page ${hex(operation.physical)} is allocated`;
      case 'free':
        return `page ${hex(operation.physical)} is freed`;
      case 'unpin': {
        const { first, last } = operation;
        const count = last - first + 1;
        return `${count === 1 ? 'page' : `${count} pages from`} ${hex(first * PAGE)} ${count === 1 ? 'is' : 'on are'} unpinned`; // prettier-ignore
      }
      case 'top': {
        const { physical, level } = operation;
        return `software walks from ${hex(physical)} level ${level} now`;
      }
      case 'map':
      case 'unmap': {
        const { name, iova, size, to, result } = operation;
        const target = to === undefined ? '' : ` to ${hex(to)}`;
        const given = result === undefined ? '' : ` = ${shownResult(operation.kind, result)}`;
        return `${name}(): ${hex(size)} bytes at ${hex(iova)}${target}${given}`;
      }
      case 'driver':
        return driverText(operation.event);
      case 'return':
        return `${operation.call.name}() returns`;
    }
  }

  private storeText(
    operation: LoggedOperation & { readonly kind: 'store' },
    stores: readonly SeenStore[],
  ): string {
    const { words } = this.log;
    if (operation.to === 'ram') {
      const first = words.pfnAt(operation.first) * PAGE + words.indexAt(operation.first) * 8;
      return `${wordsText(operation.count)} of RAM from ${hex(first)} on ${operation.count === 1 ? 'is' : 'are'} overwritten`;
    }
    if (stores.length === 0) return `${wordsText(operation.count)} of pages that are no tables yet`;
    const told = joined(stores).map(({ physical, first, last, text }) => {
      const { level = 0 } = this.tables.get(physical / PAGE) ?? {};
      const slots = first === last ? `entry ${first}` : `entries ${first} to ${last}`;
      return `level ${level}, ${slots}: ${text}`;
    });
    const more = told.length - MOST_TOLD;
    return [...told.slice(0, MOST_TOLD), ...(more > 0 ? [`${more} more`] : [])].join('; ');
  }

  private nounOf({ format, level, domain }: SeenTable, entry: Word64): string {
    if (isZero(entry)) return 'empty';
    const { encryptionMask = 0n } = this.setting.probes.find(({ name }) => name === domain) ?? {};
    const decoded = decodeEntry(format, entry, level, { sme: wordOf(encryptionMask) });
    if (decoded === undefined) return hex(bitsOf(entry));
    const isEncrypted = (bitsOf(entry) & encryptionMask) !== 0n;
    return `${entryNoun(decoded)}${isEncrypted ? ', C-bit' : ''}`;
  }

  private tablesAtEnd(replay: ReplayWorld): SeenTable[] {
    return [...this.tables].map(([pfn, table]) => {
      const space = replay.world.spaces.get(table.domain)!;
      const gone = !space.positions.has(pfn);
      return { ...table, gone, entries: gone ? [] : entriesOf(replay, space, pfn, table) };
    });
  }
}

function shownResult(kind: 'map' | 'unmap', result: bigint): string {
  return kind === 'unmap' ? hex(result) : String(BigInt.asIntN(32, result));
}

function wordsText(count: number): string {
  return `${count} ${count === 1 ? 'word' : 'words'}`;
}

/** What the driver is asked, by the name of the operation. */
function driverText(event: DriverEvent): string {
  switch (event.kind) {
    case 'iotlb_sync':
    case 'iotlb_sync_map':
      return `${event.kind} of ${hex(event.start)}-${hex(event.last)}`;
    case 'flush_iotlb_all':
      return event.kind;
    case 'change_top':
      return `${event.kind} to ${hex(event.top)} level ${event.level}`;
  }
}

function tableAt({ name, format }: Space, pfn: number, level: number, base: number): SeenTable {
  const iova = BigInt(base) * BigInt(PAGE);
  return { domain: name, format, level, physical: pfn * PAGE, iova, gone: false, entries: [] };
}

function wordOf(bits: bigint): Word64 {
  return { lo: Number(BigInt.asIntN(32, bits)), hi: Number(BigInt.asIntN(32, bits >> 32n)) };
}

function bitsOf({ lo, hi }: Word64): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

interface StoreRun {
  readonly physical: number;
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** Neighbours that change alike, addresses aside, in the words of the first. */
function joined(stores: readonly SeenStore[]): StoreRun[] {
  const kind = (text: string): string => text.replace(/0x[0-9a-f]+/g, '#');
  const runs: StoreRun[] = [];
  for (const { physical, index, text } of stores) {
    const last = runs.at(-1);
    const follows = last?.physical === physical && last.last + 1 === index;
    if (follows && kind(last.text) === kind(text)) runs[runs.length - 1] = { ...last, last: index };
    else runs.push({ physical, first: index, last: index, text });
  }
  return runs;
}

/** First page of every leaf item of the tables: where something can be reached. */
function leavesOf({
  world,
  spaces,
}: ReplayWorld): { readonly space: Space; readonly page: number }[] {
  return spaces.flatMap((space) =>
    [...space.positions].flatMap(([pfn, { level, base }]) => {
      const itemPages = 2 ** (space.shape.itemLg2(level) - PAGE_LG2);
      const found = [];
      for (let index = 0; index < space.shape.items; index++) {
        const entry = load(world.mem, pfn, index);
        if (isZero(entry) || space.shape.read(entry, level).kind !== 'leaf') continue;
        found.push({ space, page: base + index * itemPages });
      }
      return found;
    }),
  );
}

/** Where accesses are tried: at what changed first, then at what was mapped; in order of IOVA. */
function chosen(
  replay: ReplayWorld,
  changed: ChangedPages,
): { readonly space: Space; readonly page: number }[] {
  const known = new Map<string, { readonly space: Space; readonly page: number }>();
  const add = (space: Space, page: number): void => {
    if (known.size < MOST_ACCESSES) known.set(`${space.name} ${page}`, { space, page });
  };
  for (const space of replay.spaces) {
    for (const { first, last } of changed.get(space.name) ?? []) {
      // A long stretch is a large leaf, or a table: its first page speaks for it.
      const pages = last - first < MOST_ACCESSES ? last - first + 1 : 1;
      for (let page = first; page < first + pages; page++) add(space, page);
    }
  }
  for (const { space, page } of leavesOf(replay)) add(space, page);
  const order = new Map(replay.spaces.map(({ name }, n) => [name, n]));
  return [...known.values()].sort(
    (a, b) => order.get(a.space.name)! - order.get(b.space.name)! || a.page - b.page,
  );
}

function tried({ world }: ReplayWorld, { name }: Space, page: number): SeenAccess {
  const device = world.devices.get(`device of ${name}`)!;
  const outcomes = possibleOutcomes(world, device, addr(page), 'write').map((one) =>
    outcomeText(world, one),
  );
  return { domain: name, iova: BigInt(page) * BigInt(PAGE), write: true, outcomes };
}

function entriesOf(
  { world }: ReplayWorld,
  { shape, format }: Space,
  pfn: number,
  { level, iova: base }: SeenTable,
): SeenEntry[] {
  const entries: SeenEntry[] = [];
  const step = 1n << BigInt(shape.itemLg2(level));
  for (let index = 0; index < shape.items; index++) {
    const entry = load(world.mem, pfn, index);
    if (isZero(entry)) continue;
    const reading = shape.read(entry, level);
    if (reading.kind === 'empty') continue;
    const decoded = decodeEntry(format, entry, level);
    const iova = base + BigInt(index) * step;
    const words = decoded === undefined ? hex(bitsOf(entry)) : entryText(decoded);
    entries.push({
      ...{ index, iova, at: pfn * PAGE + index * 8, bits: bitsOf(entry), kind: reading.kind },
      ...{ to: targetOf(reading, iova), text: reading.kind === 'invalid' ? reading.why : words },
    });
  }
  return entries;
}

/** Where an entry leads: an item of a contiguous leaf to its own part of it. */
function targetOf(reading: EntryReading, iova: bigint): bigint {
  if (reading.kind !== 'leaf' && reading.kind !== 'table') return 0n;
  const start = BigInt(reading.pfn) * BigInt(PAGE);
  return reading.kind === 'leaf' ? start + (iova & ((1n << BigInt(reading.lg2)) - 1n)) : start;
}
