import type { Tree } from 'web-tree-sitter';
import type { Problem } from '../text/problem.ts';
import { defaultChoice, readable } from './blank.ts';
import { layoutOf } from './directives.ts';
import type { Layout } from './directives.ts';
import { flatten } from './flatten.ts';
import { itemsOf } from './items.ts';
import type { TreeCache } from './items.ts';
import { OpenDocuments, reparse, treesByText } from './openDocuments.ts';
import { loadParser, type TreeParser } from './parser.ts';
import type { Item, SourceFile } from './sourceFile.ts';
import { emptyTree } from './tree.ts';
import type { SyntaxTree } from './tree.ts';
import { variantsOf } from './variants.ts';

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
  /**
   * Parses a piece of C on its own, such as a macro body put into a function. The root is a `translation_unit`;
   * `#if` is not looked at.
   */
  fragment(text: string): SyntaxTree;
  /** The same parser with open documents of its own: texts of the same names do not take each other's place. */
  apart(): Syntax;
  dispose(): void;
}

/**
 * Loads the parser.
 * `runtime` holds web-tree-sitter.wasm and `grammar` holds grammars/kernel-c/dist/kernel-c.wasm: reading them is up to the caller.
 */
export async function loadSyntax(runtime: Uint8Array, grammar: Uint8Array): Promise<Syntax> {
  return syntaxOn(await loadParser(runtime, grammar));
}

function syntaxOn(parser: TreeParser): Syntax {
  const documents = new OpenDocuments();

  const parseOpen = (file: string, text: string): ParseResult => {
    const old = documents.get(file);
    if (old?.source.text === text) return { value: old.source, problems: [] };
    const layout = layoutOf(text);
    const read = readable(text, layout, defaultChoice);
    const tree = tooDeep(layout)
      ? undefined
      : old === undefined
        ? parser.parse(read)
        : reparse(parser, old, read);
    if (tree === undefined) {
      documents.delete(file);
      return gaveUp(file, text, layout);
    }
    const source = sourceFile(text, read, layout, tree, old && treesByText(old.source));
    documents.set(file, { read, tree, source });
    return { value: source, problems: [] };
  };

  return {
    parse(file, text) {
      const layout = layoutOf(text);
      const read = readable(text, layout, defaultChoice);
      const tree = tooDeep(layout) ? undefined : parser.parse(read);
      if (tree === undefined) return gaveUp(file, text, layout);
      const value = sourceFile(text, read, layout, tree);
      tree.delete();
      return { value, problems: [] };
    },
    parseOpen,
    close: (file) => {
      documents.delete(file);
    },
    variants: (source, item) => (item.variantCount === 0 ? [] : variantsOf(parser, source, item)),
    fragment(text) {
      const tree = tooDeep(layoutOf(text)) ? undefined : parser.parse(text);
      if (tree === undefined) return emptyTree(text);
      const cursor = tree.walk();
      const flat = flatten(cursor, text, 0);
      cursor.delete();
      tree.delete();
      return flat;
    },
    apart: () => syntaxOn(parser),
    dispose() {
      documents.clear();
      parser.dispose();
    },
  };
}

function sourceFile(
  text: string,
  read: string,
  layout: Layout,
  tree: Tree,
  known?: TreeCache,
): SourceFile {
  const { directives, groups } = layout;
  return { text, items: itemsOf(tree, read, groups, known), directives, groups };
}

/**
 * The runtime recurses where the grammar is ambiguous and checks no stack: some 4000 open brackets corrupt its memory.
 * The deepest kernel files have some dozen.
 */
const maxNesting = 1000;

const tooDeep = (layout: Layout): boolean => layout.nesting > maxNesting;

function gaveUp(file: string, text: string, layout: Layout): ParseResult {
  const reason = tooDeep(layout)
    ? `not parsed: ${layout.nesting} brackets are open at once`
    : 'not parsed: too much of it is not C';
  const { directives, groups } = layout;
  return { value: { text, items: [], directives, groups }, problems: [{ file, reason }] };
}
