import { Language, Parser } from 'web-tree-sitter';
import type { Tree } from 'web-tree-sitter';
import type { Problem } from '../text/problem.ts';
import { flatten } from './flatten.ts';
import { Kind } from './kinds.generated.ts';
import type { Item, SourceFile } from './sourceFile.ts';
import type { SyntaxTree } from './tree.ts';

/** A parsed file and what could not be parsed in it. */
export interface ParseResult {
  readonly value: SourceFile;
  readonly problems: readonly Problem[];
}

/** Parses kernel C. It holds WebAssembly memory: create one per thread and dispose of it. */
export interface Syntax {
  /** Parses a text once; nothing is kept. `file` only names the file in problems. */
  parse(file: string, text: string): ParseResult;
  /** Parses the current text of an open document; the next call for the same `file` re-parses only what changed. */
  parseOpen(file: string, text: string): ParseResult;
  /** Forgets an open document. */
  close(file: string): void;
  /** The further readings of an item that has `#else` branches inside: each takes other branches. */
  variants(source: SourceFile, item: Item): readonly Item[];
  /** Parses a piece of C on its own, such as a macro body put into a function; the root is a `translation_unit`. */
  fragment(text: string): SyntaxTree;
  dispose(): void;
}

/**
 * Loads the parser.
 * `runtime` holds web-tree-sitter.wasm and `grammar` holds grammars/kernel-c/dist/kernel-c.wasm: reading them is up to the caller.
 */
export async function loadSyntax(runtime: Uint8Array, grammar: Uint8Array): Promise<Syntax> {
  await Parser.init({ wasmBinary: runtime });
  const language = await Language.load(grammar);
  const parser = new Parser();
  parser.setLanguage(language);

  const parse = (file: string, text: string): ParseResult => {
    const tree = parser.parse(text);
    if (tree === null) {
      parser.reset();
      return gaveUp(file, text);
    }
    const items = itemsOf(tree, text);
    tree.delete();
    return { value: { text, items, directives: [], groups: [] }, problems: [] };
  };
  return {
    parse,
    parseOpen: parse,
    close: () => undefined,
    variants: () => [],
    fragment(text) {
      const tree = parser.parse(text);
      if (tree === null) {
        parser.reset();
        return { text, rows: new Int32Array(5), hasError: true };
      }
      const cursor = tree.walk();
      const flat = flatten(cursor, text, 0);
      cursor.delete();
      tree.delete();
      return flat;
    },
    dispose: () => {
      parser.delete();
    },
  };
}

function gaveUp(file: string, text: string): ParseResult {
  const reason = 'not parsed: the parser gave up on it';
  return {
    value: { text, items: [], directives: [], groups: [] },
    problems: [{ file, reason }],
  };
}

/** Flattens the children of the root, without the comments and attributes between them. */
function itemsOf(tree: Tree, text: string): Item[] {
  const items: Item[] = [];
  const cursor = tree.walk();
  if (cursor.gotoFirstChild()) {
    do {
      const kind = cursor.nodeTypeId;
      if (kind === Kind.comment || kind === Kind.kernel_attribute) continue;
      const start = cursor.startIndex;
      const flat = flatten(cursor, text.slice(start, cursor.endIndex), start);
      items.push({ start, tree: flat, conditions: [], variantCount: 0 });
    } while (cursor.gotoNextSibling());
  }
  cursor.delete();
  return items;
}
