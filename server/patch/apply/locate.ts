/** A text to search in: each distinct line is one number. */
export interface Haystack {
  readonly ids: Int32Array;
  /** The number of a line; -1 for one that the text does not have. */
  id(line: string): number;
}

/** Numbers the lines of a text. `key` decides which lines are the same. */
export function haystack(lines: readonly string[], key: (line: string) => string): Haystack {
  const numbers = new Map<string, number>();
  const ids = new Int32Array(lines.length);
  for (const [index, line] of lines.entries()) {
    const text = key(line);
    let id = numbers.get(text);
    if (id === undefined) {
      id = numbers.size;
      numbers.set(text, id);
    }
    ids[index] = id;
  }
  return { ids, id: (line) => numbers.get(key(line)) ?? -1 };
}

/** What to look for. */
export interface Needle {
  readonly ids: Int32Array;
  /** Context lines at the ends. */
  readonly prefix: number;
  readonly suffix: number;
  /** 1-based line where it is expected. */
  readonly guess: number;
  /** 1-based line that the header names: a hunk at the first line with less context before than behind begins the file. */
  readonly first: number;
  /** 1-based last line that earlier hunks have used. */
  readonly frozen: number;
}

/** Comparisons of lines that are left; shared by all hunks of a patch, so that hostile input costs a bounded time. */
export interface SearchBudget {
  left: number;
}

/** Comparisons of lines for one patch: some 0.1 s. */
export const searchBudget = 20_000_000;

/**
 * The 1-based line where a needle is, when up to `fuzz` context lines at either end are not compared.
 * Nearest to the guess first, below before above; undefined when it is nowhere.
 * A side with less context than the other is anchored there: the diff ended because the file did.
 * Source: the behaviour of patch(1), GNU diffutils manual, section "Inexact Hunks"; agreement is measured by
 * scripts/patch-agreement.mjs.
 */
export function locate(
  { ids }: Haystack,
  needle: Needle,
  fuzz: number,
  budget: SearchBudget,
): number | undefined {
  const context = Math.max(needle.prefix, needle.suffix);
  const prefixFuzz = fuzz + needle.prefix - context;
  const suffixFuzz = fuzz + needle.suffix - context;
  const length = needle.ids.length;
  const { guess, frozen } = needle;
  if (length === 0) return guess - 1 <= ids.length && guess > frozen ? guess : undefined;

  const from = Math.max(prefixFuzz, 0);
  const to = length - Math.max(suffixFuzz, 0);
  const matches = (line: number): boolean => {
    for (let i = from; i < to; i++) {
      budget.left--;
      if (ids[line - 1 + i] !== needle.ids[i]) return false;
    }
    return true;
  };

  // The guess is a line number; the needle may hang over the end by the lines that are not compared.
  const last = ids.length - to + 1;
  const least = Math.max(frozen + 1 - from, 1 - from);
  if (prefixFuzz < 0 && needle.first <= 1) {
    if (suffixFuzz < 0 && length !== ids.length) return undefined;
    return frozen <= needle.prefix && 1 <= last && matches(1) ? 1 : undefined;
  }
  if (suffixFuzz < 0) {
    const end = ids.length - length + 1;
    return end >= Math.max(least, 1) && matches(end) ? end : undefined;
  }
  const lowest = Math.max(least, 1);
  const reach = Math.max(last - guess, guess - lowest);
  const nearest = Math.max(guess - last, lowest - guess, 0);
  for (let offset = nearest; offset <= reach && budget.left > 0; offset++) {
    const below = guess + offset;
    if (below <= last && below >= lowest && matches(below)) return below;
    const above = guess - offset;
    if (offset > 0 && above >= lowest && above <= last && matches(above)) return above;
  }
  return undefined;
}
