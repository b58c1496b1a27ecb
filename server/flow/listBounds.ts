import type { Expr } from '../program/ir.ts';
import type { Unit } from '../program/unit.ts';
import { visitExpressions } from '../program/walk.ts';

/** The interfaces that count the entries of a list before it is mapped; a map gives no more. */
const counting: ReadonlySet<string> = new Set(['sg_nents', 'sg_nents_for_len']);

/**
 * True when a function of the file refuses lists of more entries than it wants: what is mapped later is no longer, and a
 * test of the mapped count for "too many" never holds.
 */
export function boundsLists(unit: Unit): boolean {
  return unit.functions
    .filter(({ text }) => text.includes('sg_nents'))
    .some((fn) => {
      const ir = fn.lower();
      if (ir.kind !== 'lowered') return false;
      let found = false;
      visitExpressions(ir, (expr) => {
        found ||= isBound(expr);
      });
      return found;
    });
}

function isBound(condition: Expr): boolean {
  if (condition.kind !== 'binary' || !/^[<>]=?$/.test(condition.op)) return false;
  const { left, right } = condition;
  return (counts(left) && isFixed(right)) || (counts(right) && isFixed(left));
}

function counts(expr: Expr): boolean {
  if (expr.kind === 'cast') return counts(expr.operand);
  return expr.kind === 'call' && counting.has(expr.name ?? '');
}

/** A number above 0: a list of no entries is another question. */
function isFixed(expr: Expr): boolean {
  if (expr.kind === 'binary') return isFixed(expr.left) && isFixed(expr.right);
  return expr.kind === 'constant' || (expr.kind === 'int' && expr.value !== 0);
}
