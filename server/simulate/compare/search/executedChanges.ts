import type { ChangedStatements } from '../change/changedFunctions.ts';
import type { SearchResult } from './search.ts';
import type { SimulatedFunction } from '../result/simulation.ts';
import type { SideRun } from '../run/runSide.ts';

/** Which statements of a file were executed, by the lines at which they begin, in all runs that compared its sides. */
export class ExecutedChanges {
  private readonly before: ExecutedLines = { ever: new Set(), watched: new Set() };
  private readonly after: ExecutedLines = { ever: new Set(), watched: new Set() };

  /** Counts the runs of a search. */
  add({ explored }: SearchResult): void {
    for (const { pair } of explored) {
      count(this.before, pair.before);
      count(this.after, pair.after);
    }
  }

  /** Whether a run got to one of some statements from its entry on. */
  isWatched({ before, after }: ChangedStatements): boolean {
    return (
      [...after].some((line) => this.after.watched.has(line)) ||
      [...before].some((line) => this.before.watched.has(line))
    );
  }

  /** The changed statements that were not watched: no run got to them, or only before the entry. */
  missing({ before, after }: ChangedStatements): MissingLines {
    const missing = (when: keyof ExecutedLines): ChangedLines => ({
      before: missingIn(before, this.before[when]),
      after: missingIn(after, this.after[when]),
    });
    return { ever: missing('ever'), watched: missing('watched') };
  }
}

interface ExecutedLines {
  readonly ever: Set<number>;
  readonly watched: Set<number>;
}

function count(executed: ExecutedLines, { lines, watchedLines }: SideRun): void {
  for (const line of lines) executed.ever.add(line);
  for (const line of watchedLines) executed.watched.add(line);
}

function missingIn(changed: ReadonlySet<number>, executed: ReadonlySet<number>): readonly number[] {
  return [...changed].filter((line) => !executed.has(line)).sort((a, b) => a - b);
}

/** Lines of both versions of a file, ascending. */
export interface ChangedLines {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Changed lines that no run executed, and those that no run executed while it was watched. */
export interface MissingLines {
  readonly ever: ChangedLines;
  readonly watched: ChangedLines;
}

/**
 * A result that calls nothing unchanged of which a part never ran, in whatever situation: an error path that nothing
 * failed for may be what the change is about, and so may what only ran before anybody looked.
 */
export function asFarAsExecuted(
  result: SimulatedFunction,
  { ever, watched }: MissingLines,
): SimulatedFunction {
  if (result.verdict !== 'unchanged' || isNone(watched)) return result;
  const reason = isNone(ever)
    ? `no difference, but the changed ${partsText(watched)} ran only before ${result.entry}() was called`
    : `no difference, but no run got to the changed ${partsText(ever)}`;
  return { ...result, verdict: 'unknown', reason };
}

function isNone({ before, after }: ChangedLines): boolean {
  return before.length + after.length === 0;
}

function partsText({ before, after }: ChangedLines): string {
  const parts = [
    ...(after.length === 0 ? [] : [linesText(after)]),
    ...(before.length === 0 ? [] : [`${linesText(before)} of before the change`]),
  ];
  return parts.join(' and ');
}

function linesText(lines: readonly number[]): string {
  return `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`;
}
