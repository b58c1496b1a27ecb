import { UNKNOWN } from '../../kernel/unknown.ts';
import type { Violation } from '../../watch/violation.ts';
import type { Plan } from './keyedChooser.ts';
import type { RunEnding, SideRun } from './runSide.ts';

/** The runs of both sides in one environment. */
export interface Pair {
  readonly plan: Plan;
  readonly before: SideRun;
  readonly after: SideRun;
  /** How much more the file gives back after the change of what an interface gives out, counted in calls. */
  readonly givenBackMore?: (api: string) => number;
}

/** How what the sides broke differs. */
export interface PairDifference {
  /** Broken after and not before. */
  readonly newly: readonly Violation[];
  /** Broken before and not after. */
  readonly fixed: readonly Violation[];
  /** Broken on both sides. */
  readonly both: readonly Violation[];
}

/** Ends of a run that are no limit of the machine: memory that is not there, or a BUG(). */
export const CRASHES: ReadonlySet<string> = new Set([
  ...['null-pointer', 'freed-memory', 'bad-pointer', 'unbacked', 'division-by-zero', 'bug'],
]);

/** Compares what two runs broke. A side that was cut short can neither accuse nor acquit. */
export function difference({ before, after, givenBackMore }: Pair): PairDifference {
  const old = withEnd(before);
  const made = withEnd(after);
  const newly = without(made, old);
  const owns = before.ownsOlder && after.ownsOlder;
  const more = givenBackMore ?? (() => 0);
  const dropped = keptOf(after, before, 'gave back before the change').filter(
    ({ subject }) => more(subject) < 0 || (owns && !isLeaking(newly, subject)),
  );
  const fixed = without(old, made);
  const mended = keptOf(before, after, 'gives back after it').filter(
    ({ subject }) => more(subject) > 0 || (owns && !isLeaking(fixed, subject)),
  );
  return {
    newly: isComplete(before.ending) && isKnown(after) ? [...newly, ...dropped] : [],
    fixed: isComplete(after.ending) && isKnown(before) ? [...fixed, ...mended] : [],
    both: made.filter((violation) => !newly.includes(violation)),
  };
}

/** Whether it is said already that something of an interface is kept. */
function isLeaking(violations: readonly Violation[], api: string): boolean {
  return violations.some(({ id, subject }) => id === 'C-LEAK' && subject === api);
}

/** What was taken before the entry ran and one side still holds in the end, although the other gave it back. */
function keptOf(one: SideRun, other: SideRun, how: string): Violation[] {
  if (one.ending.kind !== 'returned' || other.ending.kind !== 'returned') return [];
  if (one.ending.value !== other.ending.value) return [];
  // Somebody who is only asked here may be the one who gives it back now.
  const asked = unknownsOf(other);
  if ([...unknownsOf(one)].some((name) => !asked.has(name))) return [];
  return one.older.flatMap(({ api, what, state, managed, taken }, i) => {
    const its = other.older[i];
    const isKept = state === 'held' && its?.state === 'returned' && its.api === api && !managed;
    if (!isKept) return [];
    const message = `keeps ${what}, which it ${how}`;
    return [{ id: 'C-LEAK', message, subject: api, place: taken, since: taken }];
  });
}

/** The functions that were called and that nothing is known of. */
function unknownsOf({ events }: SideRun): ReadonlySet<string> {
  return new Set(
    events.flatMap(({ event }) =>
      event.kind === 'model' && UNKNOWN.has(event.text) ? [event.name] : [],
    ),
  );
}

function isComplete(ending: RunEnding): boolean {
  return ending.kind === 'returned';
}

/** Whether how a run ended says something of the C, and not of what the machine can do. */
function isKnown({ ending, isEndless }: SideRun): boolean {
  return ending.kind === 'returned' || CRASHES.has(ending.stop) || isEndless === true;
}

/** What a run broke, a crash or a wait without end included. */
function withEnd({ ending, violations, isEndless, steps }: SideRun): readonly Violation[] {
  if (ending.kind === 'returned') return violations;
  if (!CRASHES.has(ending.stop) && isEndless !== true) return violations;
  const place = ending.stack.find(({ file }) => file.endsWith('.c')) ?? ending.stack[0];
  const about = { subject: ending.stop, place, since: undefined };
  const message = `does not come to its end: it still runs after ${steps - 1} steps`;
  const end: Violation =
    isEndless === true
      ? { id: 'C-END', message, ...about }
      : { id: 'C-CRASH', message: ending.message, ...about };
  return [...violations, end];
}

/** Those of `from` that `others` does not have as often, by contract, interface and function. */
function without(from: readonly Violation[], others: readonly Violation[]): readonly Violation[] {
  const left = new Map<string, number>();
  for (const violation of others) {
    const key = keyOf(violation);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  return from.filter((violation) => {
    const key = keyOf(violation);
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

function keyOf({ id, subject, iova }: Violation): string {
  return `${id} ${subject} ${iova?.first ?? ''}`;
}

/** Whether everything that could be observed of two runs is equal: in order, and in what is left in memory. */
export function sameBehaviour({ before, after }: Pair): boolean {
  return hasSameEvents({ before, after }) && otherStore({ before, after }) === undefined;
}

/** Whether the same happened in two runs, and the same was returned. */
export function hasSameEvents({ before, after }: Pick<Pair, 'before' | 'after'>): boolean {
  return observed(before) === observed(after);
}

/** The first place, by name, that the sides left with different contents. */
export function otherStore({ before, after }: Pick<Pair, 'before' | 'after'>): string | undefined {
  const places = [...new Set([...before.stores.keys(), ...after.stores.keys()])].sort();
  return places.find((place) => before.stores.get(place) !== after.stores.get(place));
}

function observed({ ending, events, hardware }: SideRun): string {
  const end = ending.kind === 'returned' ? `returns ${ending.value}` : `stops ${ending.message}`;
  const lines = events.flatMap(({ event }) => {
    switch (event.kind) {
      case 'model':
        return [`${event.name} ${event.text}`];
      case 'print':
      case 'warn':
      case 'note':
        return [`${event.kind} ${event.text}`];
      default:
        return [];
    }
  });
  return [...lines, ...(hardware?.contents ?? []), end].join('\n');
}
