import { forEach, get } from '../state/intMap.ts';
import type { Escape, Resource, State } from '../state/state.ts';
import { range } from '../facts/conditions.ts';
import { mentions, someAtom, storageRoot } from '../terms/roots.ts';
import { kinds, spaces, type Term, type TermTable } from '../terms/term.ts';

/** Who can still reach a thing when the function ends, from nobody to somebody. */
export type Reach =
  /** Only locals, which are gone. */
  | 'nobody'
  /** An object made here that nobody else knows. */
  | 'own-object'
  /** A field of a parameter or of a global object. */
  | 'caller'
  /** Something an unknown call returned: it may be kept anywhere. */
  | 'somebody';

const rank: Readonly<Record<Reach, number>> = {
  nobody: 0,
  'own-object': 1,
  caller: 2,
  somebody: 3,
};

function most(a: Reach, b: Reach): Reach {
  return rank[a] >= rank[b] ? a : b;
}

/** Did the call that took something fail on this path? Then it was not taken. */
export function takerFailed(table: TermTable, state: State, escape: Escape): boolean {
  if (escape.kind !== 'call' || escape.outcome === undefined) return false;
  const { low, high, not } = range(table, state.known, escape.outcome);
  if (high < 0) return true;
  if (escape.returns === 'pointer') return low === 0 && high === 0;
  // `if (ret) …`: for a function that tells errors, anything but 0.
  return low < 0 && not.includes(0);
}

/** True when some call took the resource and did not fail. */
export function wasTaken(table: TermTable, state: State, resource: Resource): boolean {
  return resource.escapes.some(
    (escape) => escape.kind === 'call' && !takerFailed(table, state, escape),
  );
}

/** Who can reach what lies in a location. */
export function reachOfLocation(
  table: TermTable,
  state: State,
  location: Term,
  seen: ReadonlySet<Term>,
): Reach {
  const root = storageRoot(table, location);
  if (table.kind(root) === kinds.variable) {
    return table.part(root, 1) === spaces.global ? 'caller' : 'nobody';
  }
  if (table.kind(root) !== kinds.deref) return 'somebody';
  return reachOfPointer(table, state, table.part(root, 0), seen);
}

/** Who can reach the object that a pointer points to. */
export function reachOfPointer(
  table: TermTable,
  state: State,
  pointer: Term,
  seen: ReadonlySet<Term>,
): Reach {
  let reach: Reach = 'nobody';
  someAtom(table, pointer, (atom) => {
    if (table.kind(atom) === kinds.variable) {
      const space = table.part(atom, 1);
      if (space === spaces.parameter || space === spaces.global) reach = most(reach, 'caller');
      else if (space === spaces.local && atom !== pointer) reach = most(reach, 'nobody');
      return false;
    }
    reach = most(reach, reachOfFresh(table, state, atom, seen));
    return false;
  });
  return reach;
}

function reachOfFresh(table: TermTable, state: State, atom: Term, seen: ReadonlySet<Term>): Reach {
  if (get(state.freed, atom) === true) return 'nobody';
  const own = state.resources.find(
    ({ result, site }) => result === atom && site.contract.convention === 'pointer-or-null',
  );
  if (own === undefined) return 'somebody';
  if (seen.has(atom)) return 'own-object';
  const reach = reachOfHolders(table, state, own, new Set([...seen, atom]));
  if (rank[reach] <= rank['own-object']) return 'own-object';
  // Whoever knows it loses it with the device: nothing outlives a probe that failed.
  return own.site.contract.managed ? 'caller' : reach;
}

/** Who can reach a resource. The driver core reaches what it gives back by itself. */
export function reachOf(table: TermTable, state: State, resource: Resource): Reach {
  if (resource.site.contract.managed) return 'caller';
  return reachOfHolders(table, state, resource, new Set());
}

/** Who can reach a resource through the places that hold it. The driver core frees its memory, and reads nothing in it. */
function reachOfHolders(
  table: TermTable,
  state: State,
  resource: Resource,
  seen: ReadonlySet<Term>,
): Reach {
  const { handle, twin } = resource;
  let reach: Reach = 'nobody';
  if (wasTaken(table, state, resource)) return 'somebody';
  if (resource.escapes.some(({ kind }) => kind === 'derivable')) return 'somebody';
  if (state.returned !== undefined && mentions(table, state.returned, handle)) return 'somebody';
  if (twin !== undefined && state.returned !== undefined && mentions(table, state.returned, twin)) {
    return 'somebody';
  }
  forEach(state.env, (location, held) => {
    const holds =
      mentions(table, held, handle) || (twin !== undefined && mentions(table, held, twin));
    if (!holds || seen.has(location)) return;
    // A struct that is returned takes along what is in it.
    if (storageRoot(table, location) === state.returned) reach = most(reach, 'somebody');
    reach = most(reach, reachOfLocation(table, state, location, seen));
  });
  return reach;
}
