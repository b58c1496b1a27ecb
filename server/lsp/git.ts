import { execFile } from 'node:child_process';
import path from 'node:path';

/** Largest file that is compared with HEAD. Unit: bytes. */
const maxBytes = 16 << 20;

/**
 * Text of a file at HEAD; undefined outside of git, without git, and for a file that HEAD does not have.
 * Started directly (no shell). `cat-file` runs no filter, hook, pager or fsmonitor of the repository.
 */
export function textAtHead(file: string): Promise<string | undefined> {
  const folder = path.dirname(file);
  const name = path.basename(file);
  const args = ['--no-optional-locks', 'cat-file', 'blob', `HEAD:./${name}`];
  return new Promise((resolve) => {
    execFile(
      'git',
      args,
      {
        cwd: folder,
        maxBuffer: maxBytes,
        encoding: 'buffer',
        timeout: 5000,
        windowsHide: true,
        env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1' },
      },
      (error, stdout) => {
        resolve(error === null ? decode(stdout) : undefined);
      },
    );
  });
}

/** As files are read: UTF-8 where it is valid, else Latin-1. */
function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? bytes.toString('latin1') : text;
}
