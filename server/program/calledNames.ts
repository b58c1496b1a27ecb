import { Kind } from '../syntax/kinds.generated.ts';
import { endOf, kindOf, nodeCount, textOf, type SyntaxTree } from '../syntax/tree.ts';

const remembered = new WeakMap<SyntaxTree, ReadonlySet<string>>();

/**
 * Names in front of an opening parenthesis: functions that are called by name or through a member of that name, and macros.
 * What comments and strings say is none of them. Trees of unchanged functions are the same objects, and are read once.
 */
export function calledNames(tree: SyntaxTree): ReadonlySet<string> {
  const known = remembered.get(tree);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const count = nodeCount(tree);
  const called = /\s*\(/y;
  for (let node = 0; node < count; node++) {
    const kind = kindOf(tree, node);
    if (kind !== Kind.identifier && kind !== Kind.field_identifier) continue;
    called.lastIndex = endOf(tree, node);
    if (called.test(tree.text)) names.add(textOf(tree, node));
  }
  remembered.set(tree, names);
  return names;
}
