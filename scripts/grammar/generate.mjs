// `npm run grammar:generate -- PATH/TO/tree-sitter`: makes src/parser.c from grammar.js, then all that follows from it.
// The tree-sitter command line tool (0.26.11, Debian package tree-sitter-cli) is needed for this step alone. Its npm package
// downloads a binary when it is installed, so it is no devDependency: the generated parser is committed instead.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const tool = process.argv[2] ?? 'tree-sitter';
/** The version whose output is committed; another one gives a parser.c that differs everywhere. */
const expected = '0.26.11';

const { stdout, error } = spawnSync(tool, ['--version'], { encoding: 'utf8' });
if (error !== undefined) {
  console.error(`grammar: cannot start ${tool}: npm run grammar:generate -- PATH/TO/tree-sitter`);
  process.exit(2);
}
if (!stdout.includes(expected)) {
  console.error(`grammar: ${stdout.trim()} is not tree-sitter ${expected}`);
  process.exit(2);
}
run(tool, ['generate', '--abi', '15'], path.join(root, 'grammars/kernel-c'));
// Files for other build systems, which the generator may add.
for (const name of ['Cargo.toml', 'Package.swift', 'setup.py', 'pyproject.toml']) {
  fs.rmSync(path.join(root, 'grammars/kernel-c', name), { force: true });
}
run(process.execPath, [path.join(import.meta.dirname, 'buildWasm.mjs')], root);
run(process.execPath, [path.join(import.meta.dirname, 'kinds.mjs')], root);
console.log('grammar: generated; read the diff of the corpus: npm run grammar:corpus');

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
