import type { Expr } from '../ir.ts';
import type { NodeId } from '../../syntax/tree.ts';
import { childByField, namedChildren, textOf } from '../../syntax/tree.ts';
import { Field } from '../../syntax/kinds.generated.ts';
import { argumentsOf, lowerArguments } from './calls.ts';
import { addCleanup, emit, emitCleanups } from './lowering.ts';
import type { Lowering, Pending } from './lowering.ts';
import { placeOf } from './source.ts';
import type { Source } from './source.ts';

/** `guard(class)(args);` takes the lock until the scope is left. */
export function lowerGuardStatement(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const inner = childByField(tree, node, Field.function);
  const [classNode] = namedChildren(tree, childByField(tree, inner, Field.arguments));
  const guardClass = classNode === undefined ? '' : textOf(tree, classNode);
  const args = lowerArguments(l, source, node);
  emit(l, { kind: 'guard', class: guardClass, args, ...placeOf(source, node) });
  addCleanup(l, { kind: 'guard', class: guardClass, args });
}

/** `scoped_guard(class, args) body`; with a class that may fail, the body runs only when the lock was taken. */
export function lowerScopedGuard(l: Lowering, source: Source, node: NodeId): void {
  const { tree } = source;
  const [classArgument, ...rest] = argumentsOf(source, node);
  const guardClass =
    classArgument?.nodes[0] === undefined
      ? ''
      : textOf(classArgument.source.tree, classArgument.nodes[0]);
  const isConditional = textOf(tree, childByField(tree, node, Field.macro)) === 'scoped_cond_guard';
  const lockArguments = isConditional ? rest.slice(1) : rest;
  const args: Expr[] = lockArguments.flatMap(({ source: from, nodes }) =>
    nodes.map((argument) => l.recurse.expression(l, from, argument)),
  );
  const place = placeOf(source, childByField(tree, node, Field.macro));
  const id = emit(l, { kind: 'guard', class: guardClass, args, ...place });
  const skipped: Pending[] = [];
  if (isConditional || l.env.api.isConditionalGuard(guardClass)) {
    l.pending = [{ node: id, label: { kind: 'true' } }];
    skipped.push({ node: id, label: { kind: 'false' } });
  }
  const { breakTo, continueTo, cleanups } = l;
  const leave = { ends: [] as Pending[], cleanups };
  l.breakTo = leave;
  l.continueTo = leave;
  addCleanup(l, { kind: 'guard', class: guardClass, args });
  l.recurse.statement(l, source, childByField(tree, node, Field.body));
  const { end } = placeOf(source, node);
  if (l.pending.length > 0)
    emitCleanups(l, l.cleanups, cleanups, { start: Math.max(0, end - 1), end });
  l.cleanups = cleanups;
  l.breakTo = breakTo;
  l.continueTo = continueTo;
  l.pending = [...l.pending, ...leave.ends, ...skipped];
}
