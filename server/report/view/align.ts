/** A place in both sequences, or in one. Indices are 0-based. */
export interface Aligned {
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** Sequences longer than this, beyond what they share at both ends, are aligned by place. */
const MOST_COMPARED = 2000;

/**
 * Aligns two sequences by the longest run of keys that they have in common, in order. What only one of them has
 * stands by itself: before first.
 */
export function align(before: readonly string[], after: readonly string[]): readonly Aligned[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const aligned: Aligned[] = [];
  for (let n = 0; n < head; n++) aligned.push({ before: n, after: n });
  const middle = alignMiddle(
    before.slice(head, before.length - tail),
    after.slice(head, after.length - tail),
  );
  for (const pair of middle) {
    aligned.push({
      before: pair.before === undefined ? undefined : pair.before + head,
      after: pair.after === undefined ? undefined : pair.after + head,
    });
  }
  for (let n = tail; n > 0; n--) {
    aligned.push({ before: before.length - n, after: after.length - n });
  }
  return aligned;
}

function alignMiddle(before: readonly string[], after: readonly string[]): readonly Aligned[] {
  if (before.length > MOST_COMPARED || after.length > MOST_COMPARED) {
    return [...alone(before, 'before'), ...alone(after, 'after')];
  }
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  for (let b = before.length - 1; b >= 0; b--) {
    for (let a = after.length - 1; a >= 0; a--) {
      const at = b * width + a;
      common[at] =
        before[b] === after[a]
          ? common[at + width + 1]! + 1
          : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const aligned: Aligned[] = [];
  let [b, a] = [0, 0];
  while (b < before.length || a < after.length) {
    const at = b * width + a;
    if (b < before.length && a < after.length && before[b] === after[a]) {
      aligned.push({ before: b++, after: a++ });
    } else if (
      b < before.length &&
      (a === after.length || common[at + width]! >= common[at + 1]!)
    ) {
      aligned.push({ before: b++, after: undefined });
    } else aligned.push({ before: undefined, after: a++ });
  }
  return aligned;
}

function alone(keys: readonly string[], side: 'before' | 'after'): Aligned[] {
  return keys.map((_, n) => ({
    before: side === 'before' ? n : undefined,
    after: side === 'after' ? n : undefined,
  }));
}
