import type {
  SimulatedCached,
  SimulatedEvent,
  SimulatedGather,
  SimulatedStale,
} from '../../simulate/compare/result/simulation.ts';
import { sizeOf } from './sizes.ts';
import type { ViewCached, ViewHeld } from './view.ts';

/** The step, as the page numbers it, of an event by its sequence number. */
export type StepOf = (sequence: number) => number;

/** What caches hold and what waits to be flushed after an event. */
export interface HeldAfter {
  readonly cached: readonly ViewCached[] | undefined;
  readonly stale: readonly ViewHeld[] | undefined;
  readonly gather: ViewHeld | undefined;
}

/** What an event says of caches. */
export function heldAfter(event: SimulatedEvent | undefined, stepOf: StepOf): HeldAfter {
  return {
    cached: event?.iotlb && runsOf(event.iotlb, cachedKind).map((run) => cachedOf(run, stepOf)),
    stale: event?.stale && runsOf(event.stale, staleKind).map(staleOf),
    gather: event?.gather === undefined ? undefined : gatherOf(event.gather),
  };
}

interface Span {
  readonly first: string;
  readonly last: string;
}

/** Entries behind each other that lead to memory behind each other, alike in everything else. */
interface EntryRun<T> {
  readonly entry: T;
  readonly count: number;
  /** Of all of them. */
  readonly iova: Span;
}

function runsOf<T extends { readonly domain: string; readonly iova: Span; readonly to?: string }>(
  entries: readonly T[],
  kindOf: (entry: T) => string,
): readonly EntryRun<T>[] {
  const runs: EntryRun<T>[] = [];
  const sorted = entries
    .map((entry) => ({ entry, at: BigInt(entry.iova.first), kind: kindOf(entry) }))
    .sort((a, b) => a.kind.localeCompare(b.kind) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  let kindBefore: string | undefined;
  for (const { entry, at, kind } of sorted) {
    const last = runs.at(-1);
    const isNext =
      last !== undefined &&
      kind === kindBefore &&
      at === BigInt(last.iova.last) + 1n &&
      BigInt(entry.to ?? 0) - BigInt(last.entry.to ?? 0) === at - BigInt(last.iova.first);
    kindBefore = kind;
    if (!isNext) runs.push({ entry, count: 1, iova: entry.iova });
    else {
      const iova = { first: last.iova.first, last: entry.iova.last };
      runs[runs.length - 1] = { ...last, count: last.count + 1, iova };
    }
  }
  return runs.sort((a, b) => Number(BigInt(a.iova.first) - BigInt(b.iova.first)));
}

function cachedKind({ domain, iova, access, since, stale }: SimulatedCached): string {
  return [domain, sizeOf(iova), access.join(), since, stale].join(' ');
}

function staleKind({ domain, where, kind }: SimulatedStale): string {
  return [domain, where.join(), kind].join(' ');
}

function cachedOf({ entry, count, iova }: EntryRun<SimulatedCached>, stepOf: StepOf): ViewCached {
  const { domain, to, access, since, stale } = entry;
  const isStale = stale !== undefined;
  const says = isStale ? `stale since step ${stepOf(stale)}` : `filled at step ${stepOf(since)}`;
  const size = `${count === 1 ? '' : `${count} × `}${sizeOf(entry.iova)}`;
  // What may be read may be executed where no format says otherwise: it tells nobody anything.
  const may = access.filter((one) => one !== 'execute').join(' ');
  return {
    ...{ ...iova, domain, size, to, access: may, says, isStale },
    text: `${domain}: ${iova.first}-${iova.last}, ${size} to ${to}, ${may}, ${says}`,
    short: `${ofAll(count, iova)}${to}${isStale ? `, ${says}` : ''}`,
  };
}

function staleOf({ entry, count, iova }: EntryRun<SimulatedStale>): ViewHeld {
  const { where, kind, domain, to } = entry;
  const reach = to === undefined ? '' : ` to ${to}`;
  const old =
    count === 1 ? `old ${kind}` : `${count} old ${kind === 'leaf' ? 'leaves' : `${kind}s`}`;
  const text = `${where.join(', ')}: ${old} of ${domain}, ${iova.first}-${iova.last}${reach}`;
  return { text, ...iova, domain, short: `${ofAll(count, iova)}${old}${reach}` };
}

/** A cell may stand under a part of several entries: it says what all of them are about. */
function ofAll(count: number, { first, last }: Span): string {
  return count === 1 ? '' : `${first}-${last}: `;
}

/** Nothing of an empty one: it is there, and there is nothing to be flushed. */
function gatherOf({ iova, text, waiting, queued }: SimulatedGather): ViewHeld | undefined {
  if (iova === undefined && waiting === 0) return undefined;
  const tables =
    waiting === 0 ? '' : `, then ${waiting} ${waiting === 1 ? 'table' : 'tables'} freed`;
  const short = `${queued ? 'queued for a flush of all' : 'waits for the flush'}${tables}`;
  // Without a range it is about no address at all: about one that no column has.
  return { text, ...(iova ?? NOWHERE), short };
}

const NOWHERE = { first: '0x1', last: '0x0' } as const;
