import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { testClient, type TestClient } from './client.ts';

/** Repository root; the compiled tests lie in out/tests/lsp. */
export const root: string = path.resolve(import.meta.dirname, '../../..');

/** The example driver, with its three defects. */
export const example: string = path.join(
  root,
  'test-fixtures/workspace/drivers/accel/qcap/qcap_mem.c',
);

/** A server process of its own. */
export interface StdioServer {
  readonly client: TestClient;
  /** Exit code, once the client has said `exit`; null where a signal ended it. */
  readonly exit: Promise<number | null>;
  /** What it wrote to standard error. */
  errors(): string;
}

/** Starts the built server the way editors do: `iovet lsp --stdio`. */
export function startStdio(): StdioServer {
  const child = spawn(process.execPath, [path.join(root, 'dist/cli.cjs'), 'lsp', '--stdio'], {
    cwd: root,
    stdio: 'pipe',
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return {
    client: testClient(child.stdout, child.stdin),
    exit: once(child, 'exit').then(([code]) => code as number | null),
    errors: () => errors,
  };
}

/** URI of a path. */
export const uriOf = (file: string): string => pathToFileURL(file).href;
