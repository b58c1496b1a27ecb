import type { NodeId } from '../../syntax/tree.ts';
import { childByField, kindOf, nextOf } from '../../syntax/tree.ts';
import { Field, Kind } from '../../syntax/kinds.generated.ts';
import type { Lowering } from './lowering.ts';
import { findVariable } from './lowering.ts';
import { nameText, parameterOf, seeThrough } from './source.ts';
import type { Source } from './source.ts';

/** Whether evaluating a piece of text may change anything or call anything that is not a pure expression. */
export function mayHaveEffects(l: Lowering, source: Source, node: NodeId): boolean {
  const { tree } = source;
  const end = nextOf(tree, node);
  for (let at = node; at < end; at++) {
    switch (kindOf(tree, at)) {
      case Kind.assignment_expression:
      case Kind.update_expression:
      case Kind.compound_statement:
      case Kind.gnu_asm_expression:
        return true;
      case Kind.call_expression:
        if (!isPureCall(l, source, at)) return true;
        break;
      case Kind.sizeof_expression:
      case Kind.typeof_specifier:
        at = nextOf(tree, at) - 1;
        break;
      case Kind.identifier: {
        const argument = parameterOf(source, at);
        if (argument?.nodes.some((part) => mayHaveEffects(l, argument.source, part)) === true)
          return true;
        break;
      }
      default:
        break;
    }
  }
  return false;
}

function isPureCall(l: Lowering, source: Source, node: NodeId): boolean {
  // `(type)(x)` is parsed as a call of `(type)`.
  const callee = seeThrough(source, childByField(source.tree, node, Field.function));
  if (kindOf(callee.source.tree, callee.node) === Kind.type_argument) return true;
  const name = nameText(source, childByField(source.tree, node, Field.function));
  if (name === undefined || findVariable(l, name) !== undefined) return false;
  const contract = l.env.api.find(name);
  return contract?.value !== undefined && contract.effect === undefined;
}
