import type { Call, Expr, FunctionIr } from '../../program/ir.ts';
import type { Unit, UnitFunction } from '../../program/unit.ts';
import { childExpressions, visitExpressions } from '../../program/walk.ts';
import type { Meanings } from '../contracts/meaning.ts';
import { type FlagStore, flagStoresOf, memberOf } from './flagStores.ts';

/** A member of the objects of one struct; objects of other types with such a member are something else. */
export interface Member {
  /** Variable that points to the object, in the function at hand. */
  readonly base: string;
  readonly field: string;
  /** Tag of the struct; undefined where the type is not known. */
  readonly tag: string | undefined;
}

/** A place in some function of the file. */
export interface Site {
  readonly fn: UnitFunction;
  readonly start: number;
  readonly end: number;
}

/** A store of a flag that a node of a function makes, by itself or through what it calls. */
export interface ReachedStore {
  readonly flag: string;
  readonly effect: FlagStore['effect'];
  readonly target: Member | { readonly parameter: number };
  /** The assignment itself. */
  readonly site: Site;
  /** Node of the function at hand. */
  readonly node: number;
  readonly loop: number;
  /** Below the call, the store is inside of another loop. */
  readonly nested: boolean;
  readonly conditional: boolean;
}

/** A call that maps memory with a protection that comes from a member or a parameter of the function at hand. */
export interface ReachedRead {
  readonly target: Member | { readonly parameter: number };
  /** The argument. */
  readonly site: Site;
  readonly node: number;
  readonly loop: number;
}

/** What the functions of a file store and read, each worked out once. */
export interface Reached {
  stores(fn: UnitFunction): readonly ReachedStore[];
  reads(fn: UnitFunction): readonly ReachedRead[];
}

/** The functions of a unit, the first of each name: of the sides of an #if, calls and places know one. */
export function definitionsOf({ functions }: Unit): readonly UnitFunction[] {
  const names = new Set<string>();
  return functions.filter(({ name }) => {
    if (names.has(name)) return false;
    names.add(name);
    return true;
  });
}

/** Starts the questions about one unit. */
export function reachedIn(unit: Unit, meanings: Meanings): Reached {
  const byName = new Map(definitionsOf(unit).map((fn) => [fn.name, fn]));
  const stores = new Map<UnitFunction, readonly ReachedStore[]>();
  const reads = new Map<UnitFunction, readonly ReachedRead[]>();

  const member = (ir: FunctionIr, expr: Expr): Member | undefined => {
    const found = memberOf(expr);
    if (found === undefined || expr.kind !== 'field') return undefined;
    const type = unit.types.resolve(unit.types.typeOf(ir, expr.base), ir);
    const object = type.kind === 'pointer' ? unit.types.resolve(type.to, ir) : type;
    const tag = object.kind === 'record' ? object.tag : undefined;
    return { base: found.base, field: found.field, tag };
  };
  /** What a target inside a callee is in the function that calls it. */
  const seenFrom = (
    ir: FunctionIr,
    call: Call,
    callee: FunctionIr,
    target: ReachedStore['target'],
    through: 'pointer' | 'value',
  ): ReachedStore['target'] | undefined => {
    if ('parameter' in target) {
      const given = call.args[target.parameter];
      if (given === undefined) return undefined;
      return argumentTarget(ir, through === 'pointer' ? pointee(given) : given);
    }
    const index = callee.variables.findIndex(({ name }) => name === target.base);
    const given = index < callee.parameterCount ? call.args[index] : undefined;
    return given?.kind === 'ident' ? { ...target, base: given.name } : undefined;
  };
  const argumentTarget = (ir: FunctionIr, expr: Expr): ReachedStore['target'] | undefined => {
    const known = member(ir, expr);
    if (known !== undefined) return known;
    if (expr.kind === 'ident' && expr.binding.kind === 'variable') {
      const { variable } = expr.binding;
      return variable < ir.parameterCount ? { parameter: variable } : undefined;
    }
    // `dma->prot | IOMMU_CACHE` still is the member's value.
    if (expr.kind !== 'binary' && expr.kind !== 'cast') return undefined;
    for (const child of childExpressions(expr)) {
      const target = argumentTarget(ir, child);
      if (target !== undefined) return target;
    }
    return undefined;
  };

  const storesOf = (fn: UnitFunction): readonly ReachedStore[] => {
    const known = stores.get(fn);
    if (known !== undefined) return known;
    stores.set(fn, []);
    const found: ReachedStore[] = [];
    const ir = fn.lower();
    if (ir.kind === 'lowered') {
      for (const store of flagStoresOf(fn)) {
        const { target } = store;
        const site = { fn, start: store.start, end: store.end };
        const seen =
          target.kind === 'pointee'
            ? { parameter: target.parameter }
            : { base: target.base, field: target.field, tag: tagOf(ir, target.base) };
        found.push({ ...store, target: seen, site, nested: false });
      }
      forEachCall(ir, byName, (call, node, callee) => {
        const inner = callee.lower();
        if (inner.kind !== 'lowered') return;
        for (const store of storesOf(callee)) {
          const target = seenFrom(ir, call, inner, store.target, 'pointer');
          if (target === undefined) continue;
          const nested = store.nested || store.loop >= 0;
          found.push({ ...store, target, node: node.id, loop: node.loop, nested });
        }
      });
    }
    stores.set(fn, found);
    return found;
  };
  const tagOf = (ir: FunctionIr, base: string): string | undefined => {
    const variable = ir.variables.find(({ name }) => name === base);
    const type = variable && unit.types.resolve(variable.type, ir);
    const object = type?.kind === 'pointer' ? unit.types.resolve(type.to, ir) : undefined;
    return object?.kind === 'record' ? object.tag : undefined;
  };
  const readsOf = (fn: UnitFunction): readonly ReachedRead[] => {
    const known = reads.get(fn);
    if (known !== undefined) return known;
    reads.set(fn, []);
    const found: ReachedRead[] = [];
    const ir = fn.lower();
    if (ir.kind === 'lowered') {
      visitExpressions(ir, (expr, node) => {
        if (expr.kind !== 'call' || expr.name === undefined) return;
        const contract = meanings.contractOf(expr.name, expr.args.length);
        if (contract?.family === 'iommu-map' && contract.effect === 'acquire') {
          const prot = expr.args[contract.roles.indexOf('prot')];
          const target = prot && argumentTarget(ir, prot);
          if (prot === undefined || target === undefined) return;
          const site = { fn, start: prot.start, end: prot.end };
          found.push({ target, site, node: node.id, loop: node.loop });
        }
      });
      forEachCall(ir, byName, (call, node, callee) => {
        const inner = callee.lower();
        if (inner.kind !== 'lowered') return;
        for (const read of readsOf(callee)) {
          const target = seenFrom(ir, call, inner, read.target, 'value');
          if (target === undefined) continue;
          const given = 'parameter' in read.target ? call.args[read.target.parameter] : undefined;
          const site = given === undefined ? read.site : { fn, start: given.start, end: given.end };
          found.push({ target, site, node: node.id, loop: node.loop });
        }
      });
    }
    reads.set(fn, found);
    return found;
  };
  return { stores: storesOf, reads: readsOf };
}

/** What a pointer argument points to; an argument that is no address is taken for the value that should have one. */
function pointee(given: Expr): Expr {
  return given.kind === 'addressOf' ? given.operand : given;
}

function forEachCall(
  ir: FunctionIr,
  byName: ReadonlyMap<string, UnitFunction>,
  visit: (call: Call, node: FunctionIr['cfg']['nodes'][number], callee: UnitFunction) => void,
): void {
  visitExpressions(ir, (expr, node) => {
    if (expr.kind !== 'call' || expr.name === undefined) return;
    const callee = byName.get(expr.name);
    if (callee !== undefined) visit(expr, node, callee);
  });
}
