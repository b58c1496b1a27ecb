import type { Expr, FunctionIr } from '../program/ir.ts';
import { visitExpressions } from '../program/walk.ts';

/** True when a function calls another and asks whether the number it got is 0: `if (!n)`, `n == 0`, `n < 1`. */
export function asksForNone(ir: FunctionIr, callee: string): boolean {
  const isCall = (expr: Expr): boolean => {
    if (expr.kind === 'cast') return isCall(expr.operand);
    return expr.kind === 'call' && expr.name === callee;
  };
  const holders = new Set<number>();
  visitExpressions(ir, (expr) => {
    if (expr.kind !== 'assign' || !isCall(expr.value)) return;
    const { target } = expr;
    if (target.kind === 'ident' && target.binding.kind === 'variable')
      holders.add(target.binding.variable);
  });
  for (const node of ir.cfg.nodes) {
    if (node.kind === 'declare' && node.init !== undefined && isCall(node.init))
      holders.add(node.variable);
  }
  const isResult = (expr: Expr): boolean => {
    if (expr.kind === 'cast') return isResult(expr.operand);
    if (expr.kind === 'assign') return isCall(expr.value);
    if (expr.kind !== 'ident') return isCall(expr);
    return expr.binding.kind === 'variable' && holders.has(expr.binding.variable);
  };
  return ir.cfg.nodes.some((node) => {
    if (node.kind !== 'branch') return false;
    const { condition } = node;
    if (condition.kind !== 'binary') return isResult(condition);
    const bound = noneBound[condition.op];
    return bound !== undefined && isNumber(condition.right, bound) && isResult(condition.left);
  });
}

/** Comparisons with a number that part 0 from the numbers above it. */
const noneBound: Readonly<Partial<Record<string, number>>> = {
  '==': 0,
  '!=': 0,
  '<=': 0,
  '>': 0,
  '<': 1,
  '>=': 1,
};

function isNumber(expr: Expr, value: number): boolean {
  return expr.kind === 'int' && expr.value === value;
}
