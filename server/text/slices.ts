/**
 * Work in slices: between two of them the caller can show how far it is, let others run, or drop it.
 * What is yielded is the part that is done. Range: 0 to 1, never falling. The result does not depend on the slices.
 */
export type Slices<T> = Generator<number, T, undefined>;

/** Runs all slices at once. */
export function runSlices<T>(slices: Slices<T>): T {
  for (;;) {
    const next = slices.next();
    if (next.done === true) return next.value;
  }
}

/** Passes slices on as a part of larger work, from `from` to `to` of it. */
export function* partOf<T>(slices: Slices<T>, from: number, to: number): Slices<T> {
  try {
    for (;;) {
      const next = slices.next();
      if (next.done === true) return next.value;
      yield from + (to - from) * next.value;
    }
  } finally {
    // Dropped half way: the part puts things in order as well.
    slices.return(undefined as never);
  }
}
