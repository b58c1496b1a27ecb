import type { Expr } from '../../cfront/parse/ast.ts';
import type { Type } from '../../cfront/types/type.ts';
import type { Evaluate } from './executor.ts';

/**
 * Tells who makes inputs up where C takes memory without a type for a struct: private data, containers of
 * what was handed in. Everywhere else the conversion is the value itself.
 */
export function typedBy({ value, type }: Expr & { op: 'convert' }, evaluate: Evaluate): Evaluate {
  if (type.kind !== 'pointer' || value.type.kind !== 'pointer') return evaluate;
  const { to } = type;
  if (!isUntyped(value.type.to) || to.kind !== 'aggregate') return evaluate;
  return (frame) => {
    const pointer = evaluate(frame);
    frame.machine.inputs?.seenAs(pointer, to, frame.callable.unit);
    return pointer;
  };
}

/** Nothing is known of memory that pointers to void or to bytes lead to. */
function isUntyped(to: Type): boolean {
  return to.kind === 'void' || (to.kind === 'integer' && to.size === 1);
}
