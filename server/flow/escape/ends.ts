import { isSameMember, tagsOfMember } from '../context.ts';
import { isTracked } from '../contracts/contract.ts';
import type { LeakFact, LeakOwnership } from '../facts.ts';
import { range } from '../facts/conditions.ts';
import { placeIn, shortText, stepsOf } from '../record/places.ts';
import { forEach } from '../state/intMap.ts';
import type { CountAnswer } from '../record/recorder.ts';
import type { Resource, State } from '../state/state.ts';
import { isOwnStorage, mentions, storageRoot } from '../terms/roots.ts';
import { kinds, spaces, type Term } from '../terms/term.ts';
import { markKept } from '../engine/release.ts';
import type { Run } from '../engine/run.ts';
import { passedRelease } from './passedBy.ts';
import { reachOf, reachOfPointer, takerFailed, type Reach } from './reach.ts';

/** Errno numbers that mean that the work goes on: EINPROGRESS, EIOCBQUEUED. */
const pending = new Set([-115, -529]);
const EBUSY = -16;

/** How a path ends for the caller. */
export function outcomeOf(run: Run, state: State): LeakFact['outcome'] {
  const type = run.context.unit.types.resolve(run.ir.returns, run.ir);
  if (type.kind === 'void' || state.returned === undefined) return 'unknown';
  const { low, high, not } = range(run.table, state.known, state.returned);
  if (low === high && pending.has(low)) return 'success';
  // -EBUSY of a request function, alone or joined with -EINPROGRESS.
  const vague = (value: number): boolean => value === EBUSY || pending.has(value);
  if (vague(low) && vague(high)) return 'unknown';
  if (high < 0) return 'error';
  if (type.kind === 'pointer') {
    if (high <= 0) return 'error';
    return low > 0 ? 'success' : 'unknown';
  }
  if (type.kind === 'integer' && type.name === 'bool') return 'unknown';
  if (low >= 0) return 'success';
  // `if (ret) return ret;`
  return not.includes(0) ? 'error' : 'unknown';
}

/** Judges what is still held when a path ends. */
export function judgeEnd(run: Run, state: State): void {
  const at = state.returnAt ?? {
    start: run.ir.cfg.nodes[run.ir.cfg.end]!.start,
    end: run.ir.cfg.nodes[run.ir.cfg.end]!.end,
  };
  const outcome = outcomeOf(run, state);
  noteCounts(run, state, outcome);
  for (const resource of state.resources) {
    if (!isTracked(resource.site.contract.family)) continue;
    if (resource.inherited) {
      if (isHandedOn(run, state, resource, outcome)) markKept(run, resource);
      continue;
    }
    const returned = returnsResult(run, state, resource);
    if (returned) run.recorder.returnedRaw(resource.site.id);
    if (!resource.checked && !returned) judgeUnchecked(run, state, resource, outcome, at);
    if (!resource.site.contract.managed) judgeLeak(run, state, resource, outcome, at);
  }
}

/** Lists of this path that were mapped or not, where only a loop looked at the count. */
function noteCounts(run: Run, state: State, outcome: LeakFact['outcome']): void {
  const missing = new Set<number>();
  for (const { id, contract } of run.sites.values())
    if (contract.convention === 'count') missing.add(id);
  for (const { site, status, checked } of state.resources) {
    if (missing.delete(site.id) && status === 'ok' && !checked)
      run.recorder.mapped(site.id, 'some', answerOf(run, state, outcome));
  }
  for (let at = state.trace; at !== undefined && missing.size > 0; at = at.parent) {
    if (!missing.delete(at.site) || at.kind !== 'acquire') continue;
    // Taken and not given back since: it was not there.
    run.recorder.mapped(at.site, 'none', answerOf(run, state, outcome));
  }
}

function answerOf(run: Run, state: State, outcome: LeakFact['outcome']): CountAnswer {
  if (outcome === 'error') return 'error';
  if (state.returned === undefined) return 'other';
  const { low, high } = range(run.table, state.known, state.returned);
  return low === 0 && high === 0 ? 'zero' : 'other';
}

/** What a failed callee left: handed on, or kept although this function goes on to succeed. */
function isHandedOn(
  run: Run,
  state: State,
  resource: Resource,
  outcome: LeakFact['outcome'],
): boolean {
  return outcome !== 'error' || reachOfSubject(run, state, resource) === 'somebody';
}

/** The raw result goes to the caller: returned, or stored where a parameter points. */
function returnsResult(run: Run, state: State, resource: Resource): boolean {
  const { table } = run;
  const { firstUse, result } = resource;
  for (const value of [result, firstUse?.encoded]) {
    if (value === undefined || state.returned === undefined) continue;
    if (mentions(table, state.returned, value)) return true;
  }
  let found = false;
  forEach(state.env, (location, held) => {
    if (held !== resource.result) return;
    // In a struct that is returned.
    found ||= storageRoot(table, location) === state.returned && location !== state.returned;
    if (table.kind(location) !== kinds.deref) return;
    const pointer = table.part(location, 0);
    if (table.kind(pointer) === kinds.variable && table.part(pointer, 1) === spaces.parameter)
      found = true;
  });
  return found;
}

function judgeUnchecked(
  run: Run,
  state: State,
  resource: Resource,
  outcome: LeakFact['outcome'],
  at: { readonly start: number; readonly end: number },
): void {
  if (isCheckedElsewhere(run, state, resource)) {
    run.recorder.checked(resource.site.id);
    return;
  }
  run.recorder.unchecked({
    site: resource.site.id,
    at: placeIn(run, resource.firstUse ?? run.calls.get(resource.site.call)?.callee ?? at),
    why: resource.firstUse?.why ?? 'end',
    failing: outcome === 'error' && resource.firstUse === undefined,
    wrongCheck: resource.wrongCheck,
    steps: stepsOf(run, state.trace, resource.site.id),
  });
}

/** Another function of the file asks dma_mapping_error() about the member that keeps this handle. */
function isCheckedElsewhere(run: Run, state: State, resource: Resource): boolean {
  const { table } = run;
  if (resource.site.contract.convention !== 'dma-address') return false;
  let found = false;
  forEach(state.env, (location, held) => {
    if (held !== resource.handle || isOwnStorage(table, location)) return;
    if (table.kind(location) === kinds.field) {
      const member = table.text(table.part(location, 1));
      const tags = tagsOfMember(run.context.unit, run.ir, member);
      found ||= run.context.isMemberChecked(member, tags);
    }
  });
  return found;
}

/** Who can reach the thing itself: for families whose handle was the caller's all along. */
function reachOfSubject(run: Run, state: State, resource: Resource): Reach {
  const { table } = run;
  const { family, roles } = resource.site.contract;
  switch (family) {
    case 'dma-sg':
    case 'dma-sgtable':
    case 'sg-table':
    case 'pin':
      return subjectReach(run, state, resource.handle);
    case 'iommu-map':
    case 'iommu-attach':
      return subjectReach(run, state, resource.values[roles.indexOf('domain')] ?? resource.handle);
    default:
      return reachOf(table, state, resource);
  }
}

function subjectReach(run: Run, state: State, subject: Term): Reach {
  const { table } = run;
  if (table.kind(subject) === kinds.addr) {
    const root = storageRoot(table, table.part(subject, 0));
    if (table.kind(root) === kinds.variable)
      return table.part(root, 1) === spaces.local ? 'nobody' : 'caller';
    return reachOfPointer(table, state, table.part(root, 0), new Set());
  }
  return reachOfPointer(table, state, subject, new Set());
}

function judgeLeak(
  run: Run,
  state: State,
  resource: Resource,
  outcome: LeakFact['outcome'],
  at: { readonly start: number; readonly end: number },
): void {
  const { table } = run;
  const short = isShort(resource);
  if (state.approximate || (resource.status !== 'ok' && !short)) return;
  if (resource.escapes.some((escape) => escape.kind === 'published') && outcome !== 'error') return;
  const takers = resource.escapes.filter((escape) => escape.kind === 'call');
  const failed = takers.length > 0 && takers.every((escape) => takerFailed(table, state, escape));
  if (takers.length > 0 && !failed) {
    run.recorder.transferred(resource.site.id);
    return;
  }
  if (resource.site.contract.family === 'dma-map' && isDerivable(run, state, resource)) return;
  const reach = reachOfSubject(run, state, resource);
  const ownership = ownershipOf(reach, failed);
  if (ownership === undefined) return;
  if (ownership === 'field-released-elsewhere' && outcome !== 'error') return;
  // The loop that was not entered would have stored it.
  if (state.skipped && (outcome !== 'error' || ownership === 'field-released-elsewhere')) return;
  if (passedRelease(run, state, resource)) return;
  const earlierTurn = laterTurnFailed(state, resource);
  run.recorder.leak({
    site: resource.site.id,
    ownership,
    at: placeIn(run, at),
    atText: shortText(run, at),
    outcome,
    earlierTurn,
    tooMany: isTooMany(run, state, resource),
    withMemory: isWithMemory(run, state, resource),
    lastCondition: lastCondition(state),
    // An array of handles tells its owner which of them are set; a page table does not.
    certain: short || (earlierTurn && resource.site.contract.family === 'iommu-map'),
    steps: stepsOf(run, state.trace, resource.site.id, {
      place: placeIn(run, at),
      message: `${shortText(run, at)}; it is still held`,
    }),
  });
}

/** `if (n > MAX)` about the count of a map, which let the path go on to its end. */
function isTooMany({ table }: Run, state: State, { site, result, turn }: Resource): boolean {
  if (site.contract.convention !== 'count') return false;
  if (range(table, state.known, result).low < 2) return false;
  for (let at = state.trace; at !== undefined; at = at.parent) {
    if (at.kind === 'acquire' && at.site === site.id && at.turn === turn) return false;
    const asked = at.kind === 'branch' ? at.parting?.condition : undefined;
    if (asked !== undefined && mentions(table, asked, result)) return true;
  }
  return false;
}

/** What was mapped was allocated here, too, and is as reachable as its handle. */
function isWithMemory({ table }: Run, state: State, { site, values }: Resource): boolean {
  const memory = values[site.contract.roles.indexOf('cpu_addr')];
  if (site.contract.family !== 'dma-map' || memory === undefined) return false;
  return state.resources.some((other) => {
    const { family, managed } = other.site.contract;
    if (family !== 'memory' || managed || !mentions(table, memory, other.handle)) return false;
    return ['caller', 'somebody'].includes(reachOf(table, state, other));
  });
}

/**
 * The driver compares this handle with the physical address it was made of, and relies on both being the same: it can be had
 * again at any time. Compared by its variable, by the member that keeps it, or by a function that this one calls.
 */
function isDerivable(run: Run, state: State, { handle }: Resource): boolean {
  const identities = run.context.identities();
  if (identities.length === 0) return false;
  const { table, context, ir } = run;
  let found = false;
  forEach(state.env, (location, held) => {
    if (found || held !== handle) return;
    const isMember = table.kind(location) === kinds.field;
    const name = table.text(table.part(location, isMember ? 1 : 0));
    found = identities.some(({ function: where, variable, member }) => {
      if (member !== undefined)
        return isMember && isSameMember(member, name, tagsOfMember(context.unit, ir, name));
      if (where !== ir.name) return context.callsByName(ir.name, where);
      return table.kind(location) === kinds.variable && variable === name;
    });
  });
  return found;
}

function ownershipOf(reach: Reach, failed: boolean): LeakOwnership | undefined {
  switch (reach) {
    case 'nobody':
      return failed ? 'taker-failed' : 'local';
    case 'own-object':
      return 'own-object';
    case 'caller':
      return 'field-released-elsewhere';
    case 'somebody':
      return undefined;
  }
}

/** Fewer bytes than asked for were mapped: the caller hears of a failure, and cannot know how much is there. */
function isShort({ site, status, checked }: Resource): boolean {
  return site.contract.convention === 'length-or-errno' && status === 'unknown' && checked;
}

/** End of the last condition that the path met. */
function lastCondition(state: State): number | undefined {
  let at = state.trace;
  while (at !== undefined && at.kind !== 'branch') at = at.parent;
  return at?.end;
}

/** The same call of a later turn failed on this path: only this function knows how far it came. */
function laterTurnFailed(state: State, resource: Resource): boolean {
  for (let at = state.trace; at !== undefined; at = at.parent) {
    if (at.kind !== 'acquire') continue;
    if (at.site !== resource.site.id) return false;
    return !state.resources.some(({ site, turn }) => site === resource.site && turn === at.turn);
  }
  return false;
}
