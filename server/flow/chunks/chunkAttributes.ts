import type { FunctionIr } from '../../program/ir.ts';
import type { Unit, UnitFunction } from '../../program/unit.ts';
import { visitExpressions } from '../../program/walk.ts';
import type { Meanings } from '../contracts/meaning.ts';
import type { ChunkAttributeFact, FlowPlace } from '../facts.ts';
import { memoryTypeFlags } from './flagStores.ts';
import { isWithin, reachesInTurn } from './paths.ts';
import {
  definitionsOf,
  type Member,
  type Reached,
  reachedIn,
  type ReachedStore,
  type Site,
} from './reached.ts';

/**
 * Finds memory type flags that are decided page by page, kept in a member of an object that spans many chunks, and
 * read from there when a chunk is mapped. Places are relative to their functions.
 */
export function chunkAttributes(unit: Unit, meanings: Meanings): ChunkAttributeFact[] {
  const flagged = unit.functions.some(({ text }) =>
    memoryTypeFlags.some((flag) => text.includes(flag)),
  );
  if (!flagged) return [];
  const reached = reachedIn(unit, meanings);
  return [
    ...definitionsOf(unit).flatMap((fn) => inLoopsOf(fn, unit, reached)),
    ...definitionsOf(unit).flatMap((fn) => behindPointers(fn, unit, reached)),
  ];
}

/** Decisions that one loop of a function takes page by page and reads chunk by chunk. */
function inLoopsOf(fn: UnitFunction, unit: Unit, reached: Reached): ChunkAttributeFact[] {
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return [];
  const facts = new Map<string, ChunkAttributeFact>();
  for (const read of reached.reads(fn)) {
    const { target } = read;
    if ('parameter' in target) continue;
    for (let loop = read.loop; loop >= 0; loop = ir.cfg.loops[loop]!.parent) {
      // An object that is another one in each turn does not span the turns.
      if (isAssignedIn(ir, loop, target.base)) break;
      const stores = reached
        .stores(fn)
        .filter((store) => sameObject(store, target) && isWithin(ir.cfg, store.loop, loop));
      for (const flag of memoryTypeFlags) {
        const kind = kindOf(
          stores.filter((store) => store.flag === flag),
          loop,
        );
        const key = `${flag} ${target.base} ${target.field}`;
        if (kind === undefined || facts.has(key)) continue;
        facts.set(key, {
          flag,
          object: `${target.base}->${target.field}`,
          kind,
          ...sides(stores, flag),
          read: placeOf(read.site),
          replays: replaysOf(unit, reached, target, flag),
        });
      }
    }
  }
  return [...facts.values()];
}

/**
 * What the stores of one loop make of a flag. A store below another loop looks at pages that are not in the chunk any
 * more when it ends; one that every turn passes once decides for its own chunk.
 */
function kindOf(
  stores: readonly ReachedStore[],
  loop: number,
): ChunkAttributeFact['kind'] | undefined {
  const looksAhead = (store: ReachedStore): boolean => store.nested || store.loop !== loop;
  const sets = stores.filter(({ effect }) => effect === 'set');
  const clears = stores.filter(({ effect }) => effect === 'clear');
  if (sets.length === 0) return clears.some(looksAhead) ? 'cleared' : undefined;
  if (!sets.some(({ conditional }) => conditional)) return undefined;
  if (clears.length === 0) return 'kept';
  return clears.every(looksAhead) ? 'both' : 'per-chunk';
}

const sameObject = ({ target }: ReachedStore, member: Member): boolean =>
  !('parameter' in target) &&
  target.base === member.base &&
  target.field === member.field &&
  target.tag === member.tag;

/** Maps of other loops that read the member although no store of theirs came before: the last value serves every chunk. */
function replaysOf(unit: Unit, reached: Reached, member: Member, flag: string): FlowPlace[] {
  return definitionsOf(unit).flatMap((fn) => {
    const ir = fn.lower();
    if (ir.kind !== 'lowered') return [];
    return reached.reads(fn).flatMap(({ target, loop, node, site }) => {
      if ('parameter' in target || loop < 0) return [];
      if (target.field !== member.field || target.tag !== member.tag) return [];
      const deciding = new Set(
        reached
          .stores(fn)
          .filter((store) => store.flag === flag && sameObject(store, target))
          .map((store) => store.node),
      );
      return reachesInTurn(ir.cfg, loop, node, deciding) ? [placeOf(site)] : [];
    });
  });
}

/**
 * Decisions stored through a pointer parameter of a function whose callers are not in sight, as in a patch without its
 * tree. A parameter that is read as a protection, too, is the caller's one for all chunks.
 */
function behindPointers(fn: UnitFunction, unit: Unit, reached: Reached): ChunkAttributeFact[] {
  if (fn.linkage !== 'static') return [];
  const stores = reached.stores(fn);
  const [first] = stores;
  if (first === undefined || !('parameter' in first.target)) return [];
  const { parameter } = first.target;
  const own = stores.filter(
    ({ target, flag }) =>
      'parameter' in target && target.parameter === parameter && flag === first.flag,
  );
  const ir = fn.lower();
  if (ir.kind !== 'lowered' || !isReadAsProtection(ir, parameter, first.flag)) return [];
  const called = new RegExp(`\\b${fn.name}\\b`);
  if (unit.functions.some((other) => other !== fn && called.test(other.text))) return [];
  const has = (effect: ReachedStore['effect']): boolean =>
    own.some((store) => store.effect === effect);
  return [
    {
      flag: first.flag,
      object: `*${ir.variables[parameter]!.name}`,
      kind: has('set') ? (has('clear') ? 'both' : 'kept') : 'cleared',
      ...sides(own, first.flag),
      replays: [],
    },
  ];
}

/** `*prot & OTHER_FLAG`. */
function isReadAsProtection(ir: FunctionIr, parameter: number, flag: string): boolean {
  let found = false;
  visitExpressions(ir, (expr) => {
    if (expr.kind !== 'binary' || expr.op !== '&' || expr.left.kind !== 'deref') return;
    const { operand } = expr.left;
    if (operand.kind !== 'ident' || operand.binding.kind !== 'variable') return;
    const other = expr.right.kind === 'constant' || expr.right.kind === 'ident';
    if (operand.binding.variable === parameter && other && expr.right.name !== flag) found = true;
  });
  return found;
}

function sides(
  stores: readonly ReachedStore[],
  flag: string,
): Pick<ChunkAttributeFact, 'sets' | 'clears'> {
  const places = (effect: ReachedStore['effect']): FlowPlace[] => {
    const unique = new Map<string, FlowPlace>();
    for (const store of stores) {
      if (store.flag !== flag || store.effect !== effect) continue;
      unique.set(`${store.site.fn.name} ${store.site.start}`, placeOf(store.site));
    }
    return [...unique.values()];
  };
  return { sets: places('set'), clears: places('clear') };
}

const placeOf = ({ fn, start, end }: Site): FlowPlace => ({
  file: fn.file,
  span: { start, end },
  line: 0,
  function: fn.name,
});

function isAssignedIn(ir: FunctionIr, loop: number, name: string): boolean {
  const nodes = new Set(ir.cfg.loops[loop]!.nodes);
  let found = false;
  visitExpressions(ir, (expr, node) => {
    if (expr.kind !== 'assign' || !nodes.has(node.id)) return;
    if (expr.target.kind === 'ident' && expr.target.name === name) found = true;
  });
  for (const id of nodes) {
    const node = ir.cfg.nodes[id]!;
    if (node.kind === 'declare' && ir.variables[node.variable]?.name === name) return true;
    if (node.kind !== 'iterate') continue;
    const assigned = node.roles.assigned.map((index) => node.args[index]);
    if (assigned.some((arg) => arg?.kind === 'ident' && arg.name === name)) return true;
  }
  return found;
}
