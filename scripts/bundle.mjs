// Bundles the programs that ship: the extension, the language server, the command line tool, and the threads of both.
import * as esbuild from 'esbuild';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SHIPPED_FORM } from './lib/shippedForm.mjs';
import { writeNotices } from './thirdParty.mjs';

const root = path.resolve(import.meta.dirname, '..');
const entries = {
  extension: 'client/extension.ts',
  server: 'server/lsp/main.ts',
  cli: 'server/cli/start.ts',
  commands: 'server/cli/main.ts',
  worker: 'server/cli/check/worker.ts',
  simulator: 'server/lsp/simulate/worker.ts',
  gitObjectsThread: 'server/host/gitObjectsThread.ts',
};
const present = Object.fromEntries(
  Object.entries(entries).filter(([, file]) => fs.existsSync(path.join(root, file))),
);

const { metafile } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: present,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  ...SHIPPED_FORM,
  metafile: true,
  sourcemap: true,
  external: ['vscode'],
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  // Its ES module reads import.meta.url, which a CommonJS bundle does not have.
  alias: { 'web-tree-sitter': path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
  logLevel: 'warning',
});
for (const file of [
  'node_modules/web-tree-sitter/web-tree-sitter.wasm',
  'grammars/kernel-c/dist/kernel-c.wasm',
]) {
  fs.copyFileSync(path.join(root, file), path.join(root, 'dist', path.basename(file)));
}
// The page of a simulation runs in a webview or a browser.
const page = await esbuild.build({
  absWorkingDir: root,
  entryPoints: {
    simulationView: 'client/simulationView/main.ts',
    simulationStyle: 'client/simulationView/style.css',
  },
  outdir: 'dist',
  bundle: true,
  metafile: true,
  platform: 'browser',
  target: 'es2022',
  format: 'iife',
  minify: true,
  logLevel: 'warning',
});
writeNotices(root, { ...metafile.inputs, ...page.metafile.inputs });
if ('cli' in present) fs.chmodSync(path.join(root, 'dist/cli.cjs'), 0o755);

const cached = spawnSync(process.execPath, [path.join(root, 'scripts/codeCache.mjs')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (cached.status !== 0) throw new Error('the code cache of the commands was not made');
