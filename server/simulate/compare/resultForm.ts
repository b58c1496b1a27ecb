import { hex } from '../machine/values.ts';
import type { StackEntry } from '../machine/whereabouts.ts';
import { CONTRACTS } from '../watch/violation.ts';
import type { ContractId, Violation } from '../watch/violation.ts';
import type { SeenTable } from '../watch/hardware.ts';
import type { KeyedChoice } from './keyedChooser.ts';
import type { Pair } from './pair.ts';
import type { RunEvent, SideRun } from './runSide.ts';
import type {
  Position,
  SimulatedChoice,
  SimulatedEvent,
  SimulatedRun,
  SimulatedTable,
  SimulatedViolation,
} from './simulation.ts';

function positionOf(place: StackEntry | undefined): Position | undefined {
  return place === undefined ? undefined : { ...place };
}

/** A violation in the form of a result. */
export function violationOf(violation: Violation): SimulatedViolation {
  const { id, message, place, since, iova, page } = violation;
  return {
    ...{ id, message, position: positionOf(place), since: positionOf(since) },
    rules: id in CONTRACTS ? CONTRACTS[id as ContractId].rules : [],
    ...(iova === undefined ? {} : { iova: { first: hex(iova.first), last: hex(iova.last) } }),
    ...(page === undefined ? {} : { page: hex(page) }),
  };
}

/** A run in the form of a result. */
export function runOf({ ending, events, violations, hardware }: SideRun): SimulatedRun {
  return {
    outcome: ending.kind === 'returned' ? `returns ${ending.value}` : ending.message,
    events: events.flatMap((event, i) => eventOf(event, i + 1)),
    violations: violations.map(violationOf),
    tables: hardware?.tables.map(tableOf) ?? [],
    accesses:
      hardware?.accesses.map(({ iova, ...access }) => ({ ...access, iova: hex(iova) })) ?? [],
  };
}

function eventOf({ event, place }: RunEvent, sequence: number): SimulatedEvent[] {
  const position = positionOf(place);
  switch (event.kind) {
    case 'model':
      return [
        {
          sequence,
          actor: 'driver',
          kind: event.name,
          text: `${event.name}(): ${event.text}`,
          position,
        },
      ];
    case 'print':
    case 'warn':
    case 'note':
    case 'assume':
      return [{ sequence, actor: 'cpu', kind: event.kind, text: event.text, position }];
    default:
      return [];
  }
}

/** A choice in the form of a result. */
export function choiceOf({ question, kind, value }: KeyedChoice): SimulatedChoice {
  return { about: question, kind, value: shownValue(value) };
}

function shownValue(value: KeyedChoice['value']): string {
  return typeof value === 'number' && value < -0x100000000 ? 'an object' : String(value);
}

/** The models that stood in for the kernel in a pair of runs. */
export function modelsOf({ after, before }: Pair): readonly string[] {
  const names = [...after.events, ...before.events].flatMap(({ event }) =>
    event.kind === 'model' ? [event.name] : [],
  );
  return [...new Set(names)].sort();
}

function tableOf({ entries, physical, ...table }: SeenTable): SimulatedTable {
  return {
    ...table,
    physical: hex(physical),
    entries: entries.map(({ index, iova, at, bits, kind, to, text }) => ({
      ...{ index, iova: hex(iova), physical: hex(at), bits: hex(bits), text },
      ...(kind === 'invalid' ? { kind: 'leaf' as const } : { kind, to: hex(to) }),
    })),
  };
}
