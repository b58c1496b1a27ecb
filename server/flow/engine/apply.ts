import type { Call } from '../../program/ir.ts';
import { isTracked, type Contract } from '../contracts/contract.ts';
import { meet, isEmpty, unscaled, type Interval } from '../facts/interval.ts';
import { isJunction, range } from '../facts/conditions.ts';
import { get, set } from '../state/intMap.ts';
import type { Guard, Resource } from '../state/state.ts';
import { mentions, someAtom } from '../terms/roots.ts';
import type { Outcome, Summary, SummaryResource } from '../summaries/summary.ts';
import { addr, deref, field, linearForm, op } from '../terms/build.ts';
import { substitute } from '../terms/substitute.ts';
import { kinds, spaces, type Term, type TermTable } from '../terms/term.ts';
import { addResource, siteOf } from './acquire.ts';
import { noteKept, noteKeptValue } from './store.ts';
import { escaped, escapeValues, holdsIn, releaseWithin, unknownCall } from './unknown.ts';
import { choose, demand, unknownAt, write } from './cursor.ts';
import type { Cursor } from './run.ts';
import { replaySplice } from './lists.ts';
import { forgetMatching, holders, markSettled, release } from './release.ts';
import { applyAtomic } from './sections.ts';
import { settle } from './settle.ts';
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
  const { outcomes } = summary;
  const chosen =
    outcomes.length === 1 || summary.pure !== undefined ? 0 : choose(cursor, outcomes.length);
  // Too many forks in one expression: which way it took is not asked any more.
  if (chosen === undefined) return unknownCall(cursor, call, summary.name, values);
  const outcome = outcomes[chosen]!;
  const { run } = cursor;
  const { value: translate, place } = translation(cursor, call, summary, values);
  if (summary.pure !== undefined) {
    const answer = translate(summary.pure);
    if (isJunction(run.table, answer)) run.junctions.add(answer);
    return answer;
  }
  if (summary.recursive) releaseWithin(cursor, values);
  if (summary.escapes.length > 0) {
    escapeValues(
      cursor,
      call,
      summary.name,
      summary.escapes.map((index) => values[index]!),
    );
  }
  // A helper that gives back what it finds: whether it finds ours, nobody here can tell.
  const back = outcomes.some(({ releases }) => releases.length > 0);
  const possible = back ? possibleReleases(cursor, outcomes, outcome, translate) : [];
  const result = resultOf(cursor, call, summary, outcome, values, translate);
  narrow(cursor, result, outcome.range);
  for (const { form, interval } of outcome.facts) narrow(cursor, translate(form), interval);
  if (cursor.dead) return result;
  applyAtomic(cursor, call, outcome.atomic);
  // What the callee tested before it released anything was tested.
  settle(cursor, 'test');
  creditTests(cursor, outcome.tested.map(translate));
  const releases = outcome.releases.filter(({ guard }) => mayHold(cursor, guard, translate));
  creditGuards(
    cursor,
    releases.flatMap(({ guard }) => guard.filter(isNonzero).map(({ form }) => translate(form))),
  );
  const releasing = releases.map(({ contract, values: parts }) => ({
    contract,
    values: parts.map(translate),
  }));
  const kept = summary.keeps.map(({ value, where }) => ({ value: translate(value), where }));
  // All values before all writes: the callee's terms speak of its entry.
  const written = outcome.writes.map(({ location, value }): [Term, Term] => {
    const at = place(location);
    // By the number of the callee's name: that of the call is for what it returns.
    const after = run.table.freshAt(run.base + call.callee.id, at, 'value after the call');
    return [at, value === undefined ? after : translate(value)];
  });
  for (const [at, value] of written) {
    write(cursor, at, value);
    noteKept(cursor, at, value);
    replaySplice(cursor, at, value);
  }
  keepTaken(cursor, call, summary, kept, result);
  takeSomewhere(cursor, summary, outcome, kept);
  for (const one of releasing) release(cursor, one.contract, call, one.values, undefined);
  if (back) {
    for (const one of possible) forgetMatching(cursor, one.contract, one.values);
    releaseLookAlikes(cursor, outcome.skipped ? outcomes : [outcome], values);
  }
  for (const taken of outcome.acquires)
    take(cursor, call, { taken, outcome, summary, result, translate, place });
  return result;
}

/** Somebody will call a function of the file later: what it releases then is no longer this path's business. */
export function releasesLater(
  cursor: Cursor,
  call: Call,
  summary: Summary,
  values: readonly Term[],
): void {
  const { value: translate } = translation(cursor, call, summary, values);
  for (const { releases } of summary.outcomes) {
    for (const one of releases) forgetMatching(cursor, one.contract, one.values.map(translate));
  }
  releaseLookAlikes(cursor, summary.outcomes, values);
}

/**
 * What a callee that can fail put where others find it is theirs, unless it failed; in an object that nobody here knows
 * it is at least known to somebody.
 */
function keepTaken(
  cursor: Cursor,
  call: Call,
  summary: Summary,
  kept: Summary['keeps'],
  result: Term,
): void {
  const { run, state } = cursor;
  const { table } = run;
  for (const { value, where } of kept) noteKeptValue(run, value, where);
  if (state.resources.length === 0) return;
  const canFail = summary.outcomes.some(({ kind }) => kind === 'failure');
  const outcome = run.dropped.has(call.id) ? undefined : result;
  state.resources = state.resources.map((resource) => {
    const isKept = kept.some(
      ({ value, where }) =>
        (canFail || where === 'somebody') && mentions(table, value, resource.handle),
    );
    if (!isKept) return resource;
    const taken = { kind: 'call', name: summary.name, outcome, returns: 'number' } as const;
    return escaped(resource, canFail ? taken : { kind: 'published' });
  });
}

/**
 * What a callee stored on some of its ways only is in a place that nobody here knows any more, and with whoever takes care
 * of that place.
 */
function takeSomewhere(
  cursor: Cursor,
  summary: Summary,
  { writes }: Outcome,
  kept: Summary['keeps'],
): void {
  const { run, state } = cursor;
  const { table } = run;
  if (writes.every(({ value }) => value !== undefined)) return;
  const isKnownThere = (held: Term): boolean =>
    writes.some(
      ({ location, value }) =>
        value !== undefined && location !== held && mentions(table, value, held),
    );
  const lost = summary.keeps.flatMap(({ value, where }, i) =>
    where === 'caller' && !isKnownThere(value) ? [kept[i]!.value] : [],
  );
  if (lost.length === 0) return;
  const { name } = summary;
  state.resources = state.resources.map((resource) =>
    lost.some((value) => mentions(table, value, resource.handle))
      ? escaped(resource, { kind: 'call', name, outcome: undefined, returns: 'number' })
      : resource,
  );
}

function creditTests(cursor: Cursor, handles: readonly Term[]): void {
  const { state, run } = cursor;
  if (handles.length === 0) return;
  state.resources = state.resources.map((resource) => {
    if (!handles.includes(resource.handle)) return resource;
    if (isTracked(resource.site.contract.family)) run.recorder.checked(resource.site.id);
    return { ...resource, checked: true };
  });
}

const isNonzero = ({ interval: { low, high, not } }: Guard): boolean =>
  low > 0 || high < 0 || not.includes(0);

/** `if (q->buf) free(q->buf)`: memory that is given back under a test of its pointer was tested, by the helper. */
function creditGuards(cursor: Cursor, tested: readonly Term[]): void {
  creditTests(
    cursor,
    cursor.state.resources
      .filter(({ site }) => site.contract.convention === 'pointer-or-null')
      .filter(({ handle, result }) => tested.includes(handle) || tested.includes(result))
      .map(({ handle }) => handle),
  );
}

interface TranslatedRelease {
  readonly contract: Contract;
  readonly values: readonly Term[];
}

/** What the other outcomes release that this path does not rule out. */
function possibleReleases(
  cursor: Cursor,
  outcomes: readonly Outcome[],
  chosen: Outcome,
  translate: (term: Term) => Term,
): TranslatedRelease[] {
  return outcomes
    .filter((outcome) => outcome !== chosen && mayHold(cursor, outcome.facts, translate))
    .flatMap(({ releases }) => releases)
    .filter(({ guard }) => mayHold(cursor, guard, translate))
    .map(({ contract, values }) => ({ contract, values: values.map(translate) }));
}

/** False when a condition of the callee contradicts what this path knows. */
function mayHold(
  cursor: Cursor,
  guard: readonly Guard[],
  translate: (term: Term) => Term,
): boolean {
  const { run, state } = cursor;
  return guard.every(
    ({ form, interval }) =>
      !isEmpty(meet(range(run.table, state.known, translate(form)), interval)),
  );
}

interface Taking {
  readonly taken: SummaryResource;
  readonly outcome: Outcome;
  readonly summary: Summary;
  readonly result: Term;
  readonly translate: (term: Term) => Term;
  readonly place: (location: Term) => Term;
}

/** What the callee took and left to us. */
function take(
  cursor: Cursor,
  call: Call,
  { taken, outcome, summary, result, translate, place }: Taking,
): void {
  const { run } = cursor;
  const { contract } = taken;
  const own = (term: Term): Term => (term === outcome.returned ? result : translate(term));
  const handle = own(taken.handle);
  const twin = taken.twin === undefined ? undefined : own(taken.twin);
  // Some paths of a failure left it there: enough to see who takes it from there.
  if (taken.maybe) for (const location of taken.places) write(cursor, place(location), handle);
  // Where no place in sight holds it, nothing could be said about who still can.
  const visible =
    !someAtom(run.table, taken.handle, (atom) => run.table.kind(atom) === kinds.fresh) ||
    mentions(run.table, result, handle) ||
    holders(cursor, handle).length > 0;
  if (!visible) return;
  const site = siteOf(run, contract, call, taken.site);
  // A wrapper that hands the raw result on keeps its convention; one with failures of its own has another.
  const raw = taken.result === outcome.returned && summary.outcomes.length === 1;
  if (isTracked(contract.family)) {
    if (!run.inherited.has(taken.site)) {
      run.inherited.set(taken.site, { site: site.id, settled: 'no' });
    }
    if (raw) run.results.set(result, { contract, call, site });
  }
  const resource: Resource = {
    site,
    turn: turnOf(cursor.state),
    values: taken.values.map(translate),
    result: own(taken.result),
    handle,
    twin,
    status: taken.status,
    // Whoever keeps the raw result has to test it: the callee, unless it returns it.
    checked: taken.checked || !raw,
    wrongCheck: undefined,
    firstUse: undefined,
    escapes: [],
    inner: taken.site,
    inherited: taken.maybe,
  };
  addResource(cursor, resource, call, undefined);
  if (resource.status === 'ok') assumeSuccess(cursor, resource);
}

/** What the callee found out about its result, and what it assumed when it took it, holds for us as well. */
function assumeSuccess(cursor: Cursor, { site, handle, result, values }: Resource): void {
  const size = values[site.contract.roles.indexOf('size')];
  if (size !== undefined && isTracked(site.contract.family)) demand(cursor, size, 'positive');
  switch (site.contract.convention) {
    case 'dma-address':
      demand(cursor, handle, 'nonzero');
      demand(cursor, op(cursor.run.table, 'mapping_error', [handle]), 'zero');
      break;
    case 'count':
    case 'pointer-or-null':
    case 'error-pointer':
      demand(cursor, result, 'positive');
      break;
    default:
  }
}

function narrow(cursor: Cursor, term: Term, to: Interval): void {
  const { table } = cursor.run;
  const { form, scale, offset } = linearForm(table, term);
  const now = range(table, cursor.state.known, term);
  const next = meet(now, to);
  // What is known is about the form: `y - x` in here may be `-1 * (x - y)` of the caller.
  const about = form === undefined ? next : unscaled(next, scale, offset);
  if (isEmpty(next) || isEmpty(about)) {
    cursor.dead = true;
    return;
  }
  if (form !== undefined) cursor.state.known = set(cursor.state.known, form, about);
}

interface Translation {
  readonly value: (term: Term) => Term;
  readonly place: (location: Term) => Term;
}

const unknowns = new WeakMap<Summary, ReadonlySet<Term>>();

/** The unknown values in what a callee returns. */
function returnedUnknowns(table: TermTable, summary: Summary): ReadonlySet<Term> {
  let known = unknowns.get(summary);
  if (known === undefined) {
    const found = new Set<Term>();
    for (const { returned } of summary.outcomes) {
      if (returned === undefined) continue;
      someAtom(table, returned, (atom) => {
        if (table.kind(atom) === kinds.fresh) found.add(atom);
        return false;
      });
    }
    known = found;
    unknowns.set(summary, known);
  }
  return known;
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
      const isReturned = returnedUnknowns(table, summary).has(part);
      return table.freshAt(
        run.base + (isReturned ? call : call.callee).id,
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
    (one) =>
      one.acquires.length + one.releases.length + one.writes.length > 0 ||
      one.atomic === 'unknown' ||
      one.atomic.leaves + one.atomic.enters > 0,
  );
  // The same question asked twice has the same answer.
  if (!effects && summary.escapes.length === 0 && !summary.recursive)
    return op(table, summary.name, values);
  return unknownAt(cursor, call, `${summary.name}()`);
}

/** A helper that releases this family from the object we keep the handle in releases ours, whatever way it finds it. */
function releaseLookAlikes(
  cursor: Cursor,
  outcomes: readonly Outcome[],
  values: readonly Term[],
): void {
  const families = new Set(
    outcomes.flatMap(({ releases }) => releases.map(({ contract }) => contract.family)),
  );
  cursor.state.resources = cursor.state.resources.filter((resource) => {
    if (!families.has(resource.site.contract.family)) return true;
    if (!holdsIn(cursor, values, resource)) return true;
    markSettled(cursor.run, resource);
    return false;
  });
}
