import { Language, Parser } from 'web-tree-sitter';
import type { Tree } from 'web-tree-sitter';

/** The grammar at work: one parser in WebAssembly memory. Trees that it gives belong to the caller, who deletes them. */
export interface TreeParser {
  /**
   * Parses a text; `old` is the tree of an earlier text, already edited to match.
   * Gives nothing when the text needs more work than any C file of its length does.
   */
  parse(text: string, old?: Tree): Tree | undefined;
  dispose(): void;
}

/**
 * Steps of the parser (of about 40 µs) that a text of a given length may take. Kernel files need 6 per 1000 units, random bytes
 * 20, a file of unmatched words 40. Counting steps, not time, gives the same answer on every machine.
 */
export function stepsFor(length: number): number {
  return 10_000 + Math.ceil((length * 45) / 1000);
}

let runtimeStarted: Promise<void> | undefined;

/**
 * Starts the runtime once per thread. Parser.init() itself makes a second WebAssembly memory when it is called again before
 * it is done, and every parser of the first one would read the second.
 */
function startRuntime(wasmBinary: Uint8Array): Promise<void> {
  runtimeStarted ??= Parser.init({ wasmBinary }).catch((error: unknown) => {
    runtimeStarted = undefined;
    throw error;
  });
  return runtimeStarted;
}

/** Loads the runtime and the grammar; both come as the bytes of their wasm files. */
export async function loadParser(
  runtime: Uint8Array,
  grammar: Uint8Array,
  limit: (length: number) => number = stepsFor,
): Promise<TreeParser> {
  await startRuntime(runtime);
  const language = await Language.load(grammar);
  const parser = new Parser();
  parser.setLanguage(language);
  return {
    parse(text, old) {
      let steps = limit(text.length);
      const progressCallback = (): boolean => --steps < 0;
      const tree = parser.parse(text, old, { progressCallback });
      if (tree === null) {
        // Otherwise the next parse would go on where this one stopped.
        parser.reset();
        return undefined;
      }
      return tree;
    },
    dispose: () => {
      parser.delete();
    },
  };
}
