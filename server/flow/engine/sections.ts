import type { Call } from '../../program/ir.ts';
import type { State } from '../state/state.ts';
import type { AtomicChange } from '../summaries/summary.ts';
import { spelling, type Cursor } from './run.ts';

/** Sections that a path remembers to be in. */
const mostSections = 6;

/** From here on the path may not sleep, because of this call. */
export function enterAtomic({ run, state }: Cursor, call: Call): void {
  if (state.atomic.length >= mostSections) return;
  const section = { name: spelling(run, call), start: call.start, end: call.end };
  state.atomic = [...state.atomic, section];
}

/** The innermost section ends: one of this function, or one that its caller entered. */
export function leaveAtomic(state: State): void {
  if (state.atomic.length > 0) state.atomic = state.atomic.slice(0, -1);
  else if (state.leftAtomic < mostSections) state.leftAtomic++;
}

/** What states that end alike leave and enter; unknown where they differ. */
export function atomicChange(states: readonly State[]): AtomicChange {
  const [first] = states;
  if (first === undefined) return 'unknown';
  const { leftAtomic: leaves, atomic } = first;
  const agree = states.every(
    (state) => state.leftAtomic === leaves && state.atomic.length === atomic.length,
  );
  return agree ? { leaves, enters: atomic.length } : 'unknown';
}

/** What a function of the file locked or unlocked holds for its caller. Where nobody knows, nobody is accused of sleeping. */
export function applyAtomic(cursor: Cursor, call: Call, change: AtomicChange): void {
  const { state } = cursor;
  if (change === 'unknown') {
    state.atomic = [];
    return;
  }
  for (let i = 0; i < change.leaves; i++) leaveAtomic(state);
  for (let i = 0; i < change.enters; i++) enterAtomic(cursor, call);
}
