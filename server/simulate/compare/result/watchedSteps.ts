import type { Stale } from '../../../model/hw/common/staleSet.ts';
import { hex } from '../../machine/values.ts';
import type { SeenCached } from '../../watch/cachePictures.ts';
import { gatherText, isEmptyGather } from '../../watch/gatherText.ts';
import type { Pictures, SeenMemory, SeenStep, SeenStore, SeenTable } from '../../watch/pictures.ts';
import type { LoggedGather } from '../../watch/runLog.ts';
import type { SeenAccess } from '../../watch/triedAccesses.ts';
import type {
  SimulatedAccess,
  SimulatedCached,
  SimulatedEvent,
  SimulatedGather,
  SimulatedMemory,
  SimulatedStale,
  SimulatedStore,
  SimulatedTable,
} from './simulation.ts';

/** An event of the trace with its index there. */
export interface TracedEvent {
  readonly index: number;
  readonly event: Omit<SimulatedEvent, 'sequence'>;
}

/** The events of a run with the steps that hardware saw between them. */
export interface WatchedEvents {
  readonly events: readonly SimulatedEvent[];
  /** Sequence number of the event that shows an operation of the log. */
  readonly sequenceOf: (operation: number) => number | undefined;
  /** What the gather holds in the end, where it outlives the run. */
  readonly gather: SimulatedGather | undefined;
}

const PAGE = 4096n;

/** Puts what the hardware saw among the events of the trace. `entry`: what was called. */
export function watchedEvents(
  traced: readonly TracedEvent[],
  pictures: Pictures,
  entry: string,
): WatchedEvents {
  const events: SimulatedEvent[] = [];
  const shownBy: number[] = [];
  let gather: SimulatedGather | undefined;
  const push = (event: Omit<SimulatedEvent, 'sequence'>): void => {
    // What caches hold stays as it is until a step of the tables changes it.
    const last = events.at(-1);
    const held = heldBy({ stale: last?.stale, iotlb: last?.iotlb, ...event });
    const gathered = gather === undefined ? {} : { gather };
    events.push({ ...event, ...held, ...gathered, sequence: events.length + 1 });
  };
  const cachedAt = (cached: readonly SeenCached[] | undefined, now: number): Held => {
    const sequenceOf = (operation: number): number =>
      operation < 0 ? 1 : (shownBy[operation] ?? now);
    return heldBy({ iotlb: cached?.map((entry) => cachedOf(entry, sequenceOf)) });
  };
  if (pictures.tables.length > 0) {
    push({ ...beginning(pictures, entry), ...cachedAt(pictures.cachedBefore, 1) });
  }
  const waiting = [...traced];
  const takeUntil = (index: number): void => {
    while (waiting.length > 0 && waiting[0]!.index < index) push(waiting.shift()!.event);
  };
  const tables = new Set(pictures.tables.map(({ physical }) => physical));
  for (const step of pictures.steps) {
    takeUntil(step.after);
    if (step.kind === 'gather')
      gather = step.gather === undefined ? undefined : gatherOf(step.gather);
    if (isShown(step, tables)) {
      push({ ...eventOf(step), ...cachedAt(step.cached, events.length + 1) });
    } else if (events.length > 0 && step.kind !== 'gather') {
      // What the driver was asked is an event of the trace already; it gets what came of it.
      const cached = cachedAt(step.cached, events.length);
      events.push({ ...withStep(events.pop()!, step), ...cached });
    }
    shownBy[step.operation] = events.length;
  }
  takeUntil(Infinity);
  return { events, sequenceOf: (operation) => shownBy[operation], gather };
}

type Held = Pick<SimulatedEvent, 'stale' | 'iotlb'>;

/** Without what nobody looked at. */
function heldBy({ stale, iotlb }: { readonly [K in keyof Held]?: Held[K] | undefined }): Held {
  return {
    ...(stale === undefined ? {} : { stale }),
    ...(iotlb === undefined ? {} : { iotlb }),
  };
}

/** The entry is called: what the tables hold by then, and what accesses come to. */
function beginning(
  { before, accessesBefore }: Pictures,
  entry: string,
): Omit<SimulatedEvent, 'sequence'> {
  const count = new Set(before.map(({ physical }) => physical)).size;
  const held =
    count === 0
      ? 'the tables are empty'
      : `${count} ${count === 1 ? 'table is' : 'tables are'} there`;
  return {
    ...{ actor: 'cpu', kind: 'call', text: `${entry}() is called; ${held}`, position: undefined },
    ...{ stores: before.map(storeOf), accesses: accessesBefore.map(accessOf), stale: [] },
  };
}

/** Steps of their own: what no event of the trace says, and is about pages that are tables at some time, or RAM. */
function isShown(
  { kind, stores, page, to, isOld, gather }: SeenStep,
  tables: ReadonlySet<number>,
): boolean {
  switch (kind) {
    case 'store':
      return stores.length > 0 || to === 'ram';
    case 'alloc':
    case 'free':
      return page !== undefined && tables.has(page);
    case 'driver':
    case 'return':
      return false;
    case 'top':
      return !isOld;
    case 'gather':
      // That it is made ready, or emptied by a flush, is seen by what it holds.
      return gather !== undefined && !isEmptyGather(gather);
    case 'clean':
    case 'command':
    case 'iova':
    case 'unpin':
    case 'map':
    case 'unmap':
      return true;
  }
}

/** Steps whose text names who acts, or of which that says nothing. */
const NAMELESS: ReadonlySet<SeenStep['kind']> = new Set(['map', 'unmap', 'gather', 'command']);

function eventOf(step: SeenStep): Omit<SimulatedEvent, 'sequence'> {
  const { kind, place, by, text, page } = step;
  const who = by === '' || NAMELESS.has(kind) ? '' : `${by}(): `;
  return {
    ...{ actor: kind === 'command' ? 'queue' : 'cpu', kind, text: `${who}${text}` },
    position: place === undefined ? undefined : { ...place },
    ...(page === undefined ? {} : { page: hex(page) }),
    ...partsOf(step),
  };
}

function withStep(event: SimulatedEvent, step: SeenStep): SimulatedEvent {
  const { stores, accesses, stale } = partsOf(step);
  return {
    ...event,
    stores: [...(event.stores ?? []), ...stores],
    ...(accesses === undefined ? {} : { accesses: [...(event.accesses ?? []), ...accesses] }),
    stale,
  };
}

interface StepParts {
  readonly stores: readonly SimulatedStore[];
  readonly accesses?: readonly SimulatedAccess[];
  readonly stale: readonly SimulatedStale[];
}

function partsOf({ stores, accesses, stale }: SeenStep): StepParts {
  return {
    stores: stores.map(storeOf),
    ...(accesses.length === 0 ? {} : { accesses: accesses.map(accessOf) }),
    stale: stale.map(staleOf),
  };
}

function storeOf({ physical, index, old, bits, text }: SeenStore): SimulatedStore {
  return {
    ...{ physical: hex(physical), index, count: 1, text },
    bits: bits === 0n ? undefined : hex(bits),
    ...(old === 0n ? {} : { old: hex(old) }),
  };
}

/** An access in the form of a result. */
export function accessOf({ iova, ...access }: SeenAccess): SimulatedAccess {
  return { ...access, iova: hex(iova) };
}

function staleOf({ kind, where, tag, first, last, target }: Stale): SimulatedStale {
  const iova = spanOf(first, last);
  return {
    ...{ kind, where: [...where], domain: tag, iova },
    ...(target === undefined ? {} : { to: hex(BigInt(target) * PAGE) }),
  };
}

function cachedOf(
  { domain, first, last, target, access, since, staleSince }: SeenCached,
  sequenceOf: (operation: number) => number,
): SimulatedCached {
  return {
    ...{ domain, iova: spanOf(first, last), to: hex(BigInt(target) * PAGE), access },
    since: sequenceOf(since),
    ...(staleSince === undefined ? {} : { stale: sequenceOf(staleSince) }),
  };
}

function gatherOf(gather: LoggedGather): SimulatedGather {
  const { start, last, pageSize = 0n, waiting, queued } = gather;
  return {
    ...(start > last ? {} : { iova: { first: hex(start), last: hex(last) } }),
    ...(pageSize === 0n ? {} : { pageSize: hex(pageSize) }),
    ...{ waiting, queued, text: gatherText(gather) },
  };
}

/** Memory in the form of a result. */
export function memoryOf({ first, last, kind }: SeenMemory): SimulatedMemory {
  return { ...spanOf(first, last), kind };
}

/** First and last byte of pages. */
export function spanOf(
  first: number,
  last: number,
): { readonly first: string; readonly last: string } {
  return { first: hex(BigInt(first) * PAGE), last: hex(BigInt(last + 1) * PAGE - 1n) };
}

/** A table in the form of a result. */
export function tableOf({ entries, physical, iova, gone, ...table }: SeenTable): SimulatedTable {
  return {
    ...table,
    ...{ physical: hex(physical), iova: hex(iova), ...(gone ? { gone } : {}) },
    entries: entries.map(({ index, iova: at, at: place, bits, kind, to, text }) => ({
      ...{ index, iova: hex(at), physical: hex(place), bits: hex(bits), text },
      ...(kind === 'invalid' ? { kind: 'leaf' as const } : { kind, to: hex(to) }),
    })),
  };
}
