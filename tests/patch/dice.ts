/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface Dice {
  /** Whole number from 0 to below `end`. */
  below(end: number): number;
  of<T>(list: readonly T[]): T;
}

/** Dice that always fall the same way for a seed. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    below: (end) => Math.floor(next() * end),
    of: (list) => list[Math.floor(next() * list.length)]!,
  };
}
