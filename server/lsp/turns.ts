import type { Slices } from '../text/slices.ts';

/** Who waits for a piece of work. */
export interface Watcher {
  /** False when nobody wants the result any more: a request was cancelled, the text went on. */
  readonly wanted: () => boolean;
  /** Called between two turns with the part that is done, from 0 to 1. */
  readonly progress: (part: number) => void;
}

/** How long work goes on without letting messages in. Unit: milliseconds. */
export const ordinaryTurn = 15;

/**
 * Runs slices in turns of about `turn` milliseconds, and lets edits and cancellations in between them.
 * Gives undefined where nobody wanted the result to the end.
 */
export async function runInTurns<T>(
  slices: Slices<T>,
  turn: number,
  watcher: Watcher,
): Promise<T | undefined> {
  let started = performance.now();
  for (;;) {
    const next = slices.next();
    if (next.done === true) return next.value;
    if (performance.now() - started < turn) continue;
    watcher.progress(next.value);
    await new Promise<void>((go) => setImmediate(go));
    if (!watcher.wanted()) {
      slices.return(undefined as never);
      return undefined;
    }
    started = performance.now();
  }
}
