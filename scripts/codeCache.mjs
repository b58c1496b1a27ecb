// node scripts/codeCache.mjs: leaves beside dist/commands.cjs what V8 compiled while it checked the fixtures of the
// rules and reviewed the example. V8 compiles a function when it is first called, so the cache is made from a run.
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers';
import v8 from 'node:v8';
import vm from 'node:vm';

const root = path.resolve(import.meta.dirname, '..');
const { sealed } = await import('../out/server/cli/codeCache.js');
const program = path.join(root, 'dist/commands.cjs');
const source = fs.readFileSync(program);
const script = new vm.Script(Module.wrap(source.toString('utf8')), { filename: program });

/** The example as a kernel tree, which is a folder with some files that every kernel has. */
const tree = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-cache-'));
fs.cpSync(path.join(root, 'test-fixtures/workspace'), tree, { recursive: true });
fs.mkdirSync(path.join(tree, 'include/linux'), { recursive: true });
fs.writeFileSync(path.join(tree, 'Kbuild'), '');
fs.writeFileSync(path.join(tree, 'Makefile'), 'VERSION = 7\nPATCHLEVEL = 2\n');

const simulated = path.join(root, 'test-fixtures/simulation');
const runs = [
  ['review', '--tree', tree, path.join(tree, 'qcap-doorbell.mbox')],
  ['check', '--jobs', '1', '--preview', path.join(root, 'test-fixtures/checkers')],
  ['simulate', '--tree', simulated, path.join(simulated, 'qring-error.patch')],
];
function runNext() {
  process.argv = [process.argv[0], path.join(root, 'dist/cli.cjs'), ...runs.shift()];
  const module = { exports: {} };
  const start = script.runInThisContext();
  start.call(module.exports, module.exports, createRequire(program), module, program, path.dirname(program)); // prettier-ignore
}
// From a turn of its own: what is only begun here would not be waited for.
process.on('beforeExit', () => runs.length > 0 && setImmediate(runNext));
process.on('exit', (code) => {
  fs.rmSync(tree, { recursive: true });
  // 1 is the answer that there are findings.
  if (code > 1 || runs.length > 0) {
    process.exitCode = 2;
    return;
  }
  // The data is for a process that starts: with the flags as they are then.
  for (const flag of ['--wasm-dynamic-tiering', '--wasm-tier-up']) v8.setFlagsFromString(flag);
  fs.writeFileSync(`${program}.cache`, sealed(source, script.createCachedData()));
  process.exitCode = 0;
});
