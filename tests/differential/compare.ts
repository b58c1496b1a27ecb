import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Machine } from '../../server/simulate/machine/machine.ts';
import { Stop } from '../../server/simulate/machine/stop.ts';
import { machineFor } from '../simulate/smallMachine.ts';
import { ARGUMENTS, generateProgram, mainFor } from './generate.ts';

/** What a comparison of one generated program found. */
export interface Comparison {
  readonly compared: number;
  /** One line per difference: function, arguments, both results. */
  readonly differences: readonly string[];
}

/** Whether there is a gcc to compare with. */
export function hasGcc(): boolean {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a program of `count` generated functions with gcc and with the machine. */
export function compareProgram(seed: number, count: number): Comparison {
  const program = generateProgram(seed, count);
  const expected = runWithGcc(`${program}${mainFor(count)}`);
  const machine = machineFor(program);
  const differences: string[] = [];
  let line = 0;
  for (const [set, args] of ARGUMENTS.entries()) {
    for (let i = 0; i < count; i++, line++) {
      const got = resultOf(machine, `f${i}`, args);
      if (got !== expected[line]) {
        differences.push(
          `seed ${seed} f${i} arguments ${set}: gcc ${expected[line]}, machine ${got}`,
        );
      }
    }
  }
  return { compared: line, differences };
}

function resultOf(machine: Machine, name: string, args: readonly bigint[]): string {
  try {
    return String(machine.call(name, args));
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    machine.unwind();
    return `${error.kind}: ${error.message}`;
  }
}

function runWithGcc(text: string): string[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-gcc-'));
  try {
    const source = path.join(folder, 'program.c');
    const binary = path.join(folder, 'program');
    fs.writeFileSync(source, text);
    execFileSync('gcc', ['-w', '-O0', '-fwrapv', '-fno-strict-aliasing', '-o', binary, source]);
    return execFileSync(binary, { encoding: 'utf8', maxBuffer: 1 << 28 })
      .trim()
      .split('\n');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
