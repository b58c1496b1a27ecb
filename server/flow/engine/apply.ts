import type { Call } from '../../program/ir.ts';
import { isTracked } from '../contracts/contract.ts';
import { mayGiveBack } from '../contracts/functions.ts';
import { meet, isEmpty, type Interval } from '../facts/interval.ts';
import { range } from '../facts/conditions.ts';
import { get, set } from '../state/intMap.ts';
import type { Outcome, Summary } from '../summaries/summary.ts';
import { addr, deref, field, linearForm, op } from '../terms/build.ts';
import { substitute } from '../terms/substitute.ts';
import { kinds, spaces, type Term } from '../terms/term.ts';
import { addResource, siteOf } from './acquire.ts';
import { escapeValues, holdsIn, unknownCall } from './unknown.ts';
import { choose, write, unknownAt } from './cursor.ts';
import type { Cursor } from './run.ts';
import { release } from './release.ts';
import { turnOf } from './turns.ts';

/** Runs a call of a function of the file by what its own paths do. */
export function applySummary(
  cursor: Cursor,
  call: Call,
  summary: Summary,
  values: readonly Term[],
): Term {
  if (summary.incomplete || values.length < summary.parameters.length) {
    return unknownCall(cursor, call, summary.name, values);
  }
  const { run } = cursor;
  const { value: translate, place } = translation(cursor, call, summary, values);
  if (summary.pure !== undefined) return translate(summary.pure);
  if (summary.escapes.length > 0) {
    escapeValues(
      cursor,
      call,
      summary.name,
      summary.escapes.map((index) => values[index]!),
    );
  }
  const outcomes = summary.outcomes;
  const outcome = outcomes[outcomes.length === 1 ? 0 : choose(cursor, outcomes.length)]!;
  const result = resultOf(cursor, call, summary, outcome, values, translate);
  narrow(cursor, result, outcome.range);
  for (const { form, interval } of outcome.facts) narrow(cursor, translate(form), interval);
  if (cursor.dead) return result;
  // All values before all writes: the callee's terms speak of its entry.
  const written = outcome.writes.map(({ location, value }): [Term, Term] => {
    const at = place(location);
    const after = run.table.freshAt(run.base + call.id, at, 'value after the call');
    return [at, value === undefined ? after : translate(value)];
  });
  for (const [at, value] of written) write(cursor, at, value);
  for (const { contract, values: parts } of outcome.releases) {
    release(cursor, contract, call, parts.map(translate), undefined);
  }
  if (mayGiveBack(summary.name)) releaseLookAlikes(cursor, outcome, values);
  for (const taken of outcome.acquires) {
    // One call has one site, whatever the callee takes: the first of each family is enough to say what stays behind.
    const site = siteOf(run, taken.contract, call);
    if (site.contract !== taken.contract) continue;
    const resultTerm = taken.result === outcome.returned ? result : translate(taken.result);
    if (isTracked(taken.contract.family)) {
      run.results.set(resultTerm, { contract: taken.contract, call, site });
    }
    addResource(
      cursor,
      {
        site,
        turn: turnOf(cursor.state),
        values: taken.values.map(translate),
        result: resultTerm,
        handle: taken.handle === outcome.returned ? result : translate(taken.handle),
        twin: taken.twin === undefined ? undefined : translate(taken.twin),
        status: taken.status,
        checked: taken.checked,
        wrongCheck: undefined,
        firstUse: undefined,
        escapes: [],
        viaWrapper: true,
      },
      call,
      undefined,
    );
  }
  return result;
}

function narrow(cursor: Cursor, term: Term, to: Interval): void {
  const { table } = cursor.run;
  const { form, scale, offset } = linearForm(table, term);
  const now = range(table, cursor.state.known, term);
  const next = meet(now, to);
  if (isEmpty(next)) {
    cursor.dead = true;
    return;
  }
  if (form === undefined || scale !== 1 || offset !== 0) return;
  cursor.state.known = set(cursor.state.known, form, next);
}

interface Translation {
  readonly value: (term: Term) => Term;
  readonly place: (location: Term) => Term;
}

/** The callee's values in the caller's terms; what it made itself becomes fresh for this call. */
function translation(
  cursor: Cursor,
  call: Call,
  summary: Summary,
  values: readonly Term[],
): Translation {
  const { run, state } = cursor;
  const { table } = run;
  const byParameter = new Map(summary.parameters.map((location, i) => [location, values[i]!]));
  const turn = turnOf(state);
  const replace = (part: Term): Term | undefined => {
    const kind = table.kind(part);
    if (kind === kinds.variable) {
      if (table.part(part, 1) === spaces.parameter) return byParameter.get(part);
      if (table.part(part, 1) === spaces.local)
        return table.freshAt(run.base + call.id, part, table.text(table.part(part, 0)));
      return undefined;
    }
    if (kind === kinds.fresh) {
      return table.freshAt(
        run.base + call.id,
        (Math.imul(turn, 131) + part) | 0,
        table.text(table.part(part, 2)),
      );
    }
    return undefined;
  };
  // The callee's terms speak of memory as it was on entry; here some of it has been written since.
  const value = (part: Term): Term | undefined => {
    const direct = replace(part);
    if (direct !== undefined) return direct;
    switch (table.kind(part)) {
      case kinds.field:
      case kinds.deref: {
        const location = place(part);
        return get(state.env, location) ?? location;
      }
      case kinds.addr:
        return addr(table, place(table.part(part, 0)));
      default:
        return undefined;
    }
  };
  const place = (location: Term): Term => {
    switch (table.kind(location)) {
      case kinds.field:
        return field(table, place(table.part(location, 0)), table.text(table.part(location, 1)));
      case kinds.deref:
        return deref(table, substitute(table, table.part(location, 0), value));
      default:
        return location;
    }
  };
  return { value: (term) => substitute(table, term, value), place };
}

function resultOf(
  cursor: Cursor,
  call: Call,
  summary: Summary,
  outcome: Outcome,
  values: readonly Term[],
  translate: (term: Term) => Term,
): Term {
  const { table } = cursor.run;
  if (outcome.returned !== undefined) {
    const direct = translate(outcome.returned);
    return direct;
  }
  const effects = summary.outcomes.some(
    (one) => one.acquires.length + one.releases.length + one.writes.length > 0,
  );
  // The same question asked twice has the same answer.
  if (!effects && summary.escapes.length === 0) return op(table, summary.name, values);
  return unknownAt(cursor, call, `${summary.name}()`);
}

/** A helper that releases this family from the object we keep the handle in releases ours, whatever way it finds it. */
function releaseLookAlikes(cursor: Cursor, outcome: Outcome, values: readonly Term[]): void {
  const families = new Set(outcome.releases.map(({ contract }) => contract.family));
  cursor.state.resources = cursor.state.resources.filter(
    (resource) =>
      !families.has(resource.site.contract.family) || !holdsIn(cursor, values, resource),
  );
}
