import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { decode } from './decode.ts';
import { type GitObjects, openObjects } from './gitObjects.ts';
import { gitArguments, gitEnvironment } from './gitSettings.ts';

/** What a git command said; `failed` with git's own words. */
export type GitResult =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** How long a command may take, and who may end it before. */
export interface GitWatch {
  readonly signal?: AbortSignal;
  /** Default: {@link ordinarySeconds}. */
  readonly seconds?: number;
  /** Hears of the output as it comes. */
  readonly hear?: (bytes: Uint8Array) => void;
}

/** A repository, read through the git command. Neither index nor working tree is touched, and nothing is fetched. */
export interface Git {
  /** Runs one reading command; arguments are passed as they are, without a shell. */
  run(args: readonly string[], watch?: GitWatch): Promise<GitResult>;
  /** Its objects, for those who cannot wait for a promise. */
  objects(): GitObjects;
}

const ordinarySeconds = 20;
const mostBytes = 512 * 1024 * 1024;

/** Opens the repository around a folder; nothing is run before the first question. */
export function openGit(folder: string): Git {
  return {
    run: (args, watch = {}) => runGit(folder, args, watch),
    objects: () => openObjects(folder),
  };
}

function runGit(folder: string, args: readonly string[], watch: GitWatch): Promise<GitResult> {
  const { signal, seconds = ordinarySeconds, hear } = watch;
  if (signal?.aborted === true) return Promise.resolve({ ok: false, reason: 'cancelled' });
  return new Promise((resolve) => {
    const child = spawn('git', gitArguments(args), {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: gitEnvironment(),
    });
    const said: Buffer[] = [];
    const complaints: Buffer[] = [];
    let size = 0;
    const settle = (result: GitResult): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      resolve(result);
    };
    const giveUp = (reason: string): void => {
      child.kill();
      // A program that git started may hold the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      settle({ ok: false, reason });
    };
    const cancel = (): void => {
      giveUp('cancelled');
    };
    const timer = setTimeout(() => {
      giveUp(`git took longer than ${seconds} s`);
    }, seconds * 1000);
    signal?.addEventListener('abort', cancel);
    child.stdout.on('data', (bytes: Buffer) => {
      size += bytes.length;
      if (size > mostBytes) {
        giveUp(`git printed more than ${mostBytes / 1024 / 1024} MiB`);
        return;
      }
      said.push(bytes);
      hear?.(bytes);
    });
    child.stderr.on('data', (bytes: Buffer) => complaints.push(bytes));
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle({ ok: false, reason: startFailure(error, folder) });
    });
    child.on('close', (status) => {
      if (status === 0) settle({ ok: true, text: decode(Buffer.concat(said)).text });
      else settle({ ok: false, reason: gitReason(Buffer.concat(complaints).toString('utf8')) });
    });
  });
}

/** Why git did not start, in words. */
function startFailure({ code, message }: NodeJS.ErrnoException, folder: string): string {
  if (code !== 'ENOENT') return message;
  return fs.existsSync(folder) ? 'git is not installed' : 'no such folder';
}

/** The first line of what git complained about. */
function gitReason(complaint: string): string {
  const [first] = complaint.trim().split('\n');
  return (first ?? '').replace(/^fatal: /, '') || 'git failed';
}
