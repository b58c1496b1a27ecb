import type {
  Actor,
  Position,
  SimulatedEvent,
  SimulatedRun,
  SimulatedViolation,
} from '../../simulate/compare/result/simulation.ts';
import { align, type Aligned } from './align.ts';
import { both } from './sides.ts';
import { heldAfter, type HeldAfter, type StepOf } from './simulatedCaches.ts';
import { storesOf } from './simulatedTables.ts';
import type { Both, ViewCause, ViewPlace, ViewSide, ViewSpan, ViewStep } from './view.ts';
import { watched, type Watched } from './watched.ts';

/** The steps of both sides, and the events that each of them shows. */
export interface AlignedSteps {
  readonly steps: readonly ViewStep[];
  readonly events: readonly Both<SimulatedEvent>[];
  readonly sides: Both<Watched>;
}

/** The steps of both sides, aligned by who does what in which function. */
export function stepsOf(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
): AlignedSteps {
  const [old, made] = [watched(before), watched(after)];
  // A changed line that does the same on both sides is no step of its own.
  const pairs = align(keysOf(old), keysOf(made)).filter(
    (pair) => !isSameOfChanged(eventAt(old, pair.before), eventAt(made, pair.after)),
  );
  const held = both(heldAt(pairs, old, 'before'), heldAt(pairs, made, 'after'));
  const steps = pairs.map((pair, n) => ({
    ...stepOf(pair, old, made),
    ...heldParts(held.before?.[n], held.after?.[n]),
  }));
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
    sides: both(old, made),
  };
}

function eventAt(side: Watched | undefined, index: number | undefined): SimulatedEvent | undefined {
  return index === undefined ? undefined : side?.events[index];
}

function isSameOfChanged(was: SimulatedEvent | undefined, is: SimulatedEvent | undefined): boolean {
  return was?.kind === 'changed' && is?.kind === 'changed' && was.text === is.text;
}

/** Whether a changed line that only one side has did something: put another value somewhere. */
function assigns({ text }: SimulatedEvent): boolean {
  return / -> | = /.test(text);
}

/** What began a violation, where that is another step: the map of what leaks, the failure that was not tested. */
export function causesOf(
  { steps, events }: AlignedSteps,
  violations: readonly SimulatedViolation[],
  side: ViewSide,
): readonly ViewCause[] {
  return violations.flatMap(({ id, message, since, holding }) => {
    const text = `${id}: ${message}`;
    const to = steps.findIndex(({ breaks }) => breaks[side]?.includes(text) === true) + 1;
    const began = (event: SimulatedEvent | undefined): boolean =>
      holding === undefined
        ? event?.position?.line === since?.line && event?.position?.file === since?.file
        : event?.holding?.number === holding;
    const from = events.findIndex((event) => began(event[side])) + 1;
    if (since === undefined || from === 0 || from >= to) return [];
    const failed = events[from - 1]?.[side]?.holding?.what === 'failed';
    return [{ side, from, to, text: `${failed ? 'failed' : 'begun'} at line ${since.line}` }];
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

/** Who acts, as the time line calls them, in its order. */
const LANE_OF: Readonly<Record<Actor | 'memory' | 'changed', string>> = {
  cpu: 'CPU',
  changed: 'changed lines',
  kernel: 'other kernel code',
  // Breaks behind the stroke where there is no room.
  api: 'DMA/\u200bIOMMU API',
  memory: 'memory',
  driver: 'IOMMU driver',
  queue: 'command queue',
  iommu: 'IOMMU',
  device: 'device',
};

/** The lanes of the time line, top to bottom. */
export const LANES: readonly string[] = Object.values(LANE_OF);

/** Steps of a watched run that are about pages, and those that are calls of the interface. */
const OF_MEMORY: ReadonlySet<string> = new Set([
  ...['store', 'clean', 'alloc', 'free', 'unpin', 'gather'],
]);
const OF_INTERFACE: ReadonlySet<string> = new Set(['map', 'unmap', 'note']);

function laneOf({ actor, kind }: SimulatedEvent): string {
  if (actor !== 'cpu') return LANE_OF[actor];
  if (kind === 'changed') return LANE_OF.changed;
  if (OF_MEMORY.has(kind)) return LANE_OF.memory;
  return OF_INTERFACE.has(kind) ? LANE_OF.api : LANE_OF.cpu;
}

/** A word for the mark: what is called, as the source spells it, with a sign where it fails, or what happens. */
function markOf(
  { actor, kind, text, call, holding, position }: SimulatedEvent,
  only: ViewSide | undefined,
): string {
  const called = /^([\w.>-]+)\(\): /.exec(text)?.[1];
  const sign = holding?.what === 'failed' ? '○ ' : '';
  if (kind === 'changed') return `${only === 'before' ? '−' : '+'}${position?.line ?? ''}`;
  // A command is called what the manual calls it; its fields come behind the name.
  if (kind === 'command') return /^[^=(:]+(?= \w+=| \(|:|$)/.exec(text)?.[0] ?? kind;
  if (actor !== 'cpu') return `${sign}${called?.replace(/^.*(?:->|\.)/, '') ?? kind}`;
  if (kind === 'note') return call ?? 'call';
  return kind === 'warn' ? 'WARN' : kind;
}

const OF_VALUES: ReadonlySet<string> = new Set(['store', 'gather', 'given']);

/** What makes two steps the same: who does what in which function; values and lines may differ. */
function keysOf(side: Watched | undefined): readonly string[] {
  return (side?.events ?? []).map(({ actor, kind, text, position }) => {
    if (kind === 'end') return 'end';
    // What is stored, gathered or given is a value: the sides store at the same place, and the pictures say what differs.
    const said = OF_VALUES.has(kind) ? '' : text.replace(/0x[0-9a-f]+|\d+/gi, '#');
    return `${actor} ${kind} ${position?.function ?? ''} ${said}`;
  });
}

/** The steps of the events of a side, by their sequence numbers; what is not shown is told with the one before it. */
function numbersOf(
  pairs: readonly Aligned[],
  watched: Watched | undefined,
  side: ViewSide,
): StepOf | undefined {
  if (watched === undefined) return undefined;
  const steps = pairs.flatMap((pair, n) => {
    const event = pair[side] === undefined ? undefined : watched.events[pair[side]];
    return event === undefined ? [] : [{ sequence: event.sequence, step: n + 1 }];
  });
  return (sequence) => steps.findLast((one) => one.sequence <= sequence)?.step ?? 1;
}

/** What caches hold on a side after each step; where only the other side does something, they hold what they held. */
function heldAt(
  pairs: readonly Aligned[],
  watched: Watched | undefined,
  side: ViewSide,
): readonly HeldAfter[] | undefined {
  const stepOfEvent = numbersOf(pairs, watched, side);
  if (watched === undefined || stepOfEvent === undefined) return undefined;
  let last = heldAfter(undefined, stepOfEvent);
  return pairs.map((pair) => {
    const at = pair[side];
    if (at !== undefined) last = heldAfter(watched.events[at], stepOfEvent);
    return last;
  });
}

function heldParts(
  was: HeldAfter | undefined,
  is: HeldAfter | undefined,
): Pick<ViewStep, 'cached' | 'stale' | 'gather'> {
  const gather = both(was?.gather, is?.gather);
  return {
    cached: both(was?.cached, is?.cached),
    stale: both(was?.stale, is?.stale),
    ...(Object.keys(gather).length === 0 ? {} : { gather }),
  };
}

function stepOf(
  pair: Aligned,
  old: Watched | undefined,
  made: Watched | undefined,
): Omit<ViewStep, 'cached' | 'stale' | 'gather'> {
  const was = pair.before === undefined ? undefined : old?.events[pair.before];
  const is = pair.after === undefined ? undefined : made?.events[pair.after];
  const event = is ?? was!;
  const only = was === undefined ? 'after' : is === undefined ? 'before' : undefined;
  const broken = both(breaksAt(old, was), breaksAt(made, is));
  const stores = both(
    storesOf(old?.run, was, was === old?.end),
    storesOf(made?.run, is, is === made?.end),
  );
  const text = both(textOf(was), textOf(is));
  return {
    text,
    at: both(placeOf(was?.position), placeOf(is?.position)),
    ...(only === undefined ? {} : { only }),
    ...{ lane: laneOf(event), mark: markOf(event, only), breaks: broken, stores },
    bad: (['before', 'after'] as const).filter((side) => broken[side] !== undefined),
    differs:
      (only !== undefined && (event.kind !== 'changed' || assigns(event))) ||
      (only === undefined && text.before !== text.after) ||
      broken.before?.join() !== broken.after?.join() ||
      JSON.stringify(stores.before) !== JSON.stringify(stores.after),
    ...{ wrong: {}, owners: {} },
  };
}

/** A call that breaks a contract and does nothing else says only that. */
function textOf(event: SimulatedEvent | undefined): string | undefined {
  if (event?.kind === 'print') return `prints "${event.text}"`;
  if (event?.kind !== 'note') return event?.text;
  const told = event.text.replace(/^C-[A-Z-]+: /, '');
  return event.call === undefined ? told : `${event.call}(): ${told}`;
}

function breaksAt(
  side: Watched | undefined,
  event: SimulatedEvent | undefined,
): readonly string[] | undefined {
  const found = event === undefined ? undefined : side?.broken.get(event);
  return found?.map(({ id, message }) => `${id}: ${message}`);
}

/** The addresses that are wrong from a step on: those of what broke up to there. */
function wrongAt(
  steps: readonly ViewStep[],
  n: number,
  run: SimulatedRun | undefined,
  side: ViewSide,
): readonly ViewSpan[] | undefined {
  const said = new Set(steps.slice(0, n + 1).flatMap(({ breaks }) => breaks[side] ?? []));
  const spans = (run?.violations ?? []).flatMap(({ id, message, iova, domain }): ViewSpan[] => {
    const text = `${id}: ${message}`;
    const where = domain === undefined ? {} : { domain };
    return iova === undefined || !said.has(text) ? [] : [{ ...iova, ...where, text }];
  });
  return spans.length === 0 ? undefined : spans;
}
