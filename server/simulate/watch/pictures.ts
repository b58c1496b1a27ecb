import type { Word64 } from '../../model/bits/pte64.ts';
import { isZero } from '../../model/bits/pte64.ts';
import { decodeEntry, entryNoun, entryText } from '../../model/fmt/decode.ts';
import type { EntryReading } from '../../model/hw/common/entry.ts';
import type { Stale } from '../../model/hw/common/staleSet.ts';
import { load } from '../../model/mem/physMem.ts';
import { toldCommand } from '../../model/world/queued/run.ts';
import type { Space } from '../../model/world/space.ts';
import type { DriverEvent } from '../kernel/domainDriver.ts';
import type { UserPage } from '../kernel/userMemory.ts';
import { hex } from '../machine/values.ts';
import type { SeenCached } from './cachePictures.ts';
import { CachePictures } from './cachePictures.ts';
import { gatherText } from './gatherText.ts';
import { Replay } from './replay.ts';
import type { ReplaySetting, ReplayWorld } from './replayWorld.ts';
import type { LoggedGather, LoggedOperation, LogPlace, RunLog } from './runLog.ts';
import type { ChangedPages, SeenAccess, TriedPage } from './triedAccesses.ts';
import { chosenPages, triedAt } from './triedAccesses.ts';

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
  /** What one IOTLB holds after it; undefined where the driver's flushes are not seen. */
  readonly cached: readonly SeenCached[] | undefined;
  /** Of a step of this kind: what the gather holds from here on; undefined once it is gone. */
  readonly gather: LoggedGather | undefined;
}

/** Memory that the situation states. */
export interface SeenMemory {
  /** Page frames, ends inclusive. */
  readonly first: number;
  readonly last: number;
  readonly kind: 'ram' | 'mmio';
}

/** What hardware saw of a run: made only for runs that are shown. */
export interface Pictures {
  /** What the tables held when the run began. */
  readonly before: readonly SeenStore[];
  readonly accessesBefore: readonly SeenAccess[];
  readonly cachedBefore: readonly SeenCached[] | undefined;
  readonly steps: readonly SeenStep[];
  readonly tables: readonly SeenTable[];
  readonly accesses: readonly SeenAccess[];
  readonly memory: readonly SeenMemory[];
  /** The bit of an entry that selects encryption; 0 where the host does not encrypt. */
  readonly encryptionMask: bigint;
}

const PAGE = 4096;
/** Stores that the text of a step spells out. */
const MOST_TOLD = 3;

/** Operations that hardware sees nothing of. */
const QUIET: ReadonlySet<LoggedOperation['kind']> = new Set([
  ...(['map', 'unmap', 'return', 'unpin', 'gather'] as const),
]);

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
  private pages: readonly TriedPage[] = [];
  private caches: CachePictures | undefined;
  private cached: readonly SeenCached[] | undefined;

  constructor(log: RunLog, setting: ReplaySetting) {
    this.log = log;
    this.setting = setting;
  }

  paint(changed: ChangedPages): Pictures {
    const again = new Replay(this.log, this.setting, 'nothing');
    this.pages = chosenPages(again.replay, changed);
    const before = this.storesSince(again.replay);
    const accessesBefore = this.accessesNow(again.replay);
    const { probes, userPages } = this.setting;
    if (probes.every(({ flushes }) => flushes !== 'unseen')) {
      this.caches = new CachePictures(again.replay, this.pages);
    }
    const cachedBefore = this.caches?.after(again.replay);
    this.cached = cachedBefore;
    again.run((replay, index) => {
      this.step(replay, index);
    });
    const accesses = this.pages.flatMap((page) => triedAt(again.replay, page));
    const tables = this.tablesAtEnd(again.replay);
    return {
      ...{ before, accessesBefore, cachedBefore, steps: this.steps, tables, accesses },
      memory: memoryOf(userPages),
      encryptionMask: probes[0]?.encryptionMask ?? 0n,
    };
  }

  private step(replay: ReplayWorld, index: number): void {
    const operation = this.log.operations[index]!;
    const stores = operation.kind === 'store' ? this.storesSince(replay) : [];
    const isQuiet = QUIET.has(operation.kind);
    const accesses = isQuiet ? [] : this.accessesNow(replay);
    const cached = isQuiet ? this.cached : this.caches?.after(replay, index);
    this.cached = cached;
    // A flush takes caches out of the set: what is told of this step stays as it is now.
    const stale = [...replay.world.stale.entries.values()].map((one) => ({
      ...one,
      where: new Set(one.where),
    }));
    const { kind, after, place, by } = operation;
    const text = this.textOf(replay, operation, stores);
    // The tops that were there when the run began are no news.
    const isOld = index < this.setting.probes.length && kind === 'top';
    this.steps.push({
      ...{ kind, operation: index, after, place, by, text, isOld },
      to: kind === 'store' ? operation.to : undefined,
      page: 'bytes' in operation ? operation.physical : undefined,
      ...{ stores, accesses, stale, cached },
      gather: operation.kind === 'gather' ? operation.gather : undefined,
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
    return this.pages.flatMap((page) =>
      triedAt(replay, page).filter((access) => {
        const key = `${access.domain} ${access.iova} ${access.write}`;
        const text = access.outcomes.join();
        const isNews = this.last.get(key) !== text;
        this.last.set(key, text);
        return isNews;
      }),
    );
  }

  private textOf(
    replay: ReplayWorld,
    operation: LoggedOperation,
    stores: readonly SeenStore[],
  ): string {
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
      case 'iova': {
        const [first, last] = [operation.first * PAGE, (operation.last + 1) * PAGE - 1];
        return `IOVA ${hex(first)}-${hex(last)} may be given out anew`;
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
      case 'command':
        return toldCommand(replay.world, operation.command.arch, operation.command.words);
      case 'return':
        return `${operation.call.name}() returns`;
      case 'gather':
        return operation.gather === undefined ? 'the gather is gone' : gatherText(operation.gather);
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

/** Neighbouring pages of one kind are one. */
function memoryOf(pages: readonly UserPage[]): readonly SeenMemory[] {
  const found: SeenMemory[] = [];
  for (const { pfn, kind: of } of [...pages].sort((a, b) => a.pfn - b.pfn)) {
    const kind = of === 'mmio' ? 'mmio' : 'ram';
    const last = found.at(-1);
    if (last?.kind === kind && last.last + 1 >= pfn)
      found[found.length - 1] = { ...last, last: pfn };
    else found.push({ first: pfn, last: pfn, kind });
  }
  return found;
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
