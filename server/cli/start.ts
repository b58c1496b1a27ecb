#!/usr/bin/env node
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { version } from '../report/version.ts';
import { unsealed } from './codeCache.ts';

// Entry point of dist/cli.cjs. The commands are a program of their own (main.ts, dist/commands.cjs): compiling it takes
// longer than to say the version, and so long that the build leaves beside it what V8 made of it.

/** Runs a CommonJS program as `require` does, with compiled code where the build left some that fits. */
function run(program: string): void {
  const require = createRequire(program);
  const source = fs.readFileSync(program);
  const cachedData = cacheOf(program, source);
  if (cachedData === undefined) {
    require(program);
    return;
  }
  const text = Module.wrap(source.toString('utf8'));
  const script = new vm.Script(text, { filename: program, cachedData });
  const module = { exports: {} };
  const start = script.runInThisContext() as (...given: readonly unknown[]) => void;
  start.call(module.exports, module.exports, require, module, program, path.dirname(program));
}

function cacheOf(program: string, source: Buffer): Buffer | undefined {
  const file = `${program}.cache`;
  return fs.existsSync(file) ? unsealed(source, fs.readFileSync(file)) : undefined;
}

if (process.argv[2] === '--version') fs.writeSync(1, `iovet ${version}\n`);
else run(path.join(import.meta.dirname, 'commands.cjs'));
