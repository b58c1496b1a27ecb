import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** Repository root; the compiled tests lie in out/tests/cli. */
export const root: string = path.resolve(import.meta.dirname, '../../..');

/** What one run of the built command line tool gave. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built `iovet` as a user would, in a folder, without a terminal. */
export function iovet(args: readonly string[], folder: string = root, input = ''): Outcome {
  const run = spawnSync(process.execPath, [path.join(root, 'dist/cli.cjs'), ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}
