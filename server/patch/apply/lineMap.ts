import type { DocumentPlace } from '../patch.ts';

/** A line of the document, as the patch means it. */
export interface PatchedLine extends DocumentPlace {
  readonly kind: 'context' | 'added' | 'removed';
  /** Line before the patch; absent for an added line, unless the file had it already. */
  readonly before?: number;
  /** Line after the patch; absent for a removed line. */
  readonly after?: number;
}

/** Lines that a change leaves as they are: `length` lines from `before` are those from `after` on. */
export interface Kept {
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

/**
 * Says where a line of a file went, in both directions, and where the patch speaks of it.
 * All lines are 1-based. Undefined means: not there on the other side, or not in the patch.
 */
export interface LineMap {
  toAfter(before: number): number | undefined;
  toBefore(after: number): number | undefined;
  /** The patch's line for a line of the file after it: an added or a context line. */
  ofAfter(after: number): PatchedLine | undefined;
  /** The patch's line for a line of the file before it: a removed or a context line. */
  ofBefore(before: number): PatchedLine | undefined;
  /** The other way: what a line of a document is in this file. */
  ofDocument(place: DocumentPlace): PatchedLine | undefined;
  /** Lines of the patch that fell on this file, in file order. */
  readonly lines: readonly PatchedLine[];
  /** Runs of unchanged lines, ascending on both sides. */
  readonly kept: readonly Kept[];
}

/** Builds a map from runs of unchanged lines, ascending on both sides, and the lines of the patch. */
export function lineMap(kept: readonly Kept[], lines: readonly PatchedLine[]): LineMap {
  const find = (key: 'before' | 'after', line: number): Kept | undefined => {
    let low = 0;
    let high = kept.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (kept[middle]![key] <= line) low = middle;
      else high = middle - 1;
    }
    const run = kept[low];
    return run !== undefined && line >= run[key] && line < run[key] + run.length ? run : undefined;
  };
  // Most maps are never asked about lines of the patch; a large patch has many.
  let made: PatchedIndex | undefined;
  const index = (): PatchedIndex => (made ??= patchedIndex(lines));
  return {
    toAfter: (before) => {
      const run = find('before', before);
      return run === undefined ? undefined : run.after + before - run.before;
    },
    toBefore: (after) => {
      const run = find('after', after);
      return run === undefined ? undefined : run.before + after - run.after;
    },
    ofAfter: (after) => index().byAfter.get(after),
    ofBefore: (before) => index().byBefore.get(before),
    ofDocument: (place) => index().byPlace.get(placeKey(place)),
    lines,
    kept,
  };
}

interface PatchedIndex {
  readonly byAfter: ReadonlyMap<number, PatchedLine>;
  readonly byBefore: ReadonlyMap<number, PatchedLine>;
  readonly byPlace: ReadonlyMap<string, PatchedLine>;
}

function patchedIndex(lines: readonly PatchedLine[]): PatchedIndex {
  const byAfter = new Map<number, PatchedLine>();
  const byBefore = new Map<number, PatchedLine>();
  const byPlace = new Map<string, PatchedLine>();
  for (const line of lines) {
    // Hunks of several patches may speak of one line; the one that added it is the one to show.
    if (line.after !== undefined && byAfter.get(line.after)?.kind !== 'added')
      byAfter.set(line.after, line);
    if (line.before !== undefined && byBefore.get(line.before)?.kind !== 'removed')
      byBefore.set(line.before, line);
    byPlace.set(placeKey(line), line);
  }
  return { byAfter, byBefore, byPlace };
}

function placeKey({ document, line }: DocumentPlace): string {
  return `${line}:${document}`;
}

/** One change after another: from before the first to after the second. */
export function composed(first: LineMap, second: LineMap): LineMap {
  const kept: Kept[] = [];
  let j = 0;
  for (const a of first.kept) {
    while (j < second.kept.length && second.kept[j]!.before + second.kept[j]!.length <= a.after)
      j++;
    for (let k = j; k < second.kept.length && second.kept[k]!.before < a.after + a.length; k++) {
      const b = second.kept[k]!;
      const from = Math.max(a.after, b.before);
      const to = Math.min(a.after + a.length, b.before + b.length);
      kept.push({
        before: a.before + from - a.after,
        after: b.after + from - b.before,
        length: to - from,
      });
    }
  }
  const lines = [
    ...first.lines.map((line): PatchedLine => {
      const after = line.after === undefined ? undefined : second.toAfter(line.after);
      return moved(line, line.before, after);
    }),
    ...second.lines.map((line): PatchedLine => {
      const before = line.before === undefined ? undefined : first.toBefore(line.before);
      return moved(line, before, line.after);
    }),
  ];
  return lineMap(kept, lines);
}

function moved(
  line: PatchedLine,
  before: number | undefined,
  after: number | undefined,
): PatchedLine {
  return {
    document: line.document,
    line: line.line,
    kind: line.kind,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}
