/** Who does something in a scenario. */
export type Actor = 'cpu' | 'iommu' | 'device' | 'hypervisor' | 'firmware';

/** One line of the trace that a scenario prints. `seq` counts within the scenario. */
export interface TraceLine {
  readonly seq: number;
  /** Number of the scenario's step that it belongs to; 0 is the set-up. */
  readonly step: number;
  readonly actor: Actor;
  /** What happened, in one clause. */
  readonly what: string;
}

/** The trace while it grows. */
export interface Trace {
  readonly lines: TraceLine[];
  step: number;
}

/** Adds a line. Gives its sequence number. */
export function note(trace: Trace, actor: Actor, what: string): number {
  const seq = trace.lines.length;
  trace.lines.push({ seq, step: trace.step, actor, what });
  return seq;
}
