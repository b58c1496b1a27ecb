import type { Stale } from '../../model/hw/common/staleSet.ts';
import { hex } from '../machine/values.ts';
import type { Pictures, SeenAccess, SeenStep, SeenStore, SeenTable } from '../watch/pictures.ts';
import type {
  SimulatedAccess,
  SimulatedEvent,
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
  const push = (event: Omit<SimulatedEvent, 'sequence'>): void => {
    // What caches hold stays as it is until a step of the tables changes it.
    const stale = event.stale ?? events.at(-1)?.stale;
    const held = stale === undefined ? {} : { stale };
    events.push({ ...event, ...held, sequence: events.length + 1 });
  };
  if (pictures.tables.length > 0) push(beginning(pictures, entry));
  const waiting = [...traced];
  const takeUntil = (index: number): void => {
    while (waiting.length > 0 && waiting[0]!.index < index) push(waiting.shift()!.event);
  };
  const tables = new Set(pictures.tables.map(({ physical }) => physical));
  for (const step of pictures.steps) {
    takeUntil(step.after);
    if (isShown(step, tables)) push(eventOf(step));
    // What the driver was asked is an event of the trace already; it gets what came of it.
    else if (events.length > 0) events.push(withStep(events.pop()!, step));
    shownBy[step.operation] = events.length;
  }
  takeUntil(Infinity);
  return { events, sequenceOf: (operation) => shownBy[operation] };
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
  { kind, stores, page, to, isOld }: SeenStep,
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
    case 'clean':
    case 'unpin':
    case 'map':
    case 'unmap':
      return true;
  }
}

function eventOf(step: SeenStep): Omit<SimulatedEvent, 'sequence'> {
  const { kind, place, by, text } = step;
  const who = by === '' || kind === 'map' || kind === 'unmap' ? '' : `${by}(): `;
  return {
    ...{ actor: 'cpu', kind, text: `${who}${text}` },
    position: place === undefined ? undefined : { ...place },
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
  const iova = { first: hex(BigInt(first) * PAGE), last: hex(BigInt(last + 1) * PAGE - 1n) };
  return {
    ...{ kind, where: [...where], domain: tag, iova },
    ...(target === undefined ? {} : { to: hex(BigInt(target) * PAGE) }),
  };
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
