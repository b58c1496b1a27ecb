import v8 from 'node:v8';

/**
 * Tells V8 that the parser will run for a second or so: its WebAssembly is used as it is first compiled. Optimising it
 * takes a quarter of a second of processor time, most of it for one function (the lexer, 160 kB), which pays off from
 * some 3 MB of C on. Applies to the process, so it is called before the first parser is loaded, and not by servers.
 */
export function expectShortRun(): void {
  for (const flag of ['--no-wasm-dynamic-tiering', '--no-wasm-tier-up'])
    v8.setFlagsFromString(flag);
}
