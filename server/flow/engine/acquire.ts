import type { Call, Expr } from '../../program/ir.ts';
import { isTracked, type Contract } from '../contracts/contract.ts';
import { provenEqual } from '../facts/conditions.ts';
import { placeIn, shortText, stepsOf } from '../record/places.ts';
import type { Resource, Site } from '../state/state.ts';
import { deref, sub } from '../terms/build.ts';
import type { Term } from '../terms/term.ts';
import { demand, remember, write, unknownAt } from './cursor.ts';
import type { Cursor } from './run.ts';
import { describeCall } from './describe.ts';
import { spelling, type Run } from './run.ts';
import { turnOf } from './turns.ts';

/** The site of a call, made on first use. A call of a function of the file has one per site inside. */
export function siteOf(run: Run, contract: Contract, call: Call, inner?: number): Site {
  const key = inner === undefined ? String(call.id) : `${call.id} ${inner}`;
  const known = run.sites.get(key);
  if (known !== undefined) return known;
  const id = inner === undefined ? run.base + call.id : run.context.reserve(1);
  const site: Site = { id, contract, call: call.id };
  run.sites.set(key, site);
  return site;
}

/** What holds for the result of a call by its convention alone. */
export function assumeConvention(
  cursor: Cursor,
  contract: Contract,
  result: Term,
  values: readonly Term[],
): void {
  const { table } = cursor.run;
  switch (contract.convention) {
    case 'errno':
      demand(cursor, result, 'not-positive');
      break;
    case 'count': {
      demand(cursor, result, 'not-negative');
      const asked = values[contract.roles.indexOf('nents')];
      if (asked !== undefined) demand(cursor, sub(table, result, asked), 'not-positive');
      break;
    }
    case 'length':
    case 'pointer-or-null':
      demand(cursor, result, 'not-negative');
      break;
    case 'error-pointer':
      demand(cursor, result, 'nonzero');
      break;
    default:
  }
}

function handleOf(contract: Contract, values: readonly Term[], result: Term): Term {
  const of = (role: Contract['roles'][number]): Term =>
    values[contract.roles.indexOf(role)] ?? result;
  switch (contract.family) {
    case 'dma-sg':
      return of('sg');
    case 'dma-sgtable':
    case 'sg-table':
      return of('sgtable');
    case 'iommu-map':
      return of('iova');
    case 'iommu-attach':
      return of('domain');
    case 'pin':
      return of('pages') === result ? of('iova') : of('pages');
    case 'decrypted':
      return of('cpu_addr');
    default:
      return result;
  }
}

/** Runs an acquiring interface: its result, and the new resource of the path. */
export function acquire(
  cursor: Cursor,
  contract: Contract,
  call: Call,
  values: readonly Term[],
): Term {
  const { run } = cursor;
  const { table } = run;
  const result = unknownAt(cursor, call, shortText(run, call));
  const site = siteOf(run, contract, call);
  run.results.set(result, { contract, call, site: isTracked(contract.family) ? site : undefined });
  assumeConvention(cursor, contract, result, values);
  noteOverlap(cursor, contract, call, values);
  const size = values[contract.roles.indexOf('size')];
  // Nobody maps nothing: an empty range would be told by its size.
  if (size !== undefined && isTracked(contract.family)) demand(cursor, size, 'positive');
  // Nor memory at NULL: a helper that returns the memory it mapped did not fail.
  const memory = contract.family === 'dma-map' ? contract.roles.indexOf('cpu_addr') : -1;
  if (memory >= 0) demand(cursor, values[memory]!, 'positive');
  // 0 is a legal address, but drivers use it as their own mark for "not mapped".
  if (contract.convention === 'dma-address') demand(cursor, result, 'nonzero');
  let twin: Term | undefined;
  const out = contract.roles.indexOf('dma_addr_out');
  const outArgument = call.args[out];
  if (out >= 0 && outArgument !== undefined) {
    twin = unknownAt(cursor, outArgument, spelling(run, outArgument).replace(/^&/, ''));
    write(cursor, deref(table, values[out]!), twin);
    demand(cursor, twin, 'nonzero');
  }
  addResource(
    cursor,
    {
      site,
      turn: turnOf(cursor.state),
      values,
      result,
      handle: handleOf(contract, values, result),
      twin,
      status: 'unknown',
      checked: false,
      wrongCheck: undefined,
      firstUse: undefined,
      escapes: [],
      inner: undefined,
      inherited: false,
    },
    call,
    call.args,
  );
  return result;
}

/** Adds a resource to the path and its site to the record. */
export function addResource(
  cursor: Cursor,
  resource: Resource,
  call: Call,
  spelled: readonly Expr[] | undefined,
): void {
  const { run, state } = cursor;
  const { contract } = resource.site;
  const others = state.resources.filter(
    ({ site, turn }) => site !== resource.site || turn !== resource.turn,
  );
  state.resources = [...others, resource];
  if (contract.family === 'memory') return;
  remember(cursor, {
    kind: 'acquire',
    start: call.start,
    end: call.end,
    message: acquireText(run, contract, call),
    site: resource.site.id,
    turn: resource.turn,
  });
  if (!isTracked(contract.family)) return;
  run.recorder.site(resource.site.id, () => ({
    family: contract.family,
    acquire: describeCall(cursor, contract, call, resource.values, spelled),
    handle: '',
    inLoop: cursor.loop >= 0,
  }));
}

function acquireText(run: Run, contract: Contract, call: Call): string {
  const argument = (role: Contract['roles'][number]): string => {
    const expr = call.args[contract.roles.indexOf(role)];
    return expr === undefined || call.name !== contract.name ? '' : shortText(run, expr);
  };
  const size = argument('size');
  switch (contract.family) {
    case 'dma-map':
      return size === '' ? `maps with ${call.name ?? contract.name}()` : `maps ${size} bytes`;
    case 'dma-sg':
      return `maps ${argument('nents')} entries of ${argument('sg')}`;
    case 'dma-sgtable':
      return `maps ${argument('sgtable')}`;
    case 'iommu-map':
      return size === '' ? `maps at ${argument('iova')}` : `maps ${size} at ${argument('iova')}`;
    case 'coherent':
      return size === ''
        ? `allocates with ${call.name ?? contract.name}()`
        : `allocates ${size} bytes`;
    default:
      return `${call.name ?? contract.name}() succeeded here`;
  }
}

function noteOverlap(
  cursor: Cursor,
  contract: Contract,
  call: Call,
  values: readonly Term[],
): void {
  if (contract.family !== 'iommu-map') return;
  const { run, state } = cursor;
  const domain = values[contract.roles.indexOf('domain')];
  const iova = values[contract.roles.indexOf('iova')];
  if (domain === undefined || iova === undefined) return;
  for (const held of state.resources) {
    if (held.site.contract.family !== 'iommu-map' || held.status !== 'ok') continue;
    if (held.values[held.site.contract.roles.indexOf('domain')] !== domain) continue;
    // Another turn: how far the IOVA moved in between may hang on what is not known of the elements.
    if (cursor.loop >= 0 && held.turn !== turnOf(state)) continue;
    if (!provenEqual(run.table, state.known, held.handle, iova)) continue;
    run.recorder.overlap(`${held.site.id} ${call.id}`, () => ({
      first: held.site.id,
      second: describeCall(cursor, contract, call, values, call.args),
      steps: stepsOf(run, state.trace, held.site.id, {
        place: placeIn(run, call),
        message: `maps ${shortText(run, call.args[1] ?? call)} again; nothing unmapped it since`,
      }),
    }));
  }
}
