// `npm run native`: builds npm tree-sitter and the grammar natively under build/native, for the cross-check of tests/syntax/native.test.ts.
// Nothing that ships uses them. It needs a C++ compiler, make and Python, which is why no install runs it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const target = path.join(root, 'build/native');

/** npm brings its own node-gyp. */
function nodeGyp() {
  const npm = process.env.npm_execpath;
  const besideNode = path.resolve(process.execPath, '../../lib/node_modules/npm/bin/npm-cli.js');
  for (const start of [npm, besideNode]) {
    if (start === undefined) continue;
    const tool = path.resolve(start, '../../node_modules/node-gyp/bin/node-gyp.js');
    if (fs.existsSync(tool)) return tool;
  }
  throw new Error('native: no node-gyp found beside npm; start this with npm run native');
}

/** Headers that came with Node make a download unnecessary. */
function headers() {
  const prefix = path.resolve(process.execPath, '../..');
  return fs.existsSync(path.join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

function build(folder) {
  const args = [nodeGyp(), 'rebuild', '--silent', '--jobs=2', ...headers()];
  const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: 'inherit' });
  if (status === 0) return;
  console.error(`native: building ${path.relative(root, folder)} failed`);
  process.exit(status ?? 1);
}

fs.rmSync(target, { recursive: true, force: true });
fs.cpSync(path.join(root, 'node_modules/tree-sitter'), path.join(target, 'tree-sitter'), {
  recursive: true,
  dereference: true,
  filter: (source) => !source.includes(`tree-sitter${path.sep}prebuilds`),
});
fs.cpSync(path.join(root, 'grammars/kernel-c'), path.join(target, 'kernel-c'), {
  recursive: true,
  filter: (source) => !/dist$|test$/.test(source),
});
build(path.join(target, 'tree-sitter'));
build(path.join(target, 'kernel-c'));
console.log(
  `native: built in ${path.relative(root, target)}; npm test now compares it with the wasm`,
);
