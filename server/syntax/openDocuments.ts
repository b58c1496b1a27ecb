import { Edit } from 'web-tree-sitter';
import type { Tree } from 'web-tree-sitter';
import type { TreeParser } from './parser.ts';
import type { SourceFile } from './sourceFile.ts';
import type { SyntaxTree } from './tree.ts';

/** What is kept of an open document between two edits. */
export interface OpenDocument {
  /** The text that the grammar was given; see `readable`. */
  readonly read: string;
  readonly tree: Tree;
  readonly source: SourceFile;
}

/** Trees are kept for this many documents; the one not used for longest goes first. A tree takes 20 times its text. */
const capacity = 16;

/** The parsed documents of an editor. It owns their trees and deletes them. */
export class OpenDocuments {
  /** In the order of last use. */
  private readonly documents = new Map<string, OpenDocument>();

  get(file: string): OpenDocument | undefined {
    return this.documents.get(file);
  }

  set(file: string, document: OpenDocument): void {
    this.delete(file);
    this.documents.set(file, document);
    for (const oldest of this.documents.keys()) {
      if (this.documents.size <= capacity) break;
      this.delete(oldest);
    }
  }

  delete(file: string): void {
    this.documents.get(file)?.tree.delete();
    this.documents.delete(file);
  }

  clear(): void {
    for (const file of [...this.documents.keys()]) this.delete(file);
  }
}

/** Parses a changed text with the help of its earlier tree. The difference is found here, so any number of edits is one. */
export function reparse(parser: TreeParser, old: OpenDocument, read: string): Tree | undefined {
  const before = old.read;
  const shorter = Math.min(before.length, read.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === read.charCodeAt(start)) start++;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === read.charCodeAt(read.length - 1 - tail)
  ) {
    tail++;
  }
  const oldEnd = before.length - tail;
  const newEnd = read.length - tail;
  old.tree.edit(
    new Edit({
      startIndex: start,
      oldEndIndex: oldEnd,
      newEndIndex: newEnd,
      startPosition: pointAt(before, start),
      oldEndPosition: pointAt(before, oldEnd),
      newEndPosition: pointAt(read, newEnd),
    }),
  );
  return parser.parse(read, old.tree);
}

/** Row and column as tree-sitter counts them: from 0, a newline ends a row. */
function pointAt(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  for (;;) {
    const end = text.indexOf('\n', lineStart);
    if (end < 0 || end >= offset) return { row, column: offset - lineStart };
    row++;
    lineStart = end + 1;
  }
}

/** The trees of a document's items by their text. */
export function treesByText(source: SourceFile): Map<string, SyntaxTree> {
  return new Map(source.items.map(({ tree }) => [tree.text, tree]));
}
