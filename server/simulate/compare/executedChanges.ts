import type { ChangedStatements, SearchResult } from './search.ts';
import type { SimulatedFunction } from './simulation.ts';

/** Which statements of a file were executed, by the lines at which they begin, in all runs that compared its sides. */
export class ExecutedChanges {
  private readonly before = new Set<number>();
  private readonly after = new Set<number>();

  /** Counts the runs of a search. */
  add({ explored }: SearchResult): void {
    for (const { pair } of explored) {
      for (const line of pair.before.lines) this.before.add(line);
      for (const line of pair.after.lines) this.after.add(line);
    }
  }

  /** The changed statements that no run got to. */
  missing({ before, after }: ChangedStatements): ChangedLines {
    return {
      before: [...before].filter((line) => !this.before.has(line)).sort((a, b) => a - b),
      after: [...after].filter((line) => !this.after.has(line)).sort((a, b) => a - b),
    };
  }
}

/** Lines of both versions of a file, ascending. */
export interface ChangedLines {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * A result that calls nothing unchanged of which a part never ran, in whatever situation: an error path that nothing
 * failed for may be what the change is about.
 */
export function asFarAsExecuted(
  result: SimulatedFunction,
  { before, after }: ChangedLines,
): SimulatedFunction {
  if (result.verdict !== 'unchanged' || before.length + after.length === 0) return result;
  const parts = [
    ...(after.length === 0 ? [] : [linesText(after)]),
    ...(before.length === 0 ? [] : [`${linesText(before)} of before the change`]),
  ];
  const reason = `no difference, but no run got to the changed ${parts.join(' and ')}`;
  return { ...result, verdict: 'unknown', reason };
}

function linesText(lines: readonly number[]): string {
  return `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`;
}
