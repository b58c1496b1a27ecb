/**
 * Which lines of a text are not in an older one, by the shortest edit (Myers 1986, greedy, forward).
 * A difference of more than {@link maxEdits} lines counts as a rewrite: everything between the common ends is changed.
 */
export function changedLines(before: string, after: string): readonly boolean[] {
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
  const changed = b.map((_, i) => i >= top && i < b.length - tail);
  const kept = keptLines(a.slice(top, a.length - tail), b.slice(top, b.length - tail));
  for (const line of kept) changed[top + line] = false;
  return changed;
}

/** Largest number of inserted and removed lines that is followed line by line. */
const maxEdits = 1000;

/** Carriage returns are left out: a checkout with other line ends is no change. */
const lines = (text: string): string[] => text.split(/\r\n|\n|\r/);

/** Indices of the lines of `b` that a shortest edit from `a` keeps. */
function keptLines(a: readonly string[], b: readonly string[]): number[] {
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
function trace(rounds: readonly Map<number, number>[], aLength: number, bLength: number): number[] {
  const kept: number[] = [];
  let x = aLength;
  let y = bLength;
  for (let edits = rounds.length - 1; edits >= 0; edits--) {
    const previous = edits === 0 ? new Map([[1, 0]]) : rounds[edits - 1]!;
    const k = x - y;
    const down = k === -edits || (k !== edits && at(previous, k - 1) < at(previous, k + 1));
    const startX = down ? at(previous, k + 1) : at(previous, k - 1) + 1;
    for (let i = x; i > startX; i--) kept.push(i - k - 1);
    x = down ? startX : startX - 1;
    y = down ? startX - k - 1 : startX - k;
  }
  return kept;
}
