import type { Span } from '../text/span.ts';
import { fieldNames, Kind, kindNames } from './kinds.generated.ts';

/**
 * The syntax tree of one item (a top-level declaration, function or directive) as one typed array.
 * Nodes are numbered in preorder: the root is 0, a subtree is the range from its node to its {@link nextOf}.
 * Offsets count from the start of the item, so that the tree is a function of the item's text alone.
 */
export interface SyntaxTree {
  /**
   * The text that was parsed. It has the length of the original; branches of `#if` groups that were not taken, and
   * directives inside braces, are spaces. It is the key under which later stages may cache what they derive.
   */
  readonly text: string;
  /** {@link rowWords} words per node; read it through the functions of this file. */
  readonly rows: Int32Array;
  /** True where anything in the tree is an error or was inserted to repair one. */
  readonly hasError: boolean;
}

/** Number of a node within its {@link SyntaxTree}. */
export type NodeId = number;

/** What functions that look for a node give when there is none. */
export const noNode = -1;

/** Words of one node: kind, field and flags; start; end; parent; end of subtree. */
export const rowWords = 5;

/** Bit of word 0: a named node, as opposed to a keyword, operator or punctuation. */
export const namedBit: number = 1 << 24;
/** Bit of word 0: inserted by the parser to repair an error; such a node has no text. */
export const missingBit: number = 1 << 25;
/** Bit of word 0: the node is, or contains, an error or a missing node. */
export const errorBit: number = 1 << 26;

/** The tree of a text that was given up on: a single error. */
export function emptyTree(text: string): SyntaxTree {
  const head = Kind.ERROR | namedBit | errorBit;
  return { text, rows: Int32Array.of(head, 0, text.length, noNode, 1), hasError: true };
}

/** Number of nodes in the tree. */
export function nodeCount(tree: SyntaxTree): number {
  return tree.rows.length / rowWords;
}

/** Kind of a node: a value of `Kind` or `Token`. */
export function kindOf(tree: SyntaxTree, node: NodeId): number {
  return tree.rows[node * rowWords]! & 0xffff;
}

/** Name of the node's kind as the grammar spells it; for messages and tests. */
export function kindName(tree: SyntaxTree, node: NodeId): string {
  const kind = kindOf(tree, node);
  return kind === Kind.ERROR ? 'ERROR' : kindNames[kind]!;
}

/** Field under which the parent holds this node: a value of `Field`, or 0. */
export function fieldOf(tree: SyntaxTree, node: NodeId): number {
  return (tree.rows[node * rowWords]! >> 16) & 0xff;
}

/** Offset of the node's first unit, from the start of the item. */
export function startOf(tree: SyntaxTree, node: NodeId): number {
  return tree.rows[node * rowWords + 1]!;
}

/** Offset after the node's last unit, from the start of the item. */
export function endOf(tree: SyntaxTree, node: NodeId): number {
  return tree.rows[node * rowWords + 2]!;
}

/** The node's parent; {@link noNode} for the root. */
export function parentOf(tree: SyntaxTree, node: NodeId): NodeId {
  return tree.rows[node * rowWords + 3]!;
}

/** The first node after the node's subtree, in preorder; it need not be a sibling. */
export function nextOf(tree: SyntaxTree, node: NodeId): NodeId {
  return tree.rows[node * rowWords + 4]!;
}

/** The node's range, from the start of the item. */
export function spanOf(tree: SyntaxTree, node: NodeId): Span {
  return { start: startOf(tree, node), end: endOf(tree, node) };
}

/** The node's text. */
export function textOf(tree: SyntaxTree, node: NodeId): string {
  return tree.text.slice(startOf(tree, node), endOf(tree, node));
}

/** Whether the node is a named one, as opposed to a keyword, operator or punctuation. */
export function isNamed(tree: SyntaxTree, node: NodeId): boolean {
  return (tree.rows[node * rowWords]! & namedBit) !== 0;
}

/** Whether the node was inserted to repair an error. */
export function isMissing(tree: SyntaxTree, node: NodeId): boolean {
  return (tree.rows[node * rowWords]! & missingBit) !== 0;
}

/** Whether the node is, or contains, an error or a missing node. */
export function hasError(tree: SyntaxTree, node: NodeId): boolean {
  return (tree.rows[node * rowWords]! & errorBit) !== 0;
}

/** Whether the node may stand anywhere and belongs to no rule: comments and kernel attributes such as `__iomem`. */
export function isExtra(tree: SyntaxTree, node: NodeId): boolean {
  const kind = kindOf(tree, node);
  return kind === Kind.comment || kind === Kind.kernel_attribute;
}

/** The node's first child, or {@link noNode}. */
export function firstChild(tree: SyntaxTree, node: NodeId): NodeId {
  return nextOf(tree, node) === node + 1 ? noNode : node + 1;
}

/** The node's next sibling, or {@link noNode}. */
export function nextSibling(tree: SyntaxTree, node: NodeId): NodeId {
  const parent = parentOf(tree, node);
  if (parent === noNode) return noNode;
  const next = nextOf(tree, node);
  return next === nextOf(tree, parent) ? noNode : next;
}

/** All children, in order: tokens, comments and attributes too. */
export function children(tree: SyntaxTree, node: NodeId): NodeId[] {
  const found: NodeId[] = [];
  const end = nextOf(tree, node);
  for (let child = node + 1; child < end; child = nextOf(tree, child)) found.push(child);
  return found;
}

/** The named children, in order, without comments and kernel attributes. */
export function namedChildren(tree: SyntaxTree, node: NodeId): NodeId[] {
  const found: NodeId[] = [];
  const end = nextOf(tree, node);
  for (let child = node + 1; child < end; child = nextOf(tree, child)) {
    if (isNamed(tree, child) && !isExtra(tree, child)) found.push(child);
  }
  return found;
}

/** The first child that its parent holds under a field, or {@link noNode}. */
export function childByField(tree: SyntaxTree, node: NodeId, field: number): NodeId {
  const end = nextOf(tree, node);
  for (let child = node + 1; child < end; child = nextOf(tree, child)) {
    if (fieldOf(tree, child) === field) return child;
  }
  return noNode;
}

/** Every child that its parent holds under a field, in order. */
export function childrenByField(tree: SyntaxTree, node: NodeId, field: number): NodeId[] {
  return children(tree, node).filter((child) => fieldOf(tree, child) === field);
}

/** The first child of a kind, or {@link noNode}. */
export function childOfKind(tree: SyntaxTree, node: NodeId, kind: number): NodeId {
  const end = nextOf(tree, node);
  for (let child = node + 1; child < end; child = nextOf(tree, child)) {
    if (kindOf(tree, child) === kind) return child;
  }
  return noNode;
}

/** Every node of a kind within the subtree of `node`, itself included, in preorder. */
export function descendantsOfKind(tree: SyntaxTree, node: NodeId, kind: number): NodeId[] {
  const found: NodeId[] = [];
  const end = nextOf(tree, node);
  for (let inner = node; inner < end; inner++) {
    if (kindOf(tree, inner) === kind) found.push(inner);
  }
  return found;
}

/** The innermost node whose range contains an offset counted from the start of the item. */
export function nodeAt(tree: SyntaxTree, offset: number): NodeId {
  let node = 0;
  for (;;) {
    const end = nextOf(tree, node);
    let child = node + 1;
    while (child < end && !(startOf(tree, child) <= offset && offset < endOf(tree, child))) {
      child = nextOf(tree, child);
    }
    if (child >= end) return node;
    node = child;
  }
}

/** The named part of the tree as an S-expression with fields, as tree-sitter prints it; for tests. */
export function sexp(tree: SyntaxTree, node: NodeId = 0): string {
  if (isMissing(tree, node)) return `(MISSING ${kindName(tree, node)})`;
  const parts = [kindName(tree, node)];
  for (const child of children(tree, node)) {
    if (!isNamed(tree, child) && !isMissing(tree, child)) continue;
    const name = fieldNames[fieldOf(tree, child)]!;
    parts.push((name === '' ? '' : `${name}: `) + sexp(tree, child));
  }
  return `(${parts.join(' ')})`;
}
