import { checkAll } from '../../model/check/all.ts';
import { checkContract } from '../../model/check/contract.ts';
import type { Claim, Violation as Broken } from '../../model/check/violation.ts';
import { logPage } from '../../model/mem/events.ts';
import { flush, load, pageState, store, zeroPages } from '../../model/mem/physMem.ts';
import { rewriteTops } from '../../model/world/contexts.ts';
import { complete, invalidate } from '../../model/world/flushes.ts';
import { runQueuedCommand } from '../../model/world/queued/run.ts';
import type { PageRange } from '../../model/world/rangeCoding.ts';
import type { Space } from '../../model/world/space.ts';
import { watchSpace } from '../../model/world/watch.ts';
import type { DriverEvent } from '../kernel/domainDriver.ts';
import type { ReplaySetting, ReplayWorld } from './replayWorld.ts';
import { replayWorld, setUse } from './replayWorld.ts';
import type { GatheredRange, LoggedOperation, RunLog } from './runLog.ts';

/** What a run promised by having ended. */
export interface RunEnd {
  /** What it changed is complete: it did not fail. */
  readonly succeeded: boolean;
  /** Whether it has to flush by itself what it removes, or leaves that to who made the gather. */
  readonly syncs: 'itself' | 'caller';
  /** What the gather holds that the entry was handed. */
  readonly gathered: GatheredRange | undefined;
  /** IOVAs that software was asked about after the run. */
  readonly lookedUp: readonly LookedUp[];
}

/** What software says of an IOVA. */
export interface LookedUp {
  /** Number of the probe. */
  readonly table: number;
  /** Page number. */
  readonly page: number;
  readonly translated: boolean;
}

/** A broken invariant, with the operations of the log between which it broke. */
export interface BrokenAt {
  readonly broken: Broken;
  /** Index of the operation that began it. */
  readonly since: number;
  /** Index of the operation at which it showed. */
  readonly at: number;
}

/** Looks at the world after each operation. */
export type ReplayVisitor = (replay: ReplayWorld, operation: number) => void;

const PAGE = 4096;
const LINES_PER_PAGE = 64;
const HALVES_PER_LINE = 16;
/** Invariants about what caches hold, where the two events of a violation are not one. */
const ABOUT_CACHES: ReadonlySet<string> = new Set([
  ...['I-REACH-1', 'I-REACH-2', 'I-LIFE-1', 'I-LIFE-2'],
]);
const WHOLE: PageRange = { first: 0, last: Number.MAX_SAFE_INTEGER };

/** Does what a run did again on the model, and checks every invariant on the way. */
export class Replay {
  readonly replay: ReplayWorld;
  readonly found: BrokenAt[] = [];
  /** IOVA pages whose entries changed, by the name of the table. */
  readonly changed: Map<string, PageRange[]> = new Map<string, PageRange[]>();
  private readonly log: RunLog;
  private readonly watches: 'invariants' | 'nothing';
  private readonly probes: ReplaySetting['probes'];
  private readonly contexts: ReplaySetting['contexts'];
  /** Sequence number in the model's log at which each operation began. */
  private readonly starts: number[] = [];
  private readonly seen = new Set<string>();
  private checked = 0;
  private staleChecked = 0;
  private topMoved = false;

  /** `watches`: whether invariants are looked at, or the run is only gone through. */
  constructor(log: RunLog, setting: ReplaySetting, watches: 'invariants' | 'nothing') {
    this.log = log;
    this.watches = watches;
    this.probes = setting.probes;
    this.contexts = setting.contexts;
    this.replay = replayWorld(log, setting);
  }

  /** Goes through the log. */
  run(visit: ReplayVisitor | undefined): void {
    for (const [index, operation] of this.log.operations.entries()) {
      this.starts.push(this.replay.world.log.next);
      const claims = this.apply(operation);
      visit?.(this.replay, index);
      if (claims !== undefined) this.check(claims, 'changed');
    }
    this.starts.push(this.replay.world.log.next);
    this.topMoved = true;
    this.check([], 'changed');
  }

  /** Looks at what the run promised by having ended. */
  end({ succeeded, syncs, gathered, lookedUp }: RunEnd): void {
    const { world, spaces } = this.replay;
    const claims: Claim[] = lookedUp.map(({ table, page, translated }) => ({
      ...{ kind: 'looked-up', space: spaces[table]!.name, page, translated },
    }));
    for (const { name, cachesNegative } of spaces) {
      if (succeeded) {
        for (const { first, last } of this.changed.get(name) ?? []) {
          claims.push({ kind: 'mapped', space: name, first, last });
          if (cachesNegative) claims.push({ kind: 'map-told', space: name, first, last });
        }
      }
      if (syncs === 'itself') claims.push({ kind: 'flushed', space: name });
    }
    const [device] = world.contexts.keys();
    if (succeeded && device !== undefined) {
      claims.push({ kind: 'context', device, is: this.contexts?.device.after ?? 'attached' });
    }
    this.check(claims, 'all');
    if (syncs === 'itself' || gathered === undefined) return;
    for (const { tag, name: space } of spaces) {
      const [first] = [...world.stale.entries.values()].filter((stale) => stale.tag === tag);
      const about = { kind: 'unmapped' as const, space, first: first?.first ?? 0 };
      this.checkUnmap({ ...about, asked: 0, removed: 0, gathered: gatheredPages(gathered) }, 0);
    }
  }

  /** Claims of an operation after which the invariants are looked at; undefined for one in the midst of others. */
  private apply(operation: LoggedOperation): readonly Claim[] | undefined {
    const { world, tops, spaces } = this.replay;
    switch (operation.kind) {
      case 'store':
        this.store(operation);
        return [];
      case 'clean':
        this.clean(operation);
        return undefined;
      case 'gather':
        return undefined;
      case 'alloc':
        this.allocate(operation.physical / PAGE, operation.bytes / PAGE);
        return undefined;
      case 'free':
        return this.free(operation.physical / PAGE, operation.bytes / PAGE);
      case 'top': {
        const { table, physical, level } = operation;
        const top = tops[table]!;
        if (top.pfn === physical / PAGE && top.level === level) return undefined;
        tops[table] = { pfn: physical / PAGE, level };
        this.topMoved = true;
        if (!spaces[table]!.positions.has(physical / PAGE)) watchSpace(world, spaces[table]!);
        return [];
      }
      case 'driver':
        return this.drive(operation.event);
      case 'command': {
        const { arch, words } = operation.command;
        runQueuedCommand(this.replay.world, arch, words);
        return [];
      }
      case 'unpin': {
        const { first, last } = operation;
        return [{ kind: 'released', first, last, how: 'unpinned' }];
      }
      case 'iova': {
        const { first, last } = operation;
        return spaces.map(({ name: space }) => ({
          ...{ kind: 'flushed', space, range: { first, last } },
          why: 'the IOVA may be given out anew',
        }));
      }
      case 'return':
        return this.returned(operation);
      case 'map':
      case 'unmap':
        return [];
    }
  }

  private store({ first, count, to }: LoggedOperation & { readonly kind: 'store' }): void {
    const { world } = this.replay;
    const { words } = this.log;
    for (let n = first; n < first + count; n++) {
      const [pfn, index, lo, hi] = [words.pfnAt(n), words.indexAt(n), words.loAt(n), words.hiAt(n)];
      if (to === 'pages') {
        // Freed pages stay backed in the C for a while; who stores there is stopped by the machine itself.
        const old = load(world.mem, pfn, index);
        if (old.lo === lo && old.hi === hi) continue;
      }
      store(world.mem, pfn, index, lo, hi);
    }
  }

  private clean({ physical, bytes }: LoggedOperation & { readonly kind: 'clean' }): void {
    // Something outside of the direct map is no table.
    if (physical < 0 || physical > Number.MAX_SAFE_INTEGER) return;
    flush(this.replay.world.mem, Math.floor(physical / PAGE), physical % PAGE, bytes);
  }

  private allocate(pfn: number, pages: number): void {
    const { world } = this.replay;
    zeroPages(world.mem, pfn, pages);
    setUse(world, pfn, pages, 'table');
    logPage(world.log, 'alloc', pfn, pages * PAGE);
    if (world.mem.pending === null) return;
    // The allocator zeroed the page through the CPU's cache.
    for (let line = pfn * LINES_PER_PAGE; line < (pfn + pages) * LINES_PER_PAGE; line++) {
      world.mem.pending.set(line, new Int32Array(HALVES_PER_LINE));
    }
  }

  private free(pfn: number, pages: number): readonly Claim[] {
    const { world, spaces } = this.replay;
    const isTable = world.unlinked.has(pfn) || spaces.some(({ positions }) => positions.has(pfn));
    logPage(world.log, 'free', pfn);
    setUse(world, pfn, pages, 'free');
    for (let page = pfn; page < pfn + pages; page++) {
      pageState(world.mem, page).freeSeq = world.log.next - 1;
    }
    return isTable ? [] : [{ kind: 'released', first: pfn, last: pfn + pages - 1, how: 'freed' }];
  }

  private drive(event: DriverEvent): readonly Claim[] {
    // What was there before the driver hears of it has to be right already.
    this.check([], 'changed');
    const { world } = this.replay;
    const space = this.spaceOf(event.domain);
    if (space === undefined) return [];
    switch (event.kind) {
      case 'iotlb_sync': {
        const { start, last, tables } = event;
        if (start > last) return [];
        const range = { first: pageOf(start), last: pageOf(last) };
        invalidate(world, space, range, tables ? 'with tables' : 'leaves only');
        complete(world, space);
        return [];
      }
      case 'flush_iotlb_all':
        invalidate(world, space, WHOLE, 'with tables');
        complete(world, space);
        return [];
      case 'change_top': {
        const pfn = pageOf(event.top);
        rewriteTops(world, space, pfn, event.level);
        logPage(world.log, 'change_top', pfn, event.level);
        return [];
      }
      case 'iotlb_sync_map': {
        const [first, last] = [pageOf(event.start), pageOf(event.last)];
        return [{ kind: 'mapped', space: space.name, first, last }];
      }
    }
  }

  private returned({
    call,
    gathered,
  }: LoggedOperation & { readonly kind: 'return' }): readonly Claim[] {
    // prettier-ignore
    const space = this.spaceOf(call.domain);
    if (space === undefined || call.kind !== 'unmap') return [];
    const claim: Claim = {
      ...{ kind: 'unmapped', space: space.name, first: pageOf(call.iova) },
      ...{ asked: pagesOf(call.size), removed: pagesOf(call.result ?? 0n) },
      gathered: gathered === undefined ? undefined : gatheredPages(gathered),
    };
    this.checkUnmap(claim, this.log.operations.indexOf(call));
    return [];
  }

  /** An unmap is one step, whatever the driver was asked on the way. */
  private checkUnmap(claim: Claim, from: number): void {
    if (this.watches === 'nothing') return;
    const { world } = this.replay;
    const since = this.starts[from] ?? 0;
    const made = [...world.stale.entries.values()].filter(({ seq }) => seq >= since);
    this.add(checkContract(world, { since, scope: 'changed', made, claims: [claim] }));
  }

  private check(claims: readonly Claim[], scope: 'changed' | 'all'): void {
    const { world } = this.replay;
    const isQuiet = claims.length === 0 && scope === 'changed' && !this.topMoved;
    if (isQuiet && world.log.next === this.checked) return;
    if (this.watches === 'invariants') {
      const made = [...world.stale.entries.values()].filter(({ id }) => id >= this.staleChecked);
      const broken = checkAll(world, { since: this.checked, scope, made, claims });
      // Between the driver's store and software's own the tops differ, and that is the right order.
      this.add(broken.filter(({ invariant }) => invariant !== 'I-TOP-1' || this.topMoved));
    }
    this.checked = world.log.next;
    this.staleChecked = world.stale.nextId;
    this.topMoved = false;
    for (const [name, spans] of world.changed) {
      this.changed.set(name, [...(this.changed.get(name) ?? []), ...spans]);
    }
    world.changed.clear();
  }

  private add(broken: readonly Broken[]): void {
    for (const one of broken) {
      const { invariant, iova, page, space, what } = one;
      if (this.isGuess(one)) continue;
      const key = `${invariant} ${space ?? ''} ${iova?.first ?? ''} ${page ?? ''} ${what}`;
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      const [since, at] = one.events;
      this.found.push({ broken: one, since: this.operationAt(since), at: this.operationAt(at) });
    }
  }

  /** What a cache may hold is not known where nobody sees the driver flush. */
  private isGuess({ invariant, events: [since, at] }: Broken): boolean {
    const isAboutCaches = ABOUT_CACHES.has(invariant) && since !== at;
    return isAboutCaches && this.probes.some(({ flushes }) => flushes === 'unseen');
  }

  /** The operation in which an event of the model's log happened. */
  private operationAt(seq: number): number {
    return Math.max(0, this.starts.findLastIndex((start) => start <= seq)); // prettier-ignore
  }

  private spaceOf(domain: number): Space | undefined {
    const index = this.probes.findIndex((probe) => probe.domain === domain);
    return this.replay.spaces[index];
  }
}

function pageOf(address: bigint): number {
  return Number(address >> 12n);
}

/** Bytes as pages, with a fraction. */
function pagesOf(bytes: bigint): number {
  return Number(bytes) / PAGE;
}

function gatheredPages({ start, last }: GatheredRange): PageRange {
  return { first: pageOf(start), last: pageOf(last) };
}
