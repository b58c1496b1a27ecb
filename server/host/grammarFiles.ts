import type { Host } from './host.ts';

/** The WebAssembly that the parser needs. */
export interface GrammarFiles {
  readonly runtime: Uint8Array;
  readonly grammar: Uint8Array;
}

/** Reads what the build put beside the programs. */
export function readGrammarFiles(host: Host, programFolder: string): GrammarFiles {
  const read = (name: string): Uint8Array => {
    const bytes = host.readBytes(`${programFolder}/${name}`);
    if (bytes === undefined) {
      throw new Error(`${programFolder}/${name} is missing: the installation is not complete`);
    }
    return bytes;
  };
  return { runtime: read('web-tree-sitter.wasm'), grammar: read('kernel-c.wasm') };
}
