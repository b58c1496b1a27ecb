import type { Call, Expr } from '../../program/ir.ts';
import { fits, isTracked, type Contract } from '../contracts/contract.ts';
import { provenEqual, range } from '../facts/conditions.ts';
import type { PairingFact } from '../facts.ts';
import { placeIn, shortText, stepsOf } from '../record/places.ts';
import { forEach, set } from '../state/intMap.ts';
import type { Guard, Resource } from '../state/state.ts';
import { sub } from '../terms/build.ts';
import { isOutside, mentions, someAtom } from '../terms/roots.ts';
import { kinds, spaces, type Term, type TermTable } from '../terms/term.ts';
import { remember, unknownAt } from './cursor.ts';
import type { Cursor } from './run.ts';
import { describeCall, pairArguments } from './describe.ts';
import { answerParts, notePart, pairingKey } from './parts.ts';
import { noteTaken } from './meetings.ts';
import type { Run } from './run.ts';
import { noteUnmap } from './unmaps.ts';

/** The argument that names what is released or synced. */
export function subjectOf(contract: Contract, values: readonly Term[]): Term | undefined {
  const at = (role: Contract['roles'][number]): Term | undefined => {
    const index = contract.roles.indexOf(role);
    return index < 0 ? undefined : values[index];
  };
  switch (contract.family) {
    case 'dma-map':
      return at('dma_addr');
    case 'dma-sg':
      return at('sg');
    case 'dma-sgtable':
    case 'sg-table':
    case 'noncontiguous':
      return at('sgtable');
    case 'coherent':
      return at('cpu_addr') ?? at('page');
    case 'pool-memory':
    case 'memory':
      return at('cpu_addr');
    case 'dma-pool':
      return at('pool');
    case 'iommu-map':
      return at('iova');
    case 'pin':
      return at('pages') ?? at('iova');
    default:
      return at('domain') ?? values[0];
  }
}

/** Locations of the path that hold a value. */
export function holders(cursor: Cursor, value: Term): Term[] {
  const found: Term[] = [];
  forEach(cursor.state.env, (location, held) => {
    if (held === value) found.push(location);
  });
  return found;
}

/** A location without its indices: elements of one array, or one member of any object, look alike. */
function shape(table: TermTable, location: Term): string {
  switch (table.kind(location)) {
    case kinds.field:
      return `${shape(table, table.part(location, 0))}.${table.text(table.part(location, 1))}`;
    case kinds.deref: {
      const pointer = table.part(location, 0);
      if (table.kind(pointer) !== kinds.lin) return `*${shape(table, pointer)}`;
      return `*${shape(table, table.part(pointer, 1))}`;
    }
    case kinds.variable:
      return table.text(table.part(location, 0));
    case kinds.fresh:
      return '?';
    default:
      return String(location);
  }
}

function lastMember(table: TermTable, location: Term): string | undefined {
  if (table.kind(location) === kinds.field) return table.text(table.part(location, 1));
  if (table.kind(location) !== kinds.deref) return undefined;
  const pointer = table.part(location, 0);
  const base = table.kind(pointer) === kinds.lin ? table.part(pointer, 1) : pointer;
  return table.kind(base) === kinds.field ? lastMember(table, base) : undefined;
}

/** True for values of which nothing is known: a join of several, or the result of an unknown call. */
function isVague(table: TermTable, term: Term): boolean {
  return someAtom(table, term, (atom) => {
    if (table.kind(atom) === kinds.fresh) return true;
    return table.part(atom, 1) === spaces.local;
  });
}

/** A release or sync as it is called. */
interface Act {
  readonly contract: Contract;
  readonly call: Call;
  readonly values: readonly Term[];
  /** The argument expressions, where the interface is called here and not in a callee. */
  readonly spelled: readonly Expr[] | undefined;
}

interface Match {
  readonly resource: Resource;
  readonly kind: PairingFact['match'];
  /** Nothing says that this one is meant, only nothing speaks against it. */
  readonly isGuess?: true;
}

/** The resources that a release or sync is about: exact ones first, look-alikes only without them. */
function findMatches(cursor: Cursor, contract: Contract, subject: Term): Match[] {
  const { run, state } = cursor;
  const { table } = run;
  const candidates = state.resources.filter(
    (held) => held.site.contract.family === contract.family,
  );
  if (candidates.length === 0) return [];
  const exact = candidates.filter((held) => held.handle === subject || held.twin === subject);
  if (exact.length > 0) return exact.map((resource) => ({ resource, kind: 'exact' }));
  const proven = candidates.filter((held) => provenEqual(table, state.known, held.handle, subject));
  if (proven.length > 0) return proven.map((resource) => ({ resource, kind: 'exact' }));
  if (contract.family === 'iommu-map') {
    return candidates.map((resource) => ({
      resource,
      kind: hasDistance(cursor, resource.handle, subject) ? 'exact' : 'element',
    }));
  }
  if (isAnothers(run, candidates, subject)) return [];
  const like = candidates.filter((held) => looksAlike(cursor, held, subject));
  if (like.length > 0) return like.map((resource) => ({ resource, kind: 'element' }));
  if (!isVague(table, subject)) return [];
  return candidates.map((resource) => ({ resource, kind: 'element', isGuess: true }));
}

/** `kfree(p)` of DMA memory: it is gone, by an interface that does not belong to it. */
function wronglyFreed({ state }: Cursor, contract: Contract, subject: Term): Match[] {
  if (contract.family !== 'memory') return [];
  return state.resources
    .filter(({ handle, status, site: { contract: made } }) => {
      const isMemory = made.family === 'coherent' || made.family === 'pool-memory';
      return isMemory && !made.managed && status === 'ok' && handle === subject;
    })
    .map((resource) => ({ resource, kind: 'exact' }));
}

/** The subject is what a call here gave out, and none of the candidates is from that call: it failed, or is gone already. */
function isAnothers(run: Run, candidates: readonly Resource[], subject: Term): boolean {
  const call = run.results.get(subject)?.call.id;
  return call !== undefined && candidates.every(({ site }) => site.call !== call);
}

function looksAlike(cursor: Cursor, held: Resource, subject: Term): boolean {
  const { table } = cursor.run;
  const wanted = shape(table, subject);
  const member = lastMember(table, subject);
  const places = [held.handle, ...holders(cursor, held.handle)];
  if (held.twin !== undefined) places.push(...holders(cursor, held.twin));
  return places.some((place) => {
    if (shape(table, place) === wanted) return true;
    return member !== undefined && lastMember(table, place) === member;
  });
}

/** Somebody takes care of what a callee left behind. */
export function markSettled(run: Run, resource: Resource): void {
  if (!resource.inherited || resource.inner === undefined) return;
  const inherited = run.inherited.get(resource.inner);
  if (inherited !== undefined) inherited.settled = 'released';
}

/** Somebody goes on with it, or hands it on. */
export function markKept(run: Run, resource: Resource): void {
  if (!resource.inherited || resource.inner === undefined) return;
  const inherited = run.inherited.get(resource.inner);
  if (inherited?.settled === 'no') inherited.settled = 'kept';
}

/** Runs a release. */
export function release(
  cursor: Cursor,
  contract: Contract,
  call: Call,
  values: readonly Term[],
  spelled: readonly Expr[] | undefined,
): void {
  const { run, state } = cursor;
  const subject = subjectOf(contract, values);
  if (subject === undefined) return;
  const fitting = findMatches(cursor, contract, subject).filter(({ resource }) =>
    sameDomain(run, contract, resource, values),
  );
  const matches = fitting.length > 0 ? fitting : wronglyFreed(cursor, contract, subject);
  if (contract.family === 'iommu-map') {
    answerParts(cursor, contract, values);
    const result = unknownAt(cursor, call, contract.name);
    for (const { resource } of matches) notePart(cursor, resource, call, contract, values, result);
    const mapped = matches.flatMap(({ resource: { site, values: made } }) => {
      const address = made[site.contract.roles.indexOf('paddr')];
      return address === undefined ? [] : [address];
    });
    noteUnmap(cursor, call, contract, values, [subject, ...mapped]);
  }
  if (contract.family === 'memory') noteFreed(cursor, contract, call, values, subject);
  if (matches.length === 0) {
    const known = state.foreign.some(
      (other) => other.call === call.id && other.values.every((value, i) => value === values[i]),
    );
    if (spelled !== undefined) noteTaken(cursor, contract, call, values, subject, spelled);
    if (!known && state.foreign.length < mostForeign) {
      const guard = guardOf(cursor);
      state.foreign = [...state.foreign, { contract, values, call: call.id, guard }];
    }
  }
  for (const match of matches) {
    if (isTracked(match.resource.site.contract.family))
      noteRelease(cursor, match, matches.length, { contract, call, values, spelled });
  }
  const gone = new Set(matches.map(({ resource }) => resource));
  for (const held of state.resources) {
    if (!endsWith(held, contract, subject)) continue;
    gone.add(held);
    markSettled(run, held);
  }
  state.resources = state.resources.filter((held) => !gone.has(held));
}

const mostGuards = 8;

/** Releases of other people's things that a path remembers; loops add one for each element. */
const mostForeign = 24;

/** What the path knows about values that the caller can express. */
function guardOf(cursor: Cursor): readonly Guard[] {
  const { run, state } = cursor;
  const guard: Guard[] = [];
  forEach(state.known, (form, interval) => {
    if (guard.length < mostGuards && isOutside(run.table, form)) guard.push({ form, interval });
  });
  return guard;
}

/** The argument that names what is released. */
function subjectExpr({ contract, values, spelled }: Act): Expr | undefined {
  const subject = subjectOf(contract, values);
  return subject === undefined ? undefined : spelled?.[values.indexOf(subject)];
}

/** Something may have been released: nobody is accused of keeping it. */
export function forgetMatching(cursor: Cursor, contract: Contract, values: readonly Term[]): void {
  const { run, state } = cursor;
  const subject = subjectOf(contract, values);
  if (subject === undefined || !isTracked(contract.family)) return;
  const gone = new Set(findMatches(cursor, contract, subject).map(({ resource }) => resource));
  for (const resource of gone) markSettled(run, resource);
  state.resources = state.resources.filter((held) => !gone.has(held));
}

/** IOMMU mappings end with their domain, memory of a pool with the pool. */
function endsWith(held: Resource, contract: Contract, subject: Term): boolean {
  const { roles, family } = held.site.contract;
  if (contract.family === 'iommu-domain' && (family === 'iommu-map' || family === 'iommu-attach')) {
    return held.values[roles.indexOf('domain')] === subject;
  }
  if (contract.family === 'dma-pool' && family === 'pool-memory') {
    return held.values[roles.indexOf('pool')] === subject;
  }
  return false;
}

function sameDomain(
  run: Run,
  contract: Contract,
  held: Resource,
  values: readonly Term[],
): boolean {
  if (contract.family !== 'iommu-map') return true;
  const mine = held.values[held.site.contract.roles.indexOf('domain')];
  const theirs = values[contract.roles.indexOf('domain')];
  return (
    mine === theirs || mine === undefined || theirs === undefined || isVague(run.table, theirs)
  );
}

function noteRelease(cursor: Cursor, match: Match, count: number, act: Act): void {
  const { resource, kind } = match;
  const { run, state } = cursor;
  const { call } = act;
  const id = resource.site.id;
  const place = placeIn(run, call);
  run.recorder.released(id, place);
  markSettled(run, resource);
  if (resource.inherited) return;
  if (!resource.checked && match.isGuess !== true) {
    run.recorder.unchecked({
      site: id,
      at: placeIn(run, resource.firstUse ?? subjectExpr(act) ?? call),
      why: resource.firstUse?.why ?? 'released',
      failing: false,
      wrongCheck: resource.wrongCheck,
      steps: stepsOf(run, state.trace, id),
    });
  }
  notePairing(cursor, 'release', { resource, kind }, count, act);
  remember(cursor, {
    kind: 'release',
    start: call.start,
    end: call.end,
    message: `releases it with ${shortText(run, call)}`,
    site: id,
  });
}

function notePairing(
  cursor: Cursor,
  what: PairingFact['kind'],
  { resource, kind }: Match,
  count: number,
  { contract, call, values, spelled }: Act,
): void {
  const { run, state } = cursor;
  // A mismatch inside a helper is the helper's, and shown there.
  if (resource.inherited || spelled === undefined) return;
  const perTurn = cursor.loop >= 0 && run.loopOfCall(resource.site.call) !== cursor.loop;
  run.recorder.pairing(pairingKey(what, resource.site.id, call.id), () => ({
    kind: what,
    site: resource.site.id,
    call: describeCall(cursor, contract, call, values, spelled),
    match: kind,
    pairs: pairArguments(cursor, resource, kind, { contract, call, values, spelled, perTurn }),
    interfacesFit: fits(resource.site.contract, contract),
    aggregated: count > 1,
    releasedPerTurn: perTurn,
    steps: stepsOf(run, state.trace, resource.site.id, {
      place: placeIn(run, call),
      message: `${what === 'sync' ? 'syncs' : 'releases'} it with ${shortText(run, call)}`,
    }),
  }));
}

/** Runs a sync: nothing changes, but its arguments are compared. */
export function sync(
  cursor: Cursor,
  contract: Contract,
  call: Call,
  values: readonly Term[],
): void {
  const subject = subjectOf(contract, values);
  if (subject === undefined) return;
  const matches = findMatches(cursor, contract, subject);
  for (const match of matches) {
    notePairing(cursor, 'sync', match, matches.length, {
      contract,
      call,
      values,
      spelled: call.args,
    });
  }
}

/** Memory went back to the allocator. */
function noteFreed(
  cursor: Cursor,
  freeing: Contract,
  call: Call,
  values: readonly Term[],
  pointer: Term,
): void {
  const { run, state } = cursor;
  state.freed = set(state.freed, pointer, true);
  forEach(state.tainted, (address, failedCall) => {
    if (!mentions(run.table, pointer, address) && !mentions(run.table, address, pointer)) return;
    const failed = run.calls.get(failedCall);
    const contract = run.sites.get(String(failedCall))?.contract;
    if (failed === undefined || contract === undefined) return;
    const subject = subjectExpr({ contract: freeing, call, values, spelled: call.args }) ?? call;
    run.recorder.tainted(`${failedCall} ${call.id}`, () => ({
      failed: describeCall(cursor, contract, failed, [], failed.args),
      freeName: call.name ?? '',
      free: placeIn(run, subject),
      memory: shortText(run, subject),
      steps: stepsOf(run, state.trace, run.base + failedCall, {
        place: placeIn(run, call),
        message: `frees ${shortText(run, subject)}`,
      }),
    }));
  });
}

/** True when the path fixes how far two addresses are apart. */
function hasDistance(cursor: Cursor, a: Term, b: Term): boolean {
  const between = range(cursor.run.table, cursor.state.known, sub(cursor.run.table, a, b));
  return between.low === between.high;
}
