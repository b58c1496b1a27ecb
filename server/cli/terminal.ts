import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nodeHost } from '../host/nodeHost.ts';
import type { Context } from './command.ts';

/** Colours only on a terminal that did not refuse them (no-color.org; `FORCE_COLOR` for pagers). */
export function wantsColour(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  const forced = env['FORCE_COLOR'];
  return forced === undefined ? isTerminal : forced !== '0';
}

/** Writes everything before it returns: a pipe is asynchronous, and leaving the process would cut the result off. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let done = 0;
  while (done < bytes.length) {
    try {
      done += fs.writeSync(descriptor, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') {
        // The reader of the pipe is slower than we are: wait a moment instead of spinning.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        continue;
      }
      // The reader has seen enough (`iovet … | head`): nobody is left to tell.
      if (code === 'EPIPE') process.exit(0);
      throw error;
    }
  }
}

const SAVE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such folder',
  EISDIR: 'is a folder',
  EACCES: 'not writable',
  EROFS: 'not writable',
};

/** The context of a real process. */
export function processContext(): Context {
  return {
    host: nodeHost,
    folder: process.cwd(),
    programFolder: path.dirname(fs.realpathSync(process.argv[1] ?? '.')),
    colour: wantsColour(process.env, process.stdout.isTTY),
    processors: os.availableParallelism(),
    now: () => performance.now(),
    input: () => fs.readFileSync(0, 'utf8'),
    save: (file, text) => {
      try {
        fs.writeFileSync(file, text);
        return undefined;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        return SAVE_PROBLEMS[code ?? ''] ?? (error as Error).message;
      }
    },
    print: (text) => {
      writeAll(1, text);
    },
    note: (text) => {
      writeAll(2, text);
    },
  };
}
