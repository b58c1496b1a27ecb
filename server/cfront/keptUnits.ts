import type { Preamble } from './preprocess/preprocess.ts';
import type { SourceSnapshot } from './preprocess/sources.ts';
import type { Unit } from './unit.ts';

/** Something that was made of files, with the state of the tree in which they were read. */
interface Kept<T> {
  readonly made: T;
  readonly from: SourceSnapshot;
}

/** More than the units that one simulation links. */
const MOST_KEPT = 12;

/**
 * Units of tree files, and what edited files begin with, from one state of a tree to the next. They are used again as
 * long as every file that was asked for is as it was, there or not. Dropping this costs time only.
 */
export class KeptUnits {
  private readonly units = new Map<string, Kept<Unit>>();
  private readonly preambles = new Map<string, Kept<Preamble>>();

  /** A unit by path and configuration, if a snapshot of the tree would give the same. */
  unit(key: string, now: SourceSnapshot): Unit | undefined {
    return usable(this.units, key, now);
  }

  keepUnit(key: string, made: Unit, from: SourceSnapshot): void {
    keep(this.units, key, { made, from });
  }

  /** What a file begins with; whether it still begins with that is for the preprocessor to see. */
  preamble(key: string, now: SourceSnapshot): Preamble | undefined {
    return usable(this.preambles, key, now);
  }

  keepPreamble(key: string, made: Preamble, from: SourceSnapshot): void {
    keep(this.preambles, key, { made, from });
  }
}

function usable<T>(all: Map<string, Kept<T>>, key: string, now: SourceSnapshot): T | undefined {
  const found = all.get(key);
  if (found === undefined) return undefined;
  all.delete(key);
  if (!found.from.isSameIn(now)) return undefined;
  all.set(key, found);
  return found.made;
}

function keep<T>(all: Map<string, Kept<T>>, key: string, kept: Kept<T>): void {
  all.delete(key);
  all.set(key, kept);
  const [oldest] = all.keys();
  if (all.size > MOST_KEPT && oldest !== undefined) all.delete(oldest);
}
