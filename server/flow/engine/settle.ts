import { isTracked } from '../contracts/contract.ts';
import { range } from '../facts/conditions.ts';
import { remove, set } from '../state/intMap.ts';
import type { Resource } from '../state/state.ts';
import { demand } from './cursor.ts';
import type { Convention } from '../facts.ts';
import type { Cursor } from './run.ts';

/** What asks: a condition of the code, or the test that ends a loop. */
export type Testing = 'test' | 'loop';

/** `i < n` of a loop looks at a count and is no check of it; any other result that a loop asks about is checked. */
export function isCheck(convention: Convention, by: Testing): boolean {
  if (by === 'test') return true;
  return !/^(count|length)/.test(convention);
}

/** Whether a resource is there, as far as the path knows. */
function statusOf(cursor: Cursor, resource: Resource): 'unknown' | 'ok' | 'failed' {
  const { run, state } = cursor;
  const { table } = run;
  const about =
    resource.site.contract.convention === 'dma-address'
      ? table.intern(7, [table.name('mapping_error'), resource.handle])
      : resource.result;
  const { low, high, not } = range(table, state.known, about);
  switch (resource.site.contract.convention) {
    case 'dma-address':
    case 'errno':
      if (low === 0 && high === 0) return 'ok';
      return high < 0 || low > 0 || not.includes(0) ? 'failed' : 'unknown';
    case 'count':
    case 'length':
    case 'pointer-or-null':
      if (low > 0) return 'ok';
      return high <= 0 ? 'failed' : 'unknown';
    case 'error-pointer':
      if (low >= 0) return 'ok';
      return high <= 0 ? 'failed' : 'unknown';
    case 'length-or-errno':
    case 'count-or-errno':
      if (low >= 0 && high > 0) return 'ok';
      return high <= 0 ? 'failed' : 'unknown';
    case 'none':
      return 'ok';
  }
}

/** A list of which something was mapped was not empty. */
export function assumeAsked(cursor: Cursor, { site, values }: Resource): void {
  const asked = values[site.contract.roles.indexOf('nents')];
  if (site.contract.convention === 'count' && asked !== undefined)
    demand(cursor, asked, 'positive');
}

/**
 * After new facts: failed resources are gone, and those that are certain know it.
 * The test of a loop (`i < n`) tells whether something is there, but it is no check.
 */
export function settle(cursor: Cursor, by: Testing): void {
  const { run, state } = cursor;
  if (state.resources.every(({ status }) => status === 'ok')) return;
  const kept: Resource[] = [];
  for (const resource of state.resources) {
    const status = resource.status === 'ok' ? 'ok' : statusOf(cursor, resource);
    const { contract, id } = resource.site;
    if (status === 'unknown') kept.push(resource);
    else {
      if (status === 'ok') assumeAsked(cursor, resource);
      const checkable = isTracked(contract.family) && contract.convention !== 'none';
      if (checkable && resource.status === 'unknown' && isCheck(contract.convention, by))
        run.recorder.checked(id);
      if (contract.family === 'decrypted') {
        // Converted back, all of it: the state is known again.
        if (status === 'ok') state.tainted = remove(state.tainted, resource.handle);
        else state.tainted = set(state.tainted, resource.handle, resource.site.call);
      } else if (status === 'ok') {
        kept.push(
          resource.status === 'ok'
            ? resource
            : {
                ...resource,
                status,
                checked: resource.checked || isCheck(contract.convention, by),
              },
        );
      }
    }
  }
  state.resources = kept;
}
