/**
 * Which lines of a text are not in an older one, by the shortest edit (Myers 1986, greedy, forward).
 * A difference of more than {@link maxEdits} lines counts as a rewrite: everything between the common ends is changed.
 */
export function changedLines(before: string, after: string): readonly boolean[] {
  const changed = lines(after).map(() => true);
  for (const [, made] of keptPairs(before, after)) changed[made] = false;
  return changed;
}

/** The lines that both texts have, by the same edit: 0-based line of the one, line of the other, ascending. */
export function keptPairs(before: string, after: string): readonly (readonly [number, number])[] {
  const a = lines(before);
  const b = lines(after);
  let top = 0;
  while (top < a.length && top < b.length && a[top] === b[top]) top++;
  let tail = 0;
  while (
    tail < a.length - top &&
    tail < b.length - top &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) {
    tail++;
  }
  const same = (count: number, x: number, y: number): [number, number][] =>
    Array.from({ length: count }, (_, i) => [x + i, y + i]);
  const between = keptLines(a.slice(top, a.length - tail), b.slice(top, b.length - tail));
  return [
    ...same(top, 0, 0),
    ...between.map(([x, y]) => [top + x, top + y] as const),
    ...same(tail, a.length - tail, b.length - tail),
  ];
}

/** Largest number of inserted and removed lines that is followed line by line. */
const maxEdits = 1000;

/** Carriage returns are left out: a checkout with other line ends is no change. */
const lines = (text: string): string[] => text.split(/\r\n|\n|\r/);

/** Lines of `a` and of `b` that a shortest edit from `a` keeps, ascending. */
function keptLines(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  if (a.length === 0 || b.length === 0) return [];
  // Furthest x on each diagonal x - y, for every number of edits so far.
  const rounds: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= Math.min(maxEdits, a.length + b.length); edits++) {
    const round = new Map<number, number>();
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && at(furthest, k - 1) < at(furthest, k + 1));
      let x = down ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      round.set(k, x);
      if (x >= a.length && x - k >= b.length) return trace([...rounds, round], a.length, b.length);
    }
    rounds.push(round);
    furthest = round;
  }
  return [];
}

const at = (furthest: ReadonlyMap<number, number>, k: number): number => furthest.get(k) ?? -1;

/** Walks the rounds back from the end and collects what the diagonals kept. */
function trace(
  rounds: readonly Map<number, number>[],
  aLength: number,
  bLength: number,
): (readonly [number, number])[] {
  const kept: (readonly [number, number])[] = [];
  let x = aLength;
  let y = bLength;
  for (let edits = rounds.length - 1; edits >= 0; edits--) {
    const previous = edits === 0 ? new Map([[1, 0]]) : rounds[edits - 1]!;
    const k = x - y;
    const down = k === -edits || (k !== edits && at(previous, k - 1) < at(previous, k + 1));
    const startX = down ? at(previous, k + 1) : at(previous, k - 1) + 1;
    for (let i = x; i > startX; i--) kept.push([i - 1, i - k - 1]);
    x = down ? startX : startX - 1;
    y = down ? startX - k - 1 : startX - k;
  }
  return kept.reverse();
}
