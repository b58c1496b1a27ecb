import { range, type Known } from '../facts/conditions.ts';
import { hull, sameInterval, type Interval } from '../facts/interval.ts';
import { isUnnamed, storageRoot } from '../terms/roots.ts';
import type { Term, TermTable } from '../terms/term.ts';
import { differences, emptyMap, forEach, get, remove, same, set, type IntMap } from './intMap.ts';
import type { ForeignRelease, Guard, Resource, State } from './state.ts';

/**
 * What must not be merged, as numbers: the resources with their life and holders, the sign of every
 * call that took one, loop turns, atomic sections, gathers, failed conversions.
 */
export function signature(table: TermTable, state: State): number[] {
  const words: number[] = [state.atomic.length, state.leftAtomic, state.approximate ? 1 : 0];
  for (const resource of state.resources) {
    if (resource.site.contract.family === 'memory') continue;
    words.push(resource.site.id, resource.turn);
    words.push((resource.status === 'ok' ? 1 : 0) + (resource.checked ? 2 : 0));
    words.push(holderHash(table, state, resource), escapeHash(table, state, resource));
  }
  forEach(state.counters, (loop, count) => {
    words.push(-loop - 2, count);
  });
  forEach(state.gathers, (location, gather) => {
    words.push(location, gather.life.length);
  });
  forEach(state.tainted, (address) => {
    words.push(address);
  });
  words.push(returnSign(table, state));
  return words;
}

/** Paths that end differently must stay apart until the end: 1 for success, 2 for an error, 0 before a return. */
function returnSign(table: TermTable, state: State): number {
  if (state.returned === undefined) return 0;
  const { low, high } = range(table, state.known, state.returned);
  if (high < 0) return 2;
  if (low > 0) return 3;
  return low === 0 && high === 0 ? 1 : 4;
}

function holderHash(table: TermTable, state: State, { handle, twin }: Resource): number {
  let hash = 0;
  forEach(state.env, (location, held) => {
    // An unnamed object is gone after its statement, and whoever got it has a copy.
    if ((held === handle || held === twin) && !isUnnamed(table, storageRoot(table, location)))
      hash = (Math.imul(hash, 31) + location) | 0;
  });
  return hash;
}

function escapeHash(table: TermTable, state: State, resource: Resource): number {
  let hash = 0;
  for (const escape of resource.escapes) {
    let sign = 1;
    if (escape.kind === 'call' && escape.outcome !== undefined) {
      const { low, high } = range(table, state.known, escape.outcome);
      sign = high < 0 ? 2 : low > 0 ? 3 : low === 0 && high === 0 ? 4 : 5;
    }
    hash = (Math.imul(hash, 7) + sign) | 0;
  }
  return hash;
}

/** True when both signatures are the same. */
export function sameSignature(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

function sameResources(a: readonly Resource[], b: readonly Resource[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((resource, i) => sameResource(resource, b[i]!));
}

function sameResource(a: Resource, b: Resource): boolean {
  return (
    a === b ||
    (a.site === b.site &&
      a.turn === b.turn &&
      a.result === b.result &&
      a.handle === b.handle &&
      a.status === b.status &&
      a.checked === b.checked &&
      a.escapes.length === b.escapes.length &&
      a.values.every((value, i) => value === b.values[i]))
  );
}

/** True when two states say the same; how they were reached does not matter. */
export function sameState(a: State, b: State): boolean {
  return (
    a.returned === b.returned &&
    sameResources(a.resources, b.resources) &&
    same(a.env, b.env, (x, y) => x === y) &&
    same(a.known, b.known, sameInterval) &&
    same(a.gathers, b.gathers, (x, y) => x.life === y.life) &&
    a.foreign.length === b.foreign.length
  );
}

/** Makes the value that stands for several at a join. */
export type Phi = (location: Term) => Term;

/** Merges two states of one signature: values that differ become new ones with the range of both. */
export function merge(table: TermTable, a: State, b: State, phi: Phi): State {
  let env: IntMap<Term> = a.env;
  const ranges: [Term, Interval][] = [];
  // What was equal on both sides stays equal: one new value for each pair of old ones.
  const joins = new Map<string, Term>();
  const join = (x: Term, y: Term, at: Term): Term => {
    if (x === y) return x;
    const key = `${x} ${y}`;
    let joined = joins.get(key);
    if (joined === undefined) {
      joined = phi(at);
      joins.set(key, joined);
      ranges.push([joined, hull(range(table, a.known, x), range(table, b.known, y))]);
    }
    return joined;
  };
  differences(a.env, b.env, (location, left, right) => {
    const x = left ?? location;
    const y = right ?? location;
    if (x === y) return;
    env = set(env, location, join(x, y, location));
  });
  const resources = mergeResources(a.resources, b.resources, join);
  const returned =
    a.returned === undefined || b.returned === undefined
      ? undefined
      : join(a.returned, b.returned, a.returned);
  let known: Known = mergeKnown(table, a.known, b.known);
  for (const [term, interval] of ranges) {
    if (interval.low !== -Infinity || interval.high !== Infinity || interval.not.length > 0) {
      known = set(known, term, interval);
    } else known = remove(known, term);
  }
  return {
    ...a,
    env,
    known,
    resources,
    returned,
    skipped: a.skipped && b.skipped,
    freed: intersect(a.freed, b.freed),
    foreign: mergeForeign(a.foreign, b.foreign),
  };
}

function mergeForeign(
  a: readonly ForeignRelease[],
  b: readonly ForeignRelease[],
): readonly ForeignRelease[] {
  if (a === b) return a;
  const merged = a.map((one) => {
    const other = b.find((each) => sameRelease(each, one));
    return other === undefined || other === one
      ? one
      : { ...one, guard: weaker(one.guard, other.guard) };
  });
  return [...merged, ...b.filter((one) => !a.some((each) => sameRelease(each, one)))];
}

function sameRelease(a: ForeignRelease, b: ForeignRelease): boolean {
  return a.call === b.call && a.values.every((value, i) => value === b.values[i]);
}

/** What both conditions have in common. */
export function weaker(a: readonly Guard[], b: readonly Guard[]): readonly Guard[] {
  if (a === b) return a;
  return a.flatMap(({ form, interval }) => {
    const other = b.find((guard) => guard.form === form);
    if (other === undefined) return [];
    const both = hull(interval, other.interval);
    return both.low === -Infinity && both.high === Infinity && both.not.length === 0
      ? []
      : [{ form, interval: both }];
  });
}

function intersect(a: IntMap<true>, b: IntMap<true>): IntMap<true> {
  if (a === b) return a;
  let both: IntMap<true> = emptyMap;
  forEach(a, (key) => {
    if (get(b, key)) both = set(both, key, true);
  });
  return both;
}

function mergeKnown(table: TermTable, a: Known, b: Known): Known {
  let known = a;
  differences(a, b, (form, left, right) => {
    const joined = hull(
      left === undefined ? range(table, a, form) : left,
      right === undefined ? range(table, b, form) : right,
    );
    const empty = joined.low === -Infinity && joined.high === Infinity && joined.not.length === 0;
    known = empty ? remove(known, form) : set(known, form, joined);
  });
  return known;
}

function mergeResources(
  a: readonly Resource[],
  b: readonly Resource[],
  joinTerms: (x: Term, y: Term, at: Term) => Term,
): readonly Resource[] {
  if (sameResources(a, b)) return a;
  const merged: Resource[] = [];
  for (const resource of a) {
    const other = b.find(({ site, turn }) => site === resource.site && turn === resource.turn);
    if (other === undefined) continue;
    if (sameResource(resource, other)) {
      merged.push(resource);
      continue;
    }
    const join = (x: Term, y: Term): Term => joinTerms(x, y, x);
    merged.push({
      ...resource,
      values: resource.values.map((value, i) => join(value, other.values[i] ?? value)),
      handle: join(resource.handle, other.handle),
      result: join(resource.result, other.result),
      firstUse: resource.firstUse ?? other.firstUse,
      wrongCheck: resource.wrongCheck ?? other.wrongCheck,
      escapes: [...resource.escapes, ...other.escapes].slice(0, 4),
      status: resource.status === other.status ? resource.status : 'unknown',
      checked: resource.checked && other.checked,
    });
  }
  return merged;
}
