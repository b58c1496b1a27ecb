import type {
  SimulatedCached,
  SimulatedEvent,
  SimulatedGather,
  SimulatedStale,
} from '../../simulate/compare/simulation.ts';
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
    cached: event?.iotlb?.map((entry) => cachedOf(entry, stepOf)),
    stale: event?.stale?.map(staleOf),
    gather: event?.gather === undefined ? undefined : gatherOf(event.gather),
  };
}

function cachedOf(
  { domain, iova, to, access, since, stale }: SimulatedCached,
  stepOf: StepOf,
): ViewCached {
  const isStale = stale !== undefined;
  const says = isStale ? `stale since step ${stepOf(stale)}` : `filled at step ${stepOf(since)}`;
  const size = sizeOf(iova);
  // What may be read may be executed where no format says otherwise: it tells nobody anything.
  const may = access.filter((one) => one !== 'execute').join(' ');
  return {
    ...{ ...iova, domain, size, to, access: may, says, isStale },
    text: `${domain}: ${iova.first}-${iova.last}, ${size} to ${to}, ${may}, ${says}`,
    short: `${to}${isStale ? `, ${says}` : ''}`,
  };
}

function staleOf({ where, kind, domain, iova, to }: SimulatedStale): ViewHeld {
  const reach = to === undefined ? '' : ` to ${to}`;
  const text = `${where.join(', ')}: old ${kind} of ${domain}, ${iova.first}-${iova.last}${reach}`;
  return { text, ...iova, domain, short: `old ${kind}${reach}` };
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
