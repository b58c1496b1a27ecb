import type { CfgNode, Expr, FunctionIr } from '../../program/ir.ts';
import type { Unit, UnitFunction } from '../../program/unit.ts';
import { visitExpressions } from '../../program/walk.ts';

/** An expression of a function's graph, with the function. */
export interface FoundExpression {
  readonly fn: UnitFunction;
  readonly ir: FunctionIr;
  readonly expr: Expr;
  readonly node: CfgNode;
}

/** The function of the unit's own file that an offset is in. */
export function functionAt(unit: Unit, offset: number): UnitFunction | undefined {
  return unit.functions.find(
    ({ file, itemStart, itemEnd }) => file === unit.file && itemStart <= offset && offset < itemEnd,
  );
}

/**
 * The expressions around an offset, innermost first. Empty outside of functions, in those that could not be lowered,
 * and in text that no expression came from.
 */
export function expressionsAt(unit: Unit, offset: number): readonly FoundExpression[] {
  const fn = functionAt(unit, offset);
  const ir = fn?.lower();
  if (fn === undefined || ir?.kind !== 'lowered') return [];
  const at = offset - fn.itemStart;
  const found: FoundExpression[] = [];
  visitExpressions(ir, (expr, node) => {
    // What a macro expanded to has the span of its use: it is not what stands there.
    if (expr.start <= at && at <= expr.end && expr.macro === undefined) {
      found.push({ fn, ir, expr, node });
    }
  });
  const size = ({ expr }: FoundExpression): number => expr.end - expr.start;
  return found.sort((a, b) => size(a) - size(b));
}
