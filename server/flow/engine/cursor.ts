import { get, set } from '../state/intMap.ts';
import { follow, type Trace } from '../state/trace.ts';
import type { State } from '../state/state.ts';
import { require, type Demand } from '../facts/conditions.ts';
import { field } from '../terms/build.ts';
import { kinds, type Term } from '../terms/term.ts';
import type { Cursor, Run } from './run.ts';
import { turnOf } from './turns.ts';

/** Starts an evaluation with the outcomes chosen so far. */
export function cursorAt(run: Run, state: State, loop: number, choices: readonly number[]): Cursor {
  return {
    run,
    state: { ...state },
    loop,
    choices: [...choices],
    widths: [],
    evaluated: new Map(),
    dead: false,
  };
}

const mostForks = 6;

/**
 * Takes one of `width` outcomes at this point of the evaluation. Undefined where there were too many forks before:
 * nothing may be assumed then, for the other outcomes will not be looked at.
 */
export function choose(cursor: Cursor, width: number): number | undefined {
  const at = cursor.widths.length;
  if (at >= mostForks) return undefined;
  cursor.widths.push(width);
  const chosen = cursor.choices[at] ?? 0;
  cursor.choices[at] = chosen;
  return chosen;
}

/** The combination to evaluate after this one, or undefined when all are done. */
export function nextChoices(cursor: Cursor): number[] | undefined {
  const next = cursor.choices.slice(0, cursor.widths.length);
  for (let at = next.length - 1; at >= 0; at--) {
    if (next[at]! + 1 < cursor.widths[at]!) {
      next[at]!++;
      return next.slice(0, at + 1);
    }
  }
  return undefined;
}

/** Value of a location. */
export function read(cursor: Cursor, location: Term): Term {
  const { table } = cursor.run;
  const held = get(cursor.state.env, location);
  if (held !== undefined || table.kind(location) !== kinds.field) return held ?? location;
  // A member of a struct that was written as a whole: filled in by a callee, or copied.
  const whole = read(cursor, table.part(location, 0));
  return whole === table.part(location, 0)
    ? location
    : field(table, whole, table.text(table.part(location, 1)));
}

/** Sets a location. */
export function write(cursor: Cursor, location: Term, value: Term): void {
  cursor.state.env = set(cursor.state.env, location, value);
}

/** Adds a demand; the evaluation dies where it contradicts. */
export function demand(cursor: Cursor, term: Term, what: Demand): void {
  const known = require(cursor.run.table, cursor.state.known, term, what);
  if (known === undefined) cursor.dead = true;
  else cursor.state.known = known;
}

/** Remembers an event of the path. */
export function remember(cursor: Cursor, event: Omit<Trace, 'parent'>): void {
  cursor.state.trace = follow(cursor.state.trace, event);
}

/** A value nothing is known about, the same whenever this expression is evaluated in this turn. */
export function unknownAt(cursor: Cursor, expr: { readonly id: number }, hint: string): Term {
  const { run } = cursor;
  return run.table.freshAt(run.base + expr.id, turnOf(cursor.state), hint);
}
