import type { Expr, FunctionIr } from '../../program/ir.ts';
import type { UnitFunction } from '../../program/unit.ts';
import { childExpressions, visitExpressions } from '../../program/walk.ts';
import { reachesEndWithout } from './paths.ts';

/** Flags of a mapping that say what kind of memory is behind the address: they belong to a contiguous chunk of it. */
export const memoryTypeFlags: readonly string[] = ['IOMMU_MMIO', 'IOMMU_CACHE'];

/** What a store reaches: a member of the object behind a parameter, or what a parameter points to. */
export type StoreTarget =
  | { readonly kind: 'member'; readonly base: string; readonly field: string }
  | { readonly kind: 'pointee'; readonly parameter: number };

/** One statement that sets or clears a flag where it outlives the function. */
export interface FlagStore {
  readonly flag: string;
  readonly effect: 'set' | 'clear';
  readonly target: StoreTarget;
  /** The assignment; relative to the function. */
  readonly start: number;
  readonly end: number;
  readonly node: number;
  /** Innermost loop of the statement, or -1. */
  readonly loop: number;
  /** Some path through the function does not pass it: it decides something. */
  readonly conditional: boolean;
}

/** The stores of memory type flags in one function. */
export function flagStoresOf(fn: UnitFunction): readonly FlagStore[] {
  if (!memoryTypeFlags.some((flag) => fn.text.includes(flag))) return [];
  const ir = fn.lower();
  if (ir.kind !== 'lowered') return [];
  const stores: FlagStore[] = [];
  visitExpressions(ir, (expr, node) => {
    if (expr.kind !== 'assign') return;
    const target = targetOf(ir, expr.target);
    const written = target && flagWritten(expr.op, expr.value);
    if (target === undefined || written === undefined) return;
    stores.push({
      ...written,
      target,
      start: expr.start,
      end: expr.end,
      node: node.id,
      loop: node.loop,
      conditional: reachesEndWithout(ir.cfg, node.id),
    });
  });
  return stores;
}

/** `x |= FLAG`, `x = y | FLAG`, `x &= ~FLAG`, `x = y & ~FLAG`. */
function flagWritten(
  op: string | undefined,
  value: Expr,
): { readonly flag: string; readonly effect: 'set' | 'clear' } | undefined {
  for (const flag of memoryTypeFlags) {
    const inverted = mentions(value, flag, 'inverted');
    if (inverted && (op === '&' || op === undefined)) return { flag, effect: 'clear' };
    if (mentions(value, flag, 'plain') && (op === '|' || op === undefined)) {
      return { flag, effect: 'set' };
    }
  }
  return undefined;
}

/** Whether an expression has the flag as an operand, under `~` or not. */
export function mentions(expr: Expr, flag: string, form: 'plain' | 'inverted'): boolean {
  if (expr.kind === 'constant' || expr.kind === 'ident') {
    return form === 'plain' && expr.name === flag;
  }
  if (expr.kind === 'unary' && expr.op === '~') {
    return form === 'inverted' && mentions(expr.operand, flag, 'plain');
  }
  // A call or a condition is another value, whatever its operands are.
  if (expr.kind !== 'binary' && expr.kind !== 'cast') return false;
  return childExpressions(expr).some((child) => mentions(child, flag, form));
}

function targetOf(ir: FunctionIr, target: Expr): StoreTarget | undefined {
  if (target.kind === 'deref' && target.operand.kind === 'ident') {
    const { binding } = target.operand;
    if (binding.kind !== 'variable' || binding.variable >= ir.parameterCount) return undefined;
    return { kind: 'pointee', parameter: binding.variable };
  }
  return memberOf(target);
}

/** `o->field` of an object behind a pointer. */
export function memberOf(
  expr: Expr,
): { readonly kind: 'member'; readonly base: string; readonly field: string } | undefined {
  if (expr.kind !== 'field' || !expr.arrow || expr.base.kind !== 'ident') return undefined;
  return { kind: 'member', base: expr.base.name, field: expr.name };
}
