/** Edits that turn one word into the other: insert, delete, replace, swap of neighbours. */
function distance(a: string, b: string): number {
  const width = b.length + 1;
  const cost = new Uint16Array((a.length + 1) * width);
  for (let i = 0; i <= a.length; i++) cost[i * width] = i;
  for (let j = 0; j <= b.length; j++) cost[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const differs = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        cost[(i - 1) * width + j]! + 1,
        cost[i * width + j - 1]! + 1,
        cost[(i - 1) * width + j - 1]! + differs,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, cost[(i - 2) * width + j - 2]! + 1);
      }
      cost[i * width + j] = best;
    }
  }
  return cost[a.length * width + b.length]!;
}

/**
 * The known name that a mistyped one most likely meant; none when nothing is close.
 * A name that contains the typed one whole (`dma-map-null` in `dma-map-null-check`) beats a short edit distance.
 */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase();
  let best: string | undefined;
  let bestScore = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const name of known) {
    const candidate = name.toLowerCase();
    const contained = wanted.length >= 4 && candidate.includes(wanted);
    const score = contained
      ? (candidate.length - wanted.length) / 100
      : distance(wanted, candidate);
    if (score < bestScore) {
      best = name;
      bestScore = score;
    }
  }
  return best;
}
