import { forEach, get, remove, set } from '../state/intMap.ts';
import type { State } from '../state/state.ts';

/** A number for the combination of loop turns a state is in. */
export function turnOf(state: State): number {
  let turn = 0;
  forEach(state.counters, (loop, count) => {
    turn = (Math.imul(turn, 31) + loop * 7 + count) | 0;
  });
  return turn;
}

/** Counts an arrival at a loop head: over the back edge, or afresh. */
export function arrive(state: State, loop: number, over: 'back edge' | 'entry'): number {
  const count = over === 'entry' ? 1 : (get(state.counters, loop) ?? 0) + 1;
  state.counters = set(state.counters, loop, count);
  return count;
}

/** Forgets the counter of a loop that was left. */
export function leave(state: State, loop: number): void {
  state.counters = remove(state.counters, loop);
}
