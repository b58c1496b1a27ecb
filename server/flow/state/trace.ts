import type { Term } from '../terms/term.ts';

/** One remembered event of a path; a path is a chain of parents. Costs nothing until it is printed. */
export interface Trace {
  readonly parent: Trace | undefined;
  readonly kind: 'acquire' | 'branch' | 'leave' | 'check' | 'release' | 'escape' | 'call';
  /** Span relative to the function's item. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** The resource this is about, where it is about one: site number. */
  readonly site: number;
  /** For acquisitions, the turn of the loops around them. */
  readonly turn?: number;
  /** For a condition that could have gone either way, in the code or at the end of a loop: what it asked, and where the path went on. */
  readonly parting?: Parting;
}

/** A fork of the graph as one path took it. */
export interface Parting {
  readonly node: number;
  readonly taken: number;
  readonly condition: Term;
  /** A loop that was left before its first turn, although it might have had one. */
  readonly atOnce?: boolean;
}

/** The newest event in front. */
export function follow(trace: Trace | undefined, event: Omit<Trace, 'parent'>): Trace {
  return { parent: trace, ...event };
}

/** Events from the first to the last. */
export function events(trace: Trace | undefined): Trace[] {
  const list: Trace[] = [];
  for (let at = trace; at !== undefined; at = at.parent) list.push(at);
  return list.reverse();
}
