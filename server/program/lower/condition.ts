import type { NodeId } from '../../syntax/tree.ts';
import { childByField, kindOf, noNode, textOf } from '../../syntax/tree.ts';
import { Field, Kind } from '../../syntax/kinds.generated.ts';
import { argumentsOf, conditionExpansion } from './calls.ts';
import { emitBranch, emitEval, findVariable } from './lowering.ts';
import type { Lowering, Outcome } from './lowering.ts';
import { constantTruth } from './make.ts';
import { nameText, seeThrough } from './source.ts';
import type { Source } from './source.ts';

/** Lowers a condition into branches from the current loose ends; `!`, `&&`, `||` and `?:` become edges. */
export function lowerCondition(l: Lowering, source: Source, node: NodeId): Outcome {
  const found = seeThrough(source, node);
  const { source: from, node: at } = found;
  const { tree } = from;
  switch (kindOf(tree, at)) {
    case Kind.unary_expression:
      if (textOf(tree, childByField(tree, at, Field.operator)) === '!') {
        const inner = lowerCondition(l, from, childByField(tree, at, Field.argument));
        return { whenTrue: inner.whenFalse, whenFalse: inner.whenTrue };
      }
      break;
    case Kind.binary_expression: {
      const op = textOf(tree, childByField(tree, at, Field.operator));
      if (op === '&&' || op === '||') return lowerJunction(l, from, at, op);
      break;
    }
    case Kind.conditional_expression:
      if (childByField(tree, at, Field.consequence) !== noNode) return lowerChoice(l, from, at);
      break;
    case Kind.comma_expression:
      emitEval(l, l.recurse.expression(l, from, childByField(tree, at, Field.left)));
      return lowerCondition(l, from, childByField(tree, at, Field.right));
    case Kind.call_expression: {
      const wrapped = wrappedCondition(l, from, at);
      if (wrapped !== undefined) return wrapped;
      break;
    }
    default:
      break;
  }
  const condition = l.recurse.expression(l, from, at);
  const truth = constantTruth(condition);
  if (truth === undefined) return emitBranch(l, condition);
  const { pending } = l;
  l.pending = [];
  return truth ? { whenTrue: pending, whenFalse: [] } : { whenTrue: [], whenFalse: pending };
}

function lowerJunction(l: Lowering, source: Source, node: NodeId, op: '&&' | '||'): Outcome {
  const left = lowerCondition(l, source, childByField(source.tree, node, Field.left));
  l.pending = [...(op === '&&' ? left.whenTrue : left.whenFalse)];
  const right = lowerCondition(l, source, childByField(source.tree, node, Field.right));
  return op === '&&'
    ? { whenTrue: right.whenTrue, whenFalse: [...left.whenFalse, ...right.whenFalse] }
    : { whenTrue: [...left.whenTrue, ...right.whenTrue], whenFalse: right.whenFalse };
}

function lowerChoice(l: Lowering, source: Source, node: NodeId): Outcome {
  const test = lowerCondition(l, source, childByField(source.tree, node, Field.condition));
  l.pending = [...test.whenTrue];
  const first = lowerCondition(l, source, childByField(source.tree, node, Field.consequence));
  l.pending = [...test.whenFalse];
  const second = lowerCondition(l, source, childByField(source.tree, node, Field.alternative));
  return {
    whenTrue: [...first.whenTrue, ...second.whenTrue],
    whenFalse: [...first.whenFalse, ...second.whenFalse],
  };
}

/** `likely(c)`, `WARN_ON(c)`, and macros that expand to a condition: the branch is on what is inside. */
function wrappedCondition(l: Lowering, source: Source, node: NodeId): Outcome | undefined {
  const name = nameText(source, childByField(source.tree, node, Field.function));
  if (name !== undefined && findVariable(l, name) === undefined) {
    const value = l.env.api.find(name)?.value;
    if (value?.is === 'truth') {
      const argument = argumentsOf(source, node)[value.index];
      const [only] = argument?.nodes ?? [];
      if (only !== undefined) return lowerCondition(l, argument!.source, only);
    }
  }
  const expansion = conditionExpansion(l, source, node);
  return expansion === undefined ? undefined : lowerCondition(l, expansion.source, expansion.node);
}
