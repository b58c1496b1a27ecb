import type { Call, Expr } from '../../program/ir.ts';
import type { Contract } from '../contracts/contract.ts';
import type {
  CallFact,
  Context,
  Origin,
  PairedValue,
  PairingFact,
  Relation,
  Role,
  Value,
} from '../facts.ts';
import { provenDifferent, provenEqual, range } from '../facts/conditions.ts';
import { isPoint } from '../facts/interval.ts';
import { provenance } from '../provenance.ts';
import { placeIn } from '../record/places.ts';
import type { Resource, State } from '../state/state.ts';
import { opName } from '../terms/build.ts';
import { printTerm } from '../terms/print.ts';
import { isOwnStorage, someAtom } from '../terms/roots.ts';
import { kinds, spaces, type Term } from '../terms/term.ts';
import type { Cursor } from './run.ts';
import { spelling, type Run } from './run.ts';
import { printType } from '../../program/dump.ts';

/** Names of constants that are combined with `|` in a term. */
function flagsOf(run: Run, term: Term): Value['flags'] {
  const { table } = run;
  const parts: Term[] = [];
  if (opName(table, term) === '|') {
    for (let i = 1; i < table.arity(term); i++) parts.push(table.part(term, i));
  } else parts.push(term);
  const names: string[] = [];
  let complete = true;
  for (const part of parts) {
    const isName = table.kind(part) === kinds.variable && table.part(part, 1) === spaces.constant;
    if (isName) names.push(table.text(table.part(part, 0)));
    else if (table.constant(part) !== 0) complete = false;
  }
  return { names, complete };
}

function originOf(run: Run, term: Term, expr: Expr | undefined): Origin | undefined {
  const result = run.results.get(term);
  if (result?.site !== undefined) {
    return { kind: 'result', resource: result.site.id, function: result.contract.name };
  }
  return expr === undefined ? undefined : run.context.mappedCountField(run, expr);
}

/** What is known about an argument on this path. */
export function describe(
  run: Run,
  state: State,
  term: Term,
  expr: Expr | undefined,
  at: Expr,
): Value {
  const { table } = run;
  const bounds = range(table, state.known, term);
  const origin = originOf(run, term, expr);
  const type = expr === undefined ? undefined : run.context.unit.types.typeOf(run.ir, expr);
  const canonical = printTerm(table, term);
  return {
    text: expr === undefined ? canonical : spelling(run, expr),
    place: placeIn(run, expr ?? at),
    canonical,
    ...(isPoint(bounds) && { constant: bounds.low }),
    range: [bounds.low, bounds.high],
    flags: flagsOf(run, term),
    provenance: provenance(run, term, (part) => {
      const family = run.results.get(part)?.contract.family;
      if (family === 'dma-map') return 'dma-address';
      return family === 'memory' || family === 'coherent' ? 'ram' : undefined;
    }),
    ...(origin && { origin }),
    ...(type && type.kind !== 'unknown' && { type: printType(type) }),
  };
}

/** Whether the path may sleep here. */
export function contextOf(run: Run, state: State): Context {
  const section = state.atomic.at(-1);
  if (section !== undefined) {
    const expr = { start: section.start, end: section.end };
    return { kind: 'atomic', why: section.name, place: placeIn(run, expr) };
  }
  return run.context.entryContext(run.ir.name);
}

/** The fact of one interface call on this path. */
export function describeCall(
  cursor: Cursor,
  contract: Contract,
  call: Call,
  values: readonly Term[],
  spelled: readonly Expr[] | undefined,
): CallFact {
  const { run, state } = cursor;
  return {
    function: contract.name,
    place: placeIn(run, call),
    callee: placeIn(run, call.callee),
    args: values.map((term, index) => ({
      ...describe(run, state, term, spelled?.[index], call),
      role: contract.roles[index] ?? 'other',
      index,
    })),
    convention: contract.convention,
    context: contextOf(run, state),
    resultDropped: run.dropped.has(call.id),
    inLoop: cursor.loop >= 0,
    steps: [],
  };
}

/** True for values that mean the same at any time: constants, parameters and what they point to as found on entry. */
export function isStable(run: Run, term: Term): boolean {
  const { table } = run;
  return !someAtom(table, term, (atom) => {
    if (table.kind(atom) === kinds.fresh) return true;
    return table.part(atom, 1) === spaces.local;
  });
}

/** Compares an argument of a release with the same argument of the acquisition. */
export function relate(
  run: Run,
  state: State,
  role: Role,
  acquired: Term,
  released: Term,
): Relation {
  const { table } = run;
  if (provenEqual(table, state.known, acquired, released)) return 'equal';
  const constants = [flagsOf(run, acquired), flagsOf(run, released)] as const;
  if (role === 'dir' || role === 'attrs') {
    const [a, b] = constants;
    const direction = (flags: Value['flags'], term: Term): boolean =>
      flags.complete && (flags.names.length > 0 || table.constant(term) !== undefined);
    if (direction(a, acquired) && direction(b, released)) {
      return [...a.names].sort().join() === [...b.names].sort().join() ? 'equal' : 'different';
    }
    return 'unknown';
  }
  if (provenDifferent(table, state.known, acquired, released)) return 'different';
  if (role === 'dev' || role === 'domain' || role === 'pool') return 'unknown';
  // Two different values that were both there on entry: nothing on the path makes them equal.
  if (role === 'size' || role === 'nents' || role === 'npages') {
    if (isPlain(run, acquired) && isPlain(run, released)) return 'different';
  }
  return 'unknown';
}

/** A parameter, or a member of what it points to, without arithmetic; not a local left unset. */
function isPlain(run: Run, term: Term): boolean {
  const { table } = run;
  const kind = table.kind(term);
  if (kind !== kinds.variable && kind !== kinds.field) return false;
  if (!isStable(run, term)) return false;
  return (
    kind !== kinds.variable || !isOwnStorage(table, term) || table.part(term, 1) !== spaces.local
  );
}

interface Situation {
  readonly acquiredInLoop: boolean;
  /** Both directions are written as constants. */
  readonly constantDirection: boolean;
}

function relationOf(
  { run, state }: Cursor,
  role: Role,
  acquired: Term,
  released: Term,
  match: PairingFact['match'],
  { contract, perTurn, acquiredInLoop, constantDirection }: Releasing & Situation,
): Relation {
  if (acquired === released) return 'equal';
  if (match !== 'exact') return 'unknown';
  // What was mapped both ways may be synced either way.
  const bidirectional = run.table.variable('DMA_BIDIRECTIONAL', spaces.constant);
  if (contract.effect === 'sync' && role === 'dir' && acquired === bidirectional) return 'equal';
  // `for (off = 0; off < size; off += SZ_4K) iommu_unmap(…, SZ_4K)` of one mapping of `size`.
  const step = perTurn && role === 'size' && contract.family === 'iommu-map';
  if (step && isUnit(run, released) && !isUnit(run, acquired)) return 'different';
  // Mappings of a loop may be unmapped together.
  if (acquiredInLoop && contract.family === 'iommu-map' && role !== 'dir') return 'unknown';
  // `flags & READ ? FROM : TO` in two places may ask about two different flags.
  if (role === 'dir' && (!constantDirection || !isUnit(run, released))) return 'unknown';
  return relate(run, state, role, acquired, released);
}

function isUnit({ table }: Run, term: Term): boolean {
  if (table.constant(term) !== undefined) return true;
  return table.kind(term) === kinds.variable && table.part(term, 1) === spaces.constant;
}

const compared: readonly Role[] = [
  'dev',
  'domain',
  'pool',
  'size',
  'nents',
  'npages',
  'dir',
  'attrs',
  'iova',
  'dma_addr',
];

/** A release or sync to compare with its acquisition. */
export interface Releasing {
  readonly contract: Contract;
  readonly call: Call;
  readonly values: readonly Term[];
  readonly spelled: readonly Expr[] | undefined;
  /** Runs once per turn of a loop that the acquisition is not in. */
  readonly perTurn: boolean;
}

/** The arguments that both sides have, compared. */
export function pairArguments(
  cursor: Cursor,
  resource: Resource,
  match: PairingFact['match'],
  releasing: Releasing,
): PairedValue[] {
  const { run, state } = cursor;
  const { contract, call, values, spelled } = releasing;
  const pairs: PairedValue[] = [];
  const acquireCall = run.calls.get(resource.site.call);
  const acquireArgs = resource.inner === undefined ? acquireCall?.args : undefined;
  const { roles } = resource.site.contract;
  for (const role of compared) {
    const released = contract.roles.indexOf(role);
    const acquired = roles.indexOf(role);
    if (released < 0 || acquired < 0) continue;
    const a = resource.values[acquired];
    const b = values[released];
    if (a === undefined || b === undefined) continue;
    pairs.push({
      role,
      acquired: describe(run, state, a, acquireArgs?.[acquired], acquireCall ?? call),
      released: describe(run, state, b, spelled?.[released], call),
      relation: relationOf(cursor, role, a, b, match, {
        ...releasing,
        acquiredInLoop: run.loopOfCall(resource.site.call) >= 0,
        constantDirection:
          role === 'dir' &&
          acquireArgs?.[acquired]?.kind === 'constant' &&
          spelled?.[released]?.kind === 'constant',
      }),
    });
  }
  return pairs;
}
