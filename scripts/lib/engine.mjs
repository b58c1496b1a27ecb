// Loads the compiled layers for scripts that review many files in one process.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/** Compiles what changed, so that a script never measures yesterday's code. */
export function compile() {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  if (!fs.existsSync(tsc)) fail('not installed: run npm ci --ignore-scripts');
  const { status } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** The compiled layers that scripts use. Call {@link compile} before. */
export async function loadEngine() {
  const load = (file) => import(path.join(root, 'out/server', file));
  const [{ loadSyntax }, { openSession }, { shownByCheck }, { nodeHost }, { overlayHost }] =
    await Promise.all([
      load('syntax/syntax.js'),
      load('review/session.js'),
      load('review/settle.js'),
      load('host/nodeHost.js'),
      load('host/overlayHost.js'),
    ]);
  const bytes = (file) => fs.readFileSync(path.join(root, file));
  const syntax = await loadSyntax(
    bytes('node_modules/web-tree-sitter/web-tree-sitter.wasm'),
    bytes('grammars/kernel-c/dist/kernel-c.wasm'),
  );
  /** A session as `iovet check` would open it; `settings` replaces single defaults. */
  const open = (settings, host = nodeHost) =>
    openSession(syntax, host, {
      tree: undefined,
      root: '/',
      kernel: undefined,
      selection: { rules: undefined, preview: false },
      shown: shownByCheck,
      ...settings,
    });
  return { syntax, open, nodeHost, overlayHost, load };
}

/** Ends a script that cannot do its work: 2, with the reason. */
export function fail(reason) {
  console.error(reason);
  process.exit(2);
}

/** Ends a script whose input is absent by design (no corpus, no kernel tree): 0, with the reason. */
export function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}

/** Median and 99th percentile of some numbers. */
export function quantiles(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { median: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? NaN };
}

/** A path as the user meant it: npm runs scripts in the package's folder, wherever it was called. */
export function fromUser(given) {
  return path.resolve(process.env['INIT_CWD'] ?? process.cwd(), given);
}
