import type {
  SimulatedEvent,
  SimulatedRun,
  SimulatedViolation,
} from '../../simulate/compare/result/simulation.ts';

/** A run as the time line shows it: what was assumed is told apart, and how it ended is a step of its own. */
export interface Watched {
  readonly run: SimulatedRun;
  readonly events: readonly SimulatedEvent[];
  readonly end: SimulatedEvent;
  /** What breaks at each event, where something does. */
  readonly broken: ReadonlyMap<SimulatedEvent, readonly SimulatedViolation[]>;
}

/** A run as the time line shows it. */
export function watched(run: SimulatedRun | undefined): Watched | undefined {
  if (run === undefined) return undefined;
  const { events, noted } = withoutNotes(run);
  const broken = new Map<SimulatedEvent, SimulatedViolation[]>();
  const isAtEnd = ({ step }: SimulatedViolation): boolean =>
    events.every(({ sequence }) => sequence !== step);
  const last = run.violations.find((violation) => isAtEnd(violation) && !noted.has(violation));
  const end = endOf(run, events, last);
  for (const violation of run.violations) {
    const { step } = violation;
    const seen = step === undefined ? undefined : events.find(({ sequence }) => sequence === step);
    const at = seen ?? noted.get(violation) ?? end;
    broken.set(at, [...(broken.get(at) ?? []), violation]);
  }
  return { run, events: [...events, end], end, broken };
}

function endOf(
  { outcome, endedAt, gather }: SimulatedRun,
  events: readonly SimulatedEvent[],
  last: SimulatedViolation | undefined,
): SimulatedEvent {
  return {
    ...{ sequence: events.length + 1, actor: 'cpu', kind: 'end', text: outcome },
    // Without a statement that returns, what breaks with the end has at least a place where it began.
    position: endedAt ?? last?.position,
    ...heldIn(events.at(-1)),
    ...(gather === undefined ? {} : { gather }),
  };
}

/** What caches hold when the last event is over, they hold in the end. */
function heldIn(last: SimulatedEvent | undefined): Pick<SimulatedEvent, 'stale' | 'iotlb'> {
  return {
    ...(last?.stale === undefined ? {} : { stale: last.stale }),
    ...(last?.iotlb === undefined ? {} : { iotlb: last.iotlb }),
  };
}

/** The events, without what says that the one after it breaks something: that one says so itself. */
function withoutNotes({ events: all, violations }: SimulatedRun): {
  readonly events: readonly SimulatedEvent[];
  readonly noted: ReadonlyMap<SimulatedViolation, SimulatedEvent>;
} {
  const noted = new Map<SimulatedViolation, SimulatedEvent>();
  const told = all.filter(({ kind }) => kind !== 'assume');
  const events = told.filter((event, n) => {
    const violation =
      event.kind === 'note'
        ? violations.find((one) => !noted.has(one) && `${one.id}: ${one.message}` === event.text)
        : undefined;
    if (violation === undefined) return true;
    const next = told[n + 1];
    const isSameCall = next !== undefined && isOfCall(next, event);
    noted.set(violation, isSameCall ? next : event);
    return !isSameCall;
  });
  return { events, noted };
}

function isOfCall({ actor, position }: SimulatedEvent, note: SimulatedEvent): boolean {
  const at = note.position;
  return (
    actor === 'api' &&
    position?.file === at?.file &&
    position?.line === at?.line &&
    position?.column === at?.column
  );
}
