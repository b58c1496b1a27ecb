import type { FlowPlace, FlowStep } from '../facts.ts';
import { spelling, type Run } from '../engine/run.ts';
import { events, type Trace } from '../state/trace.ts';

/** A stretch of the function under analysis. Spans stay relative until the unit is put together. */
export function placeIn(
  run: Run,
  node: { readonly start: number; readonly end: number },
): FlowPlace {
  return {
    file: run.source.file,
    span: { start: node.start, end: node.end },
    line: 0,
    function: run.ir.name,
  };
}

const mostConditions = 3;

/** The steps of a path that a finding about one site shows: its own events and the last conditions. */
export function stepsOf(
  run: Run,
  trace: Trace | undefined,
  site: number,
  last?: FlowStep,
): FlowStep[] {
  const all = events(trace);
  const from = all.findIndex((event) => event.kind === 'acquire' && event.site === site);
  const after = from < 0 ? all : all.slice(from);
  const conditions = after.filter((event) => event.kind === 'branch');
  const keep = new Set(conditions.slice(-mostConditions));
  const steps = after
    .filter((event) =>
      event.kind === 'branch' ? keep.has(event) : event.kind !== 'leave' && event.site === site,
    )
    .map((event) => ({ place: placeIn(run, event), message: event.message }));
  if (last !== undefined) steps.push(last);
  if (steps.length <= 7) return steps;
  return [...steps.slice(0, 2), ...steps.slice(-5)];
}

/** One line of code for a message, shortened at the end. */
export function shortText(
  run: Run,
  node: { readonly start: number; readonly end: number },
): string {
  const text = spelling(run, node);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
