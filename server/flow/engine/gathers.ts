import type { Call, CfgNode } from '../../program/ir.ts';
import type { Contract } from '../contracts/contract.ts';
import type { GatherFact } from '../facts.ts';
import { placeIn, shortText, stepsOf } from '../record/places.ts';
import { get, set } from '../state/intMap.ts';
import type { State } from '../state/state.ts';
import { deref } from '../terms/build.ts';
import { printTerm } from '../terms/print.ts';
import { storageRoot } from '../terms/roots.ts';
import { kinds, spaces, type Term } from '../terms/term.ts';
import type { Cursor } from './run.ts';
import { describeCall } from './describe.ts';
import type { Run } from './run.ts';
import { notePagesBack } from './unmaps.ts';

/** True for a gather that this function made: a local, not something the caller handed in. */
function isOwn(run: Run, location: Term): boolean {
  const root = storageRoot(run.table, location);
  return run.table.kind(root) === kinds.variable && run.table.part(root, 1) === spaces.local;
}

/** Follows the life of the gather that a call is given. */
export function gatherCall(
  cursor: Cursor,
  call: Call,
  name: string,
  values: readonly Term[],
): void {
  const { run, state } = cursor;
  const { table } = run;
  const { effect, freesPages } = run.context.meanings.of(name);
  if (effect?.does === 'gather' && effect.argument === undefined) {
    for (const { location } of pendingGathers(state, run)) {
      state.gathers = set(state.gathers, location, { life: 'synced', call: call.id });
    }
    return;
  }
  if (effect?.does !== 'gather' || effect.argument === undefined) {
    if (freesPages) {
      noteFreeBeforeSync(cursor, call);
      if (/page/.test(name)) notePagesBack(cursor, call, values);
    }
    passOn(cursor, values);
    return;
  }
  const index = effect.argument;
  const pointer = values[index];
  if (pointer === undefined) return;
  const location = deref(table, pointer);
  const known = get(state.gathers, location);
  switch (effect.step) {
    case 'init':
      state.gathers = set(state.gathers, location, { life: 'ready', call: call.id });
      return;
    case 'sync':
      state.gathers = set(state.gathers, location, { life: 'synced', call: call.id });
      return;
    case 'collect':
      if (known?.life === 'declared' && isOwn(run, location)) {
        const contract = run.context.meanings.contractOf(name) ?? collecting(name);
        run.recorder.gather(`uninitialised ${call.id}`, () => ({
          kind: 'uninitialised',
          gather: printTerm(table, location),
          ...initialiser(run, location),
          call: describeCall(cursor, contract, call, values, call.args),
          at: placeIn(run, call.args[index] ?? call),
          atText: shortText(run, call),
          steps: stepsOf(run, state.trace, -1),
        }));
      }
      state.gathers = set(state.gathers, location, { life: 'pending', call: call.id });
  }
}

/** What a declaration sets the gather to, instead of iommu_iotlb_gather_init(), and where its block goes on. */
function initialiser(
  run: Run,
  location: Term,
): Pick<GatherFact, 'init' | 'declared' | 'statements'> {
  const { cfg, variables } = run.ir;
  for (const node of cfg.nodes) {
    if (node.kind !== 'declare' || run.locations[node.variable] !== location) continue;
    const declared = placeIn(run, variables[node.variable]!);
    const statements = firstStatement(run, node);
    return {
      declared,
      ...(node.init && { init: shortText(run, node.init) }),
      ...(statements && { statements }),
    };
  }
  return {};
}

/** The line behind the declarations that follow one, where a statement can be put. */
function firstStatement(run: Run, first: CfgNode): GatherFact['statements'] {
  const { cfg, variables } = run.ir;
  let last = first;
  for (let at = first; at.kind === 'declare' && at.edges.length === 1;) {
    last = at;
    at = cfg.nodes[at.edges[0]!.to]!;
  }
  if (last.kind !== 'declare') return undefined;
  const { text } = run.source;
  const from = Math.max(variables[last.variable]!.end, last.init?.end ?? 0);
  const end = /^[^;{}]*;[^\n]*\n\n?/.exec(text.slice(from));
  if (end === null) return undefined;
  const start = from + end[0].length;
  const line = text.slice(text.lastIndexOf('\n', from) + 1);
  return { place: placeIn(run, { start, end: start }), indent: /^\s*/.exec(line)![0] };
}

/** A function that only adds to a gather, for the message. */
function collecting(name: string): Contract {
  const nothing = { roles: [], convention: 'none', group: 'iommuMapping', managed: false } as const;
  return { name, effect: 'release', family: 'iommu-map', ...nothing };
}

function pendingGathers(state: State, run: Run): { location: Term; call: Call }[] {
  const pending: { location: Term; call: Call }[] = [];
  for (const location of run.gatherLocations) {
    const gather = get(state.gathers, location);
    const call = gather && run.calls.get(gather.call);
    if (gather?.life === 'pending' && call !== undefined) pending.push({ location, call });
  }
  return pending;
}

function noteFreeBeforeSync(cursor: Cursor, call: Call): void {
  const { run, state } = cursor;
  for (const { location, call: unmap } of pendingGathers(state, run)) {
    const contract = run.context.meanings.contractOf(unmap.name ?? '');
    if (contract === undefined || !isOwn(run, location)) continue;
    run.recorder.gather(`freed ${unmap.id}`, () => ({
      kind: 'freed-before-sync',
      gather: printTerm(run.table, location),
      call: describeCall(cursor, contract, unmap, [], unmap.args),
      at: placeIn(run, call),
      atText: shortText(run, call),
      steps: stepsOf(run, state.trace, -1),
    }));
  }
}

/** Somebody else was given the gather: it may have been initialised or synced there. */
function passOn(cursor: Cursor, values: readonly Term[]): void {
  const { run, state } = cursor;
  for (const value of values) {
    if (run.table.kind(value) !== kinds.addr) continue;
    const location = run.table.part(value, 0);
    if (get(state.gathers, location) !== undefined) {
      state.gathers = set(state.gathers, location, { life: 'synced', call: -1 });
    }
  }
}

/** Judges the gathers at an end of the function. */
export function judgeGathers(cursor: Cursor, at: { start: number; end: number }): void {
  const { run, state } = cursor;
  for (const { location, call } of pendingGathers(state, run)) {
    const contract = run.context.meanings.contractOf(call.name ?? '');
    if (contract === undefined || !isOwn(run, location)) continue;
    run.recorder.gather(`end ${call.id}`, () => ({
      kind: 'not-synced-at-end',
      gather: printTerm(run.table, location),
      call: describeCall(cursor, contract, call, [], call.args),
      at: placeIn(run, at),
      atText: shortText(run, at),
      steps: stepsOf(run, state.trace, -1),
    }));
  }
}
