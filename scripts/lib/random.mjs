// Numbers that look random and are the same for the same seed (mulberry32), for scripts that print their seed.
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    /** Whole number from 0 to below `end`. */
    below: (end) => Math.floor(next() * end),
    /** One of a list. */
    of: (list) => list[Math.floor(next() * list.length)],
  };
}
