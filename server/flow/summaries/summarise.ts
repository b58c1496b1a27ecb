import { outcomeOf } from '../escape/ends.ts';
import { unfold } from '../escape/passedBy.ts';
import { reachOf, reachOfLocation } from '../escape/reach.ts';
import { range } from '../facts/conditions.ts';
import { hull, type Interval } from '../facts/interval.ts';
import { forEach, get } from '../state/intMap.ts';
import { weaker } from '../state/merge.ts';
import type { Resource, State } from '../state/state.ts';
import { linearForm, opName } from '../terms/build.ts';
import { isOutside, isOwnStorage, mentions, someAtom } from '../terms/roots.ts';
import { kinds, spaces, type Term, type TermTable } from '../terms/term.ts';
import { atomicChange } from '../engine/sections.ts';
import { isListPlace } from '../engine/lists.ts';
import type { Walk } from '../engine/worklist.ts';
import type { Run } from '../engine/run.ts';
import type { Outcome, Summary, SummaryRelease, SummaryResource } from './summary.ts';

const mostFacts = 12;

/** Sums up the walk over a function for its callers. */
export function summarise(run: Run, walk: Walk): Summary {
  const groups = groupEnds(run, walk.ends);
  const parameters = run.locations.slice(0, run.ir.parameterCount);
  const outcomes = groups.map(({ kind, states }) => outcome(run, kind, states));
  const escapes = parameters.flatMap((parameter, index) =>
    run.escapedAtoms.has(parameter) ? [index] : [],
  );
  const incomplete = walk.capped !== undefined || outcomes.length === 0;
  return {
    name: run.ir.name,
    parameters,
    outcomes,
    escapes,
    keeps: [...run.kept].map(([value, where]) => ({ value, where })),
    pure: incomplete || run.metItself ? undefined : pureValue(run.table, outcomes, escapes),
    recursive: run.metItself,
    incomplete,
  };
}

interface Group {
  readonly kind: Outcome['kind'];
  readonly states: State[];
}

const mostOutcomes = 4;

/**
 * Ends that a caller can tell apart, or that give back different things: `if (src != dst)` in an
 * unmapping helper decides what is unmapped, and the condition goes into the outcome's facts.
 */
function groupEnds(run: Run, ends: readonly State[]): Group[] {
  const fine = groupBy(run, ends, (state) => {
    const released = [...new Set(state.foreign.map(({ call }) => call))].sort((a, b) => a - b);
    const taken = state.resources.filter(({ site }) => site.contract.family !== 'memory');
    return `${truthOf(run, state)} ${state.leftAtomic} ${state.atomic.length} ${released.join()} ${taken.map(({ site, values }) => [site.id, ...values].join()).join(';')}`;
  });
  return fine.length <= mostOutcomes ? fine : groupBy(run, ends, () => '');
}

/** What a predicate answered: `if (bad_handle(h))` knows what the helper found out on that way. */
function truthOf(run: Run, state: State): string {
  const type = run.context.unit.types.resolve(run.ir.returns, run.ir);
  if (type.kind !== 'integer' || type.name !== 'bool' || state.returned === undefined) return '';
  const { low, high, not } = range(run.table, state.known, state.returned);
  if (low === 0 && high === 0) return 'false';
  return low > 0 || not.includes(0) ? 'true' : '';
}

function groupBy(run: Run, ends: readonly State[], also: (state: State) => string): Group[] {
  const groups = new Map<string, Group>();
  for (const state of ends) {
    const outcome = outcomeOf(run, state);
    const kind = outcome === 'error' ? 'failure' : outcome === 'success' ? 'success' : 'other';
    const key = `${kind} ${also(state)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { kind, states: [state] });
    else group.states.push(state);
  }
  return [...groups.values()];
}

function hasEffect(outcome: Outcome): boolean {
  return (
    outcome.acquires.length + outcome.releases.length + outcome.writes.length > 0 ||
    changesContext(outcome)
  );
}

/** True when the caller may sleep before and not after, or the other way round. */
function changesContext({ atomic }: Outcome): boolean {
  return atomic === 'unknown' || atomic.leaves + atomic.enters > 0;
}

function pureValue(
  table: TermTable,
  outcomes: readonly Outcome[],
  escapes: readonly number[],
): Term | undefined {
  const [only] = outcomes;
  if (outcomes.length !== 1 || only === undefined || escapes.length > 0 || hasEffect(only))
    return undefined;
  if (only.returned === undefined || !isOutside(table, only.returned)) return undefined;
  return only.returned;
}

function outcome(run: Run, kind: Outcome['kind'], states: readonly State[]): Outcome {
  const { table } = run;
  const [first] = states as [State];
  const returned = states.every((state) => state.returned === first.returned)
    ? first.returned
    : undefined;
  let bounds: Interval | undefined;
  for (const state of states) {
    if (state.returned === undefined) continue;
    const one = range(table, state.known, state.returned);
    bounds = bounds === undefined ? one : hull(bounds, one);
  }
  const written = writes(table, states);
  const taken = acquires(run, kind, states);
  const shown = new Set<Term>();
  const show = (term: Term | undefined): void => {
    if (term !== undefined && table.kind(term) === kinds.fresh) shown.add(term);
  };
  for (const { value } of written) show(value);
  for (const { handle, twin, result } of taken) [handle, twin, result].forEach(show);
  return {
    kind,
    returned,
    skipped: states.some(({ skipped }) => skipped),
    range: bounds ?? { low: -Infinity, high: Infinity, not: [] },
    acquires: taken,
    releases: releases(states),
    writes: written,
    facts: sharedFacts(table, states, shown),
    tested: testedHandles(table, states),
    atomic: atomicChange(states),
  };
}

/** What every path of the group leaves to the caller; of failures, what any path does. */
function acquires(run: Run, kind: Outcome['kind'], states: readonly State[]): SummaryResource[] {
  const [first] = states as [State];
  const all = states.flatMap((state) =>
    state.resources
      .filter((resource) => leavesToCaller(run, state, resource))
      .map((resource) => ({ ...resource, places: placesOf(run, state, resource) })),
  );
  const holds = (state: State, { site, turn }: Resource): boolean =>
    state.resources.some((other) => other.site === site && other.turn === turn);
  const distinct = all.filter(
    (resource, i) => all.findIndex(({ site }) => site === resource.site) === i,
  );
  return distinct
    .filter((resource) => kind === 'failure' || states.every((state) => holds(state, resource)))
    .filter((resource) => kind === 'failure' || holds(first, resource))
    .map(({ site, values, result, handle, twin, status, checked, places }) => ({
      contract: site.contract,
      site: site.id,
      maybe: kind === 'failure',
      values,
      result,
      handle,
      twin,
      status,
      checked,
      places,
    }));
}

/** The places outside the function that hold a handle. */
function placesOf(run: Run, state: State, { handle }: Resource): Term[] {
  const places: Term[] = [];
  forEach(state.env, (location, held) => {
    if (held === handle && isOutside(run.table, location) && !isOwnStorage(run.table, location))
      places.push(location);
  });
  return places;
}

function leavesToCaller(run: Run, state: State, resource: Resource): boolean {
  const { table } = run;
  const { handle, twin, site } = resource;
  if (site.contract.managed || resource.escapes.length > 0) return false;
  if (site.contract.family === 'decrypted') return false;
  if (state.returned !== undefined) {
    if (mentions(table, state.returned, handle)) return true;
    if (twin !== undefined && mentions(table, state.returned, twin)) return true;
  }
  // Memory that was only stored is the object's business.
  if (site.contract.family === 'memory') return false;
  return reachOf(table, state, resource) === 'caller' || isOutside(table, handle);
}

function releases(states: readonly State[]): SummaryRelease[] {
  const found = new Map<string, SummaryRelease>();
  for (const state of states) {
    for (const { contract, values, call, guard } of state.foreign) {
      const key = `${call} ${values.join()}`;
      const known = found.get(key);
      const shared = known === undefined ? guard : weaker(known.guard, guard);
      found.set(key, { contract, values, guard: shared });
    }
  }
  return [...found.values()];
}

function writes(table: TermTable, states: readonly State[]): Outcome['writes'] {
  const found = new Map<Term, Term | undefined>();
  for (const state of states) {
    forEach(state.env, (location, value) => {
      if (isOwnStorage(table, location) && table.kind(location) === kinds.variable) {
        if (table.part(location, 1) !== spaces.global) return;
      }
      if (!isOutside(table, location)) return;
      if (reachOfLocation(table, state, location, new Set()) !== 'caller') return;
      const known = found.has(location) ? found.get(location) : value;
      found.set(location, known === value ? value : undefined);
    });
  }
  for (const [location, value] of found) {
    // What some path put on a list may be there.
    if (isListPlace(table, location)) continue;
    if (states.some((state) => get(state.env, location) !== value)) found.set(location, undefined);
  }
  return [...found].map(([location, value]) => ({ location, value }));
}

/** What all paths prove about values that the caller gets to see. */
/** Handles of the caller whose test all paths made: each knows the answer, and the answers can differ. */
function testedHandles(table: TermTable, states: readonly State[]): Term[] {
  const [first] = states as [State];
  const handles: Term[] = [];
  forEach(first.known, (form) => {
    if (opName(table, form) !== 'mapping_error') return;
    const handle = table.part(form, 1);
    if (!isOutside(table, handle)) return;
    const answered = states.every((state) => {
      const { low, high, not } = range(table, state.known, form);
      return (low === 0 && high === 0) || low > 0 || high < 0 || not.includes(0);
    });
    if (answered) handles.push(handle);
  });
  return handles;
}

/** What says how many turns a loop has that some path did not enter: taken for granted there, and found out by nobody. */
function skippedForms(table: TermTable, states: readonly State[]): ReadonlySet<Term> {
  const forms = new Set<Term>();
  for (const { trace } of states) {
    for (let at = trace; at !== undefined; at = at.parent) {
      if (at.kind !== 'leave' || at.parting?.atOnce !== true) continue;
      const { form } = linearForm(table, unfold(table, at.parting.condition));
      if (form !== undefined) forms.add(form);
    }
  }
  return forms;
}

function sharedFacts(
  table: TermTable,
  states: readonly State[],
  shown: ReadonlySet<Term>,
): Outcome['facts'] {
  const [first] = states as [State];
  const facts: { form: Term; interval: Interval }[] = [];
  const skipped = skippedForms(table, states);
  const isVisible = (form: Term): boolean =>
    !someAtom(
      table,
      form,
      (atom) =>
        !shown.has(atom) &&
        (table.kind(atom) === kinds.fresh || table.part(atom, 1) === spaces.local),
    );
  forEach(first.known, (form) => {
    if (facts.length >= mostFacts || !isVisible(form) || skipped.has(form)) return;
    let interval: Interval | undefined;
    for (const state of states) {
      const one = range(table, state.known, form);
      interval = interval === undefined ? one : hull(interval, one);
    }
    if (interval === undefined) return;
    const says =
      interval.low !== -Infinity || interval.high !== Infinity || interval.not.length > 0;
    if (says) facts.push({ form, interval });
  });
  return facts;
}
