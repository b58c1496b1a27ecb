// Builds grammars/kernel-c/dist/kernel-c.wasm from the committed parser.c and scanner.c with clang as an npm package:
// no compiler of the machine is involved, so the same sources give the same bytes everywhere.
//   node scripts/grammar/buildWasm.mjs            writes the wasm and SHA256SUMS
//   node scripts/grammar/buildWasm.mjs --verify   builds in memory and compares with the committed checksum
import { commands } from '@yowasp/clang';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../grammars/kernel-c');
const wasmFile = path.join(folder, 'dist/kernel-c.wasm');
const sumsFile = path.join(folder, 'dist/SHA256SUMS');

/** The sources as the file tree that clang is given. */
function sources() {
  const headers = {};
  for (const name of fs.readdirSync(path.join(folder, 'src/tree_sitter'))) {
    headers[name] = fs.readFileSync(path.join(folder, 'src/tree_sitter', name));
  }
  // The generator turns optimisation off to save compile time; with it parsing is 9 to 15 % faster.
  const parser = fs
    .readFileSync(path.join(folder, 'src/parser.c'), 'utf8')
    .replace(/^#pragma clang optimize off$/m, '');
  const scanner = fs.readFileSync(path.join(folder, 'src/scanner.c'), 'utf8');
  return { tree_sitter: headers, 'parser.c': parser, 'scanner.c': scanner };
}

/** Compiles and links a side module that web-tree-sitter loads. */
async function build() {
  let files = sources();
  for (const unit of ['parser', 'scanner']) {
    const flags = ['-O2', '-fPIC', '-fvisibility=hidden', '-fno-exceptions', '-I.'];
    files = await commands.clang([...flags, '-c', `${unit}.c`, '-o', `${unit}.o`], files);
  }
  const link = ['--shared', '--experimental-pic', '--no-entry', '--allow-undefined', '--strip-all'];
  files = await commands['wasm-ld'](
    [...link, '--export=tree_sitter_kernel_c', 'parser.o', 'scanner.o', '-o', 'kernel-c.wasm'],
    files,
  );
  return files['kernel-c.wasm'];
}

const started = performance.now();
const wasm = await build();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
const line = `${createHash('sha256').update(wasm).digest('hex')}  kernel-c.wasm\n`;

if (process.argv.includes('--verify')) {
  const committed = fs.readFileSync(wasmFile);
  if (fs.readFileSync(sumsFile, 'utf8') !== line || Buffer.compare(committed, wasm) !== 0) {
    console.error(
      'grammar: dist/kernel-c.wasm is not what src/ builds; run npm run grammar:wasm and commit it',
    );
    process.exit(1);
  }
  console.log(`grammar: kernel-c.wasm rebuilt identically in ${seconds} s`);
} else {
  fs.mkdirSync(path.dirname(wasmFile), { recursive: true });
  fs.writeFileSync(wasmFile, wasm);
  fs.writeFileSync(sumsFile, line);
  console.log(`grammar: wrote kernel-c.wasm, ${wasm.length} bytes, in ${seconds} s`);
}
