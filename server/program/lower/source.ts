import type { Span } from '../../text/span.ts';
import type { NodeId, SyntaxTree } from '../../syntax/tree.ts';
import { endOf, kindOf, namedChildren, startOf, textOf } from '../../syntax/tree.ts';
import { Kind } from '../../syntax/kinds.generated.ts';

/** What a macro's parameter stands for at one use: nodes of the text where the macro was used. */
export interface MacroArgument {
  readonly source: Source;
  /** One node; several or none for `...`. */
  readonly nodes: readonly NodeId[];
}

/**
 * A tree that is being lowered, and how its names and positions are to be read:
 * the function's own text, or the body of a macro that is expanded at one place of it.
 */
export interface Source {
  readonly tree: SyntaxTree;
  /** Where every node of this source is said to be; undefined where the tree's own offsets hold. */
  readonly at: Span | undefined;
  /** The macro as written in the function, for nodes that come from its expansion. */
  readonly macro: string | undefined;
  readonly parameters: ReadonlyMap<string, MacroArgument> | undefined;
  /** Names of the macros being expanded, against recursion; innermost last. */
  readonly expanding: readonly string[];
}

/** The text of a function's own item as a source. */
export function itemSource(tree: SyntaxTree): Source {
  return { tree, at: undefined, macro: undefined, parameters: undefined, expanding: [] };
}

/** Where a node is, relative to the item. */
export function placeOf(source: Source, node: NodeId): Span {
  return source.at ?? { start: startOf(source.tree, node), end: endOf(source.tree, node) };
}

/** What a name stands for if it is a parameter of the macro being expanded. */
export function parameterOf(source: Source, node: NodeId): MacroArgument | undefined {
  return source.parameters?.get(textOf(source.tree, node));
}

/** A node with the source it belongs to. */
export interface Located {
  readonly source: Source;
  readonly node: NodeId;
}

/** Follows macro parameters and parentheses until something else is met. */
export function seeThrough(source: Source, node: NodeId): Located {
  for (;;) {
    const kind = kindOf(source.tree, node);
    if (kind === Kind.identifier && source.parameters !== undefined) {
      const argument = parameterOf(source, node);
      if (argument?.nodes.length !== 1) return { source, node };
      source = argument.source;
      node = argument.nodes[0]!;
    } else if (
      kind === Kind.parenthesized_expression &&
      onlyChild(source.tree, node) !== undefined
    ) {
      node = onlyChild(source.tree, node)!;
    } else {
      return { source, node };
    }
  }
}

/** The plain name an argument is, or undefined. */
export function argumentName(argument: MacroArgument): string | undefined {
  const [only] = argument.nodes;
  return only === undefined ? undefined : nameText(argument.source, only);
}

/** The plain name a node is, macro parameters followed; undefined if it is anything else. */
export function nameText(source: Source, node: NodeId): string | undefined {
  const found = seeThrough(source, node);
  const kind = kindOf(found.source.tree, found.node);
  const isName =
    kind === Kind.identifier || kind === Kind.type_identifier || kind === Kind.field_identifier;
  if (!isName) return undefined;
  const text = textOf(found.source.tree, found.node);
  const argument = found.source.parameters?.get(text);
  if (argument !== undefined) {
    return argument.nodes.length === 1 ? nameText(argument.source, argument.nodes[0]!) : undefined;
  }
  return text;
}

function onlyChild(tree: SyntaxTree, node: NodeId): NodeId | undefined {
  const inner = namedChildren(tree, node);
  return inner.length === 1 && kindOf(tree, inner[0]!) !== Kind.compound_statement
    ? inner[0]
    : undefined;
}
