import type {
  Position,
  SimulatedEvent,
  SimulatedRun,
  SimulatedStale,
  SimulatedViolation,
} from '../../simulate/compare/simulation.ts';
import { align, type Aligned } from './align.ts';
import { storesOf } from './simulatedTables.ts';
import type { Both, ViewCause, ViewHeld, ViewPlace, ViewSide, ViewSpan, ViewStep } from './view.ts';

/** A run as the time line shows it: what was assumed is told apart, and how it ended is a step of its own. */
interface Watched {
  readonly run: SimulatedRun;
  readonly events: readonly SimulatedEvent[];
  readonly end: SimulatedEvent;
}

/** The steps of both sides, and the events that each of them shows. */
export interface AlignedSteps {
  readonly steps: readonly ViewStep[];
  readonly events: readonly Both<SimulatedEvent>[];
}

/** The steps of both sides, aligned by who does what in which function. */
export function stepsOf(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
): AlignedSteps {
  const [old, made] = [watched(before), watched(after)];
  const pairs = align(keysOf(old), keysOf(made));
  const steps = pairs.map((pair) => stepOf(pair, old, made));
  return {
    steps: steps.map((step, n) => ({
      ...step,
      wrong: both(wrongAt(steps, n, before, 'before'), wrongAt(steps, n, after, 'after')),
    })),
    events: pairs.map((pair) => {
      const was = pair.before === undefined ? undefined : old?.events[pair.before];
      const is = pair.after === undefined ? undefined : made?.events[pair.after];
      return both(was, is);
    }),
  };
}

/** What began a violation, where that is another step: the map of what leaks, the failure that was not tested. */
export function causesOf(
  steps: readonly ViewStep[],
  violations: readonly SimulatedViolation[],
  side: ViewSide,
): readonly ViewCause[] {
  return violations.flatMap(({ id, since }) => {
    const to = steps.findIndex(({ bad }) => bad.includes(side)) + 1;
    const from =
      steps.findIndex(
        ({ at }) => at[side]?.line === since?.line && at[side]?.file === since?.file,
      ) + 1;
    if (since === undefined || from === 0 || from >= to) return [];
    return [
      { side, from, to, text: `${id === 'C-LEAK' ? 'taken' : 'begun'} at line ${since.line}` },
    ];
  });
}

/** A line of C as the page links it. */
export function placeOf(position: Position): ViewPlace;
export function placeOf(position: Position | undefined): ViewPlace | undefined;
export function placeOf(position: Position | undefined): ViewPlace | undefined {
  if (position === undefined) return undefined;
  const { file, line } = position;
  return { file, line, function: position.function };
}

/** The sides that there are. */
export function both<T>(before: T | undefined, after: T | undefined): Both<T> {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function watched(run: SimulatedRun | undefined): Watched | undefined {
  if (run === undefined) return undefined;
  const events = run.events.filter(({ kind }) => kind !== 'assume');
  const judged = run.violations.find((violation) => eventOf(events, violation) === undefined);
  const end: SimulatedEvent = {
    ...{ sequence: events.length + 1, actor: 'cpu', kind: 'end', text: run.outcome },
    // Where it returned is not known; where it took what it keeps is.
    position: judged?.position,
    ...staleIn(events.at(-1)),
  };
  return { run, events: [...events, end], end };
}

/** The event at which something broke: the step that hardware saw, or the one that says so of itself. */
function eventOf(
  events: readonly SimulatedEvent[],
  { id, step }: SimulatedViolation,
): SimulatedEvent | undefined {
  const seen = step === undefined ? undefined : events.find(({ sequence }) => sequence === step);
  return seen ?? events.findLast(({ text }) => text.startsWith(`${id}: `));
}

/** What caches hold when the last event is over, they hold in the end. */
function staleIn(last: SimulatedEvent | undefined): Pick<SimulatedEvent, 'stale'> {
  return last?.stale === undefined ? {} : { stale: last.stale };
}

/** What makes two steps the same: who does what in which function; values and lines may differ. */
function keysOf(side: Watched | undefined): readonly string[] {
  return (side?.events ?? []).map(({ actor, kind, text, position }) => {
    if (kind === 'end') return 'end';
    // What is stored is a value: the sides store at the same place, and the pictures say what differs.
    const said = kind === 'store' ? '' : text.replace(/0x[0-9a-f]+|\d+/gi, '#');
    return `${actor} ${kind} ${position?.function ?? ''} ${said}`;
  });
}

function stepOf(pair: Aligned, old: Watched | undefined, made: Watched | undefined): ViewStep {
  const was = pair.before === undefined ? undefined : old?.events[pair.before];
  const is = pair.after === undefined ? undefined : made?.events[pair.after];
  const event = is ?? was!;
  const only = was === undefined ? 'after' : is === undefined ? 'before' : undefined;
  const broken = both(breaksAt(old, was), breaksAt(made, is));
  const stores = both(
    storesOf(old?.run, was, was === old?.end),
    storesOf(made?.run, is, is === made?.end),
  );
  return {
    text: both(was?.text, is?.text),
    at: both(placeOf(was?.position), placeOf(is?.position)),
    ...(only === undefined ? {} : { only }),
    ...{ lane: event.actor, mark: event.kind, breaks: broken, stores },
    bad: (['before', 'after'] as const).filter((side) => broken[side] !== undefined),
    differs:
      only !== undefined ||
      was?.text !== is?.text ||
      JSON.stringify(stores.before) !== JSON.stringify(stores.after),
    stale: both(was?.stale?.map(staleOf), is?.stale?.map(staleOf)),
    ...{ cached: {}, wrong: {}, owners: {} },
  };
}

function staleOf({ where, kind, domain, iova, to }: SimulatedStale): ViewHeld {
  const reach = to === undefined ? '' : ` to ${to}`;
  const text = `${where.join(', ')}: old ${kind} of ${domain}, ${iova.first}-${iova.last}${reach}`;
  return { text, ...iova };
}

/** What breaks with an event: what it says itself, and at the end what shows only there. */
function breaksAt(
  side: Watched | undefined,
  event: SimulatedEvent | undefined,
): readonly string[] | undefined {
  if (side === undefined || event === undefined) return undefined;
  const found = side.run.violations.filter(
    (violation) => (eventOf(side.events, violation) ?? side.end) === event,
  );
  return found.length === 0 ? undefined : found.map(({ id, message }) => `${id}: ${message}`);
}

/** The addresses that are wrong from a step on: those of what broke up to there. */
function wrongAt(
  steps: readonly ViewStep[],
  n: number,
  run: SimulatedRun | undefined,
  side: ViewSide,
): readonly ViewSpan[] | undefined {
  const said = new Set(steps.slice(0, n + 1).flatMap(({ breaks }) => breaks[side] ?? []));
  const spans = (run?.violations ?? []).flatMap(({ id, message, iova }): ViewSpan[] => {
    const text = `${id}: ${message}`;
    return iova === undefined || !said.has(text) ? [] : [{ ...iova, text }];
  });
  return spans.length === 0 ? undefined : spans;
}
