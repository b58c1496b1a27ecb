import type { Type } from '../../../cfront/types/type.ts';
import { ADDRESS_SPACE } from '../../machine/addressSpace.ts';
import type { Value } from '../../machine/values.ts';
import { hex, isAddress } from '../../machine/values.ts';
import type { StackEntry } from '../../machine/whereabouts.ts';
import { CONTRACTS } from '../../watch/violation.ts';
import type { GivenStep } from '../../watch/guestDma.ts';
import type { Pictures } from '../../watch/pictures.ts';
import type { ContractId, Violation } from '../../watch/violation.ts';
import { isError, toldError, toldErrorPointer, toldResult } from '../../toldResult.ts';
import type { ErrorNames } from '../../toldResult.ts';
import type { KeyedChoice } from '../run/keyedChooser.ts';
import type { Pair } from '../run/pair.ts';
import type { RunEvent, SideRun } from '../run/runSide.ts';
import { withGiven } from './givenSteps.ts';
import { accessOf, memoryOf, tableOf, watchedEvents } from './watchedSteps.ts';
import type {
  Position,
  SimulatedChoice,
  SimulatedEvent,
  SimulatedRun,
  SimulatedViolation,
} from './simulation.ts';

function positionOf(place: StackEntry | undefined): Position | undefined {
  return place === undefined ? undefined : { ...place };
}

/** A violation in the form of a result. */
export function violationOf(violation: Violation): SimulatedViolation {
  const { id, message, place, since, iova, domain, page, holding } = violation;
  return {
    ...{ id, message, position: positionOf(place), since: positionOf(since) },
    rules: id in CONTRACTS ? CONTRACTS[id as ContractId].rules : [],
    ...(iova === undefined ? {} : { iova: { first: hex(iova.first), last: hex(iova.last) } }),
    ...(domain === undefined ? {} : { domain }),
    ...(page === undefined ? {} : { page: hex(page) }),
    ...(holding === undefined ? {} : { holding }),
  };
}

/** What of a run is shown. */
export type ShownParts = Pick<SideRun, 'ending' | 'events' | 'violations' | 'hardware'>;

/** A run in the form of a result. `entry`: the function that was called; `unit`: where errors have their names. */
export function runOf(
  { ending, events, violations, hardware }: ShownParts,
  entry: string,
  unit: ErrorNames,
): SimulatedRun {
  const told = events.flatMap((event, index) => {
    const shown = eventOf(event);
    return shown === undefined ? [] : [{ index, event: shown }];
  });
  const given = hardware?.given ?? [];
  const traced = withGiven(told, given);
  const pictures = hardware?.pictures();
  const watched = pictures === undefined ? undefined : watchedEvents(traced, pictures, entry);
  const shown =
    watched?.events ?? traced.map(({ event }, index) => ({ ...event, sequence: index + 1 }));
  return {
    outcome: ending.kind === 'returned' ? returned(ending.result, unit) : ending.message,
    endedAt: positionOf(ending.kind === 'returned' ? ending.place : ending.stack[0]),
    events: shown,
    violations: violations.map((violation) => {
      const { operation } = violation;
      const step =
        operation === undefined
          ? stepOfGiven(shown, given, violation)
          : watched?.sequenceOf(operation);
      return { ...violationOf(violation), ...(step === undefined ? {} : { step }) };
    }),
    tables: pictures?.tables.map(tableOf) ?? [],
    accesses: pictures?.accesses.map(accessOf) ?? [],
    ...(watched?.gather === undefined ? {} : { gather: watched.gather }),
    ...(pictures === undefined ? {} : memoryParts(pictures)),
    ...(hardware === undefined ? {} : { notWatched: hardware.notWatched }),
  };
}

function returned(
  { type, value }: { readonly type: Type; readonly value: Value },
  unit: ErrorNames,
): string {
  return `returns ${toldResult(unit, type, value)}`;
}

/** The step at which a device was given something that it should not have. */
function stepOfGiven(
  events: readonly SimulatedEvent[],
  given: readonly GivenStep[],
  { given: index }: Violation,
): number | undefined {
  const step = index === undefined ? undefined : given[index];
  return events.find((event) => event.given?.number === step?.number && event.kind === step?.what)
    ?.sequence;
}

/** What memory is, and which bit encrypts it; nothing where the situation says nothing of it. */
function memoryParts({
  memory,
  encryptionMask,
}: Pictures): Pick<SimulatedRun, 'memory' | 'encryptionBit'> {
  return {
    ...(memory.length === 0 ? {} : { memory: memory.map(memoryOf) }),
    ...(encryptionMask === 0n ? {} : { encryptionBit: encryptionMask.toString(2).length - 1 }),
  };
}

function eventOf({ event, site }: RunEvent): Omit<SimulatedEvent, 'sequence'> | undefined {
  const position = positionOf(site?.place);
  switch (event.kind) {
    case 'model': {
      const { name: kind, actor = 'kernel', holding } = event;
      // What a driver of IOMMUs is asked has a name of its own; all else is called what the source calls it.
      const name = actor === 'driver' ? kind : (site?.callee() ?? kind);
      const text = `${name}(): ${event.text}`;
      return { actor, kind, text, position, ...(holding === undefined ? {} : { holding }) };
    }
    case 'note': {
      const call = site?.callee();
      const { kind, text } = event;
      return { actor: 'cpu', kind, text, position, ...(call === undefined ? {} : { call }) };
    }
    case 'changed':
    case 'print':
    case 'warn':
    case 'assume':
      return { actor: 'cpu', kind: event.kind, text: event.text, position };
    default:
      return undefined;
  }
}

/** A choice in the form of a result. `unit`: where errors have their names. */
export function choiceOf(
  { question, kind, value, isPointer }: KeyedChoice,
  unit: ErrorNames,
): SimulatedChoice {
  if (kind === 'result' && typeof value === 'number' && isError(value)) {
    const told = isPointer ? toldErrorPointer : toldError;
    return { about: question, kind, value: told(unit, value) };
  }
  return { about: question, kind, value: toldValue(value) };
}

/** A value; addresses are invented, and say nothing to anybody. */
function toldValue(value: Value): string {
  if (isAddress(value)) return 'an object';
  const { text, image } = ADDRESS_SPACE;
  const isFunction = typeof value === 'number' && value >= text && value < image;
  return isFunction ? 'a function' : String(value);
}

/** The models that stood in for the kernel in a pair of runs. */
export function modelsOf({ after, before }: Pair): readonly string[] {
  const names = [...after.events, ...before.events].flatMap(({ event, site }) => {
    if (event.kind !== 'model') return [];
    return [event.actor === 'driver' ? event.name : (site?.callee() ?? event.name)];
  });
  return [...new Set(names)].sort();
}
