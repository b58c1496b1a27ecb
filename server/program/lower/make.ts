import type { Constant, Expr, Ident, IntLiteral, IntValue, UnknownExpr } from '../ir.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { endOf, startOf } from '../../syntax/tree.ts';
import type { Lowering } from './lowering.ts';
import type { Source } from './source.ts';

/** What every expression begins with: a fresh id, its span and the macro it comes from. */
export function head(
  l: Lowering,
  source: Source,
  node: NodeId,
): { id: number; start: number; end: number; macro: string | undefined } {
  const { at } = source;
  return {
    id: l.nextId++,
    start: at === undefined ? startOf(source.tree, node) : at.start,
    end: at === undefined ? endOf(source.tree, node) : at.end,
    macro: source.macro,
  };
}

/** A variable of the function read as a value. */
export function identOf(
  l: Lowering,
  source: Source,
  node: NodeId,
  variable: { readonly index: number; readonly name: string },
): Ident {
  const binding = { kind: 'variable', variable: variable.index } as const;
  return { kind: 'ident', ...head(l, source, node), name: variable.name, binding };
}

/** An integer that is not written in the text. */
export function intOf(l: Lowering, source: Source, node: NodeId, value: IntValue): IntLiteral {
  return { kind: 'int', ...head(l, source, node), value, text: String(value) };
}

/** A named constant. */
export function constantOf(
  l: Lowering,
  source: Source,
  node: NodeId,
  constant: Pick<Constant, 'name' | 'value' | 'origin'>,
): Constant {
  return { kind: 'constant', ...head(l, source, node), ...constant };
}

/** Something without a meaning here, and why. */
export function unknownExpr(
  l: Lowering,
  source: Source,
  node: NodeId,
  reason: string,
): UnknownExpr {
  return { kind: 'unknown', ...head(l, source, node), reason };
}

/** Whether an expression is a truth value by itself and constant. */
export function constantTruth(expr: Expr): boolean | undefined {
  const isConstant = expr.kind === 'int' || expr.kind === 'constant';
  if (!isConstant || expr.value === undefined) return undefined;
  return expr.value !== 0;
}
