import type { TreeCursor } from 'web-tree-sitter';
import { firstNonterminal, Kind, namedKinds } from './kinds.generated.ts';
import { emptyTree, errorBit, missingBit, namedBit, noNode, rowWords } from './tree.ts';
import type { SyntaxTree } from './tree.ts';

/** Grows to the largest item seen; each tree gets its own exact copy. */
let scratch = new Int32Array(1 << 15);

const isNamedKind = Uint8Array.from(namedKinds);
/** Aliases of tokens: kinds above the nonterminals that nevertheless have no children. */
const tokenAliases: ReadonlySet<number> = new Set([
  Kind.type_identifier,
  Kind.field_identifier,
  Kind.statement_identifier,
]);

/** Deeper items are taken as errors: later stages recurse, and nothing that people write comes near. */
const maxDepth = 1000;
/** Larger items are taken as errors: a node takes 20 bytes, and the largest tables of the kernel have 200,000 nodes. */
const maxNodes = 1_000_000;

/**
 * Writes the subtree at the cursor into a flat tree; offsets are relative to the subtree's start.
 * The cursor is back at the same node afterwards. Time: about 0.5 µs per node, all of it calls into WebAssembly.
 */
export function flatten(cursor: TreeCursor, text: string, base: number): SyntaxTree {
  let count = 0;
  let parent = noNode;
  let anyError = false;
  let depth = 0;
  for (;;) {
    if (depth > maxDepth || count >= maxNodes) {
      while (depth-- > 0) cursor.gotoParent();
      return emptyTree(text);
    }
    const node = count++;
    if (count * rowWords > scratch.length) {
      const larger = new Int32Array(scratch.length * 2);
      larger.set(scratch);
      scratch = larger;
    }
    const at = node * rowWords;
    const kind = cursor.nodeTypeId;
    const start = cursor.startIndex - base;
    const end = cursor.endIndex - base;
    let head = kind;
    if (parent !== noNode) head |= cursor.currentFieldId << 16;
    if (kind === Kind.ERROR) {
      head |= namedBit | errorBit;
      anyError = true;
    } else if (isNamedKind[kind] === 1) head |= namedBit;
    if (start === end && cursor.nodeIsMissing) {
      head |= missingBit | errorBit;
      anyError = true;
    }
    scratch[at] = head;
    scratch[at + 1] = start;
    scratch[at + 2] = end;
    scratch[at + 3] = parent;
    const mayHaveChildren = kind >= firstNonterminal && !tokenAliases.has(kind);
    if (mayHaveChildren && cursor.gotoFirstChild()) {
      parent = node;
      depth++;
      continue;
    }
    scratch[at + 4] = count;
    while (parent !== noNode && !cursor.gotoNextSibling()) {
      cursor.gotoParent();
      depth--;
      scratch[parent * rowWords + 4] = count;
      parent = scratch[parent * rowWords + 3]!;
    }
    if (parent === noNode) break;
  }
  const rows = scratch.slice(0, count * rowWords);
  if (anyError) markAncestorsOfErrors(rows);
  return { text, rows, hasError: anyError };
}

/** Sets the error bit on every ancestor: children come after their parents, so one pass from the end does it. */
function markAncestorsOfErrors(rows: Int32Array): void {
  for (let at = rows.length - rowWords; at > 0; at -= rowWords) {
    if ((rows[at]! & errorBit) !== 0) {
      const above = rows[at + 3]! * rowWords;
      rows[above] = rows[above]! | errorBit;
    }
  }
}
