/** One remembered event of a path; a path is a chain of parents. Costs nothing until it is printed. */
export interface Trace {
  readonly parent: Trace | undefined;
  readonly kind: 'acquire' | 'branch' | 'check' | 'release' | 'escape' | 'call';
  /** Span relative to the function's item. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** The resource this is about, where it is about one: site number. */
  readonly site: number;
  /** For acquisitions, the turn of the loops around them. */
  readonly turn?: number;
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
