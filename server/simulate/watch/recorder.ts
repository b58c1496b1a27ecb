import type { Value } from '../machine/values.ts';
import type { CallObserver } from '../machine/executor.ts';
import type { Machine } from '../machine/machine.ts';
import { placeUnderReview } from '../machine/whereabouts.ts';
import { commandListeners } from '../iommu/commands.ts';
import { driverListeners } from '../kernel/domainDriver.ts';
import { flushListener } from '../kernel/helpers.ts';
import { pagePool } from '../kernel/pages.ts';
import { unpinListeners } from '../kernel/userMemory.ts';
import type { Environment } from '../situations/situation.ts';
import type { TableTop } from '../situations/probe.ts';
import { GatherWatch, orGone } from './gatherWatch.ts';
import type { GatheredRange, LoggedCall, LogPlace } from './runLog.ts';
import { RunLog } from './runLog.ts';

const PAGE = 4096;
/** Tables are at most this large: 16 pages, the concatenated root of Arm. Larger allocations are buffers. Unit: bytes. */
const MOST_TABLE_BYTES = 16 * PAGE;
/** Interfaces of the core by name, with the positions of their arguments. `to`: of the physical address, `gather`. */
const MAPS: Readonly<Record<string, { readonly size: number; readonly to: number }>> = {
  iommu_map: { size: 3, to: 2 },
};
const UNMAPS: Readonly<Record<string, { readonly gather: number | undefined }>> = {
  iommu_unmap: { gather: undefined },
  iommu_unmap_fast: { gather: 3 },
};

/** Makes a gather ready (include/linux/iommu.h). */
const GATHER_INIT = 'iommu_iotlb_gather_init';

/** What gives IOVAs back for others (drivers/iommu/iova.c), with the positions of the first page and of the count. */
const FREES: Readonly<Record<string, { readonly first: number; readonly count: number }>> = {
  free_iova_fast: { first: 1, count: 2 },
};

/** Others of the core that map on behalf of their callers (drivers/iommu/iommu.c), by way of the above or not. */
const AROUND: readonly string[] = [
  ...['iommu_map_nosync', 'iommu_map_sg', 'iommu_map_atomic', 'iommu_map_sg_atomic'],
];

/** Writes down what a run does to the tables of its situation. `eventCount`: events of the trace so far. */
export class Recorder {
  readonly log: RunLog = new RunLog();
  private readonly machine: Machine;
  private readonly environment: Environment;
  private readonly eventCount: () => number;
  private readonly tops: (TableTop | undefined)[] = [];
  private ramWrites: number;
  private readonly gather: GatherWatch;
  /** Calls of interfaces of the core that have not returned. */
  private depth = 0;

  constructor(machine: Machine, environment: Environment, eventCount: () => number) {
    this.machine = machine;
    this.environment = environment;
    this.eventCount = eventCount;
    this.gather = new GatherWatch(machine);
    this.ramWrites = environment.ramWrites.length;
    if (environment.probes.length === 0) return;
    this.takePages();
    this.noteTops();
    this.listen();
  }

  /** Says which gather the entry was handed. */
  follow(gather: number): void {
    if (this.environment.probes.length > 0) this.gather.follow(gather);
  }

  /**
   * Takes note of what shows only when somebody looks: RAM that was written, tops that moved, what a gather holds.
   * `after`: events of the trace that were there by then.
   */
  catchUp(after: number = this.eventCount()): void {
    const { ramWrites } = this.environment;
    for (; this.ramWrites < ramWrites.length; this.ramWrites++) {
      const { physical, size, by, place } = ramWrites[this.ramWrites]!;
      const wrote = (): LogPlace => ({ after, by, place });
      this.log.store(this.wordsAt(physical, size), 'ram', wrote);
    }
    this.noteTops();
    const changed = this.gather.changed();
    if (changed !== undefined) this.log.add({ kind: 'gather', ...changed, ...this.here(), after });
  }

  private takePages(): void {
    const { sizes } = pagePool(this.machine);
    for (const [physical, bytes] of sizes) {
      if (bytes > MOST_TABLE_BYTES) continue;
      this.log.pagesBefore.set(physical / PAGE, bytes / PAGE);
      for (const [word, lo, hi] of this.wordsAt(physical, bytes)) {
        if ((lo | hi) !== 0) this.log.before.add(word, lo, hi);
      }
      this.watch(physical, bytes);
    }
  }

  private watch(physical: number, bytes: number): void {
    const { memory, directMap } = this.machine;
    memory.watch(directMap + physical, bytes, (address, size) => {
      // Where a run of stores goes on, nothing else can have happened that anybody would see.
      if (!this.log.isStoring) this.catchUp();
      this.log.store(this.wordsAt(address - directMap, size), 'pages', () => this.here());
    });
  }

  /** The words that bytes belong to, as hardware would read them. */
  private *wordsAt(
    physical: number,
    size: number,
  ): Generator<readonly [word: number, lo: number, hi: number]> {
    const { memory, directMap } = this.machine;
    const last = Math.floor((physical + size - 1) / 8);
    for (let word = Math.floor(physical / 8); word <= last; word++) {
      const [lo, hi] = memory.halvesAt(directMap + word * 8);
      yield [word, lo, hi];
    }
  }

  private here(): LogPlace {
    return {
      after: this.eventCount(),
      place: placeUnderReview(this.machine),
      by: this.machine.frame?.callable.name ?? '',
    };
  }

  private noteTops(): void {
    for (const [table, probe] of this.environment.probes.entries()) {
      const top = orGone(() => probe.top());
      if (top === undefined) continue;
      const { physical, level } = top;
      const known = this.tops[table];
      if (known?.physical === physical && known.level === level) continue;
      this.tops[table] = { physical, level };
      this.log.add({ kind: 'top', table, physical, level, ...this.here() });
    }
  }

  private listen(): void {
    const { machine } = this;
    const pool = pagePool(machine);
    const poolHeard = pool.listener;
    // V8 makes a function that is assigned to a property old at once: dead, it would keep its machine until the
    // next full collection.
    const onPages: typeof pool.listener = (event): void => {
      poolHeard?.(event);
      if (event.kind === 'alloc' && event.bytes <= MOST_TABLE_BYTES) {
        this.watch(event.physical, event.bytes);
        this.log.add({ ...event, ...this.here() });
      }
      if (event.kind !== 'free') return;
      this.catchUp();
      const bytes = pool.freed.get(event.physical) ?? PAGE;
      this.log.add({ ...event, bytes, ...this.here() });
    };
    pool.listener = onPages;
    driverListeners(machine).listeners.push((event) => {
      // The trace has the event already: what led to it comes before.
      this.catchUp(Math.max(0, this.eventCount() - 1));
      this.log.add({ kind: 'driver', event, ...this.here() });
    });
    commandListeners(machine).listeners.push((command) => {
      // The store to the register by which the IOMMU heard of it is in the trace already.
      this.catchUp(Math.max(0, this.eventCount() - 1));
      this.log.add({ kind: 'command', command, ...this.here() });
    });
    unpinListeners(machine).push((pfn) => {
      this.catchUp();
      this.log.add({ kind: 'unpin', first: pfn, last: pfn, ...this.here() });
    });
    const flushes = flushListener(machine);
    const flushHeard = flushes.current;
    const onFlush: typeof flushes.current = (address, bytes): void => {
      flushHeard?.(address, bytes);
      this.log.add({
        kind: 'clean',
        physical: address - machine.directMap,
        bytes,
        ...this.here(),
      });
    };
    flushes.current = onFlush;
  }

  /** What has to be told of calls; nothing where there are no tables. */
  observers(): ReadonlyMap<string, CallObserver> {
    const observers = new Map<string, CallObserver>();
    if (this.environment.probes.length === 0) return observers;
    for (const [name, { size, to }] of Object.entries(MAPS)) {
      observers.set(name, (args) => this.call('map', name, args, { size, to, gather: undefined }));
    }
    for (const [name, { gather }] of Object.entries(UNMAPS)) {
      observers.set(name, (args) => this.call('unmap', name, args, { size: 2, to: undefined, gather })); // prettier-ignore
    }
    for (const [name, { first, count }] of Object.entries(FREES)) {
      observers.set(name, (args) => {
        const page = Number(args[first] ?? 0);
        this.catchUp();
        this.log.add({ kind: 'iova', first: page, last: page + Number(args[count] ?? 0) - 1, ...this.here() }); // prettier-ignore
        return undefined;
      });
    }
    for (const name of AROUND) observers.set(name, () => this.enter());
    observers.set(GATHER_INIT, ([gather]) => () => {
      this.gather.follow(Number(gather));
    });
    return observers;
  }

  /** A call of an interface begins; gives what to do when it returns. */
  private enter(): () => void {
    this.depth++;
    return () => {
      this.depth--;
    };
  }

  private call(
    kind: LoggedCall['kind'],
    name: string,
    args: readonly Value[],
    at: { readonly size: number; readonly to: number | undefined; readonly gather: number | undefined }, // prettier-ignore
  ): ((result: Value) => void) | undefined {
    const leaves = this.enter();
    // An interface unwinds by itself what it mapped in part; only its callers make promises.
    if (this.depth > 1) return leaves;
    if (at.gather !== undefined) this.gather.follow(Number(args[at.gather]));
    this.catchUp();
    const bits = (n: number): bigint => BigInt.asUintN(64, BigInt(args[n] ?? 0));
    const call: LoggedCall = {
      ...{ kind, name, domain: Number(args[0]), iova: bits(1), size: bits(at.size) },
      ...{ to: at.to === undefined ? undefined : bits(at.to), result: undefined },
      ...this.here(),
    };
    this.log.add(call);
    return (result) => {
      leaves();
      this.catchUp();
      call.result = result === undefined ? undefined : BigInt(result);
      const gathered = at.gather === undefined ? undefined : this.gatherAt(Number(args[at.gather]));
      this.log.add({ kind: 'return', call, gathered, ...this.here() });
    };
  }

  /** What a gather in the C's memory holds. */
  gatherAt(address: number): GatheredRange | undefined {
    return this.gather.rangeAt(address);
  }
}
