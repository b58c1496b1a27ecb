import type { Call, Expr } from '../../program/ir.ts';
import type { Summary } from '../summaries/summary.ts';
import type { Term } from '../terms/term.ts';
import { applySummary, releasesLater } from './apply.ts';
import { choose, demand, unknownAt } from './cursor.ts';
import type { Cursor } from './run.ts';
import { escaped, holdsIn, reaches, unknownCall } from './unknown.ts';

/** A handler that the driver core will call with `data` when the device goes. */
export interface Registration {
  readonly name: string;
  readonly handler: Expr | undefined;
  readonly data: Term;
  /** Whether the handler is called at once where it cannot be registered. */
  readonly onFailure: 'runs' | 'nothing';
}

/**
 * devm_add_action(dev, fn, data): once it is registered, what fn releases is the driver core's business. When that fails, the
 * `_or_reset` form has called fn already, and the other has done nothing.
 */
export function registerAction(
  cursor: Cursor,
  call: Call,
  registration: Registration,
  values: readonly Term[],
): Term {
  const { name, data } = registration;
  const resets = registration.onFailure === 'runs';
  const summary = handlerOf(cursor, registration);
  const outcome = summary === undefined ? undefined : choose(cursor, 2);
  if (summary === undefined || outcome === undefined) {
    handOver(cursor, call, registration, resets ? 'always' : 'if it succeeds');
    return unknownCall(cursor, call, name, values);
  }
  const result = unknownAt(cursor, call, `${name}()`);
  if (outcome === 0) {
    demand(cursor, result, 'zero');
    if (!cursor.dead) releasesLater(cursor, call, summary, [data]);
  } else {
    demand(cursor, result, 'negative');
    if (!cursor.dead && resets) applySummary(cursor, call, summary, [data]);
  }
  return result;
}

/** What the handler does, where it is a function in sight. */
function handlerOf(cursor: Cursor, { handler }: Registration): Summary | undefined {
  let at = handler;
  while (at?.kind === 'cast' || at?.kind === 'addressOf') at = at.operand;
  if (at?.kind !== 'ident' || at.binding.kind !== 'function') return undefined;
  const summary = cursor.run.context.summaryOf(at.name);
  return summary?.incomplete === false && summary.parameters.length === 1 ? summary : undefined;
}

/** Nobody knows what the handler does: it may release whatever it finds. */
function handOver(
  cursor: Cursor,
  call: Call,
  { name, data }: Registration,
  when: 'always' | 'if it succeeds',
): void {
  const { state } = cursor;
  const outcome = when === 'always' ? undefined : unknownAt(cursor, call, `${name}()`);
  state.resources = state.resources.map((resource) =>
    reaches(cursor, data, resource) || holdsIn(cursor, [data], resource)
      ? escaped(resource, { kind: 'call', name, outcome, returns: 'number' })
      : resource,
  );
}
