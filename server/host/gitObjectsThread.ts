import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { workerData } from 'node:worker_threads';
import { type GitObject, type ObjectsThreadData, turn } from './gitObjects.ts';
import { gitArguments, gitEnvironment } from './gitSettings.ts';

// Entry point of dist/gitObjectsThread.cjs: asks one git process for objects while another thread waits.

const { folder, idleSeconds, port, turn: whose } = workerData as ObjectsThreadData;

/** Larger objects are no source text. Unit: bytes. */
const mostBytes = 64 * 1024 * 1024;

let git: ChildProcessByStdio<Writable, Readable, null> | undefined;
let idle: NodeJS.Timeout | undefined;
let chunks: Buffer[] = [];
/** How many bytes have to be there before it is worth looking at them. */
let needed = 0;
let open = false;

function answer(object: GitObject): void {
  if (!open) return;
  open = false;
  chunks = [];
  needed = 0;
  port.postMessage(object);
  Atomics.store(whose, 0, turn.answered);
  Atomics.notify(whose, 0);
  idle = setTimeout(end, idleSeconds * 1000);
}

/** Ends the thread, unless a question came in between. */
function end(): void {
  if (Atomics.compareExchange(whose, 0, turn.idle, turn.ended) !== turn.idle) {
    idle = setTimeout(end, idleSeconds * 1000);
    return;
  }
  git?.stdin.end();
  port.close();
}

function startGit(): NonNullable<typeof git> {
  const child = spawn('git', gitArguments(['cat-file', '--batch']), {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
    env: gitEnvironment(),
  });
  const gone = (reason: string): void => {
    if (git !== child) return;
    git = undefined;
    answer({ ok: false, reason });
  };
  child.on('error', ({ message, code }: NodeJS.ErrnoException) => {
    gone(code === 'ENOENT' ? 'git is not installed' : message);
  });
  child.on('close', () => {
    gone('git ended unexpectedly');
  });
  // A process that is gone says so by 'close'.
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (bytes: Buffer) => {
    chunks.push(bytes);
    needed -= bytes.length;
    if (needed <= 0) look();
  });
  return child;
}

/** Reads `HASH TYPE SIZE`, the bytes and a line end, or `NAME missing`. */
function look(): void {
  const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  chunks = [all];
  const line = all.indexOf('\n');
  if (line < 0) return;
  const head = /^([0-9a-f]+) (blob|tree|commit|tag) (\d+)$/.exec(all.toString('utf8', 0, line));
  if (head === null) {
    answer({ ok: false, reason: 'git has no such object' });
    return;
  }
  const size = Number(head[3]);
  if (size > mostBytes) {
    const child = git;
    git = undefined;
    child?.kill();
    answer({ ok: false, reason: `larger than ${mostBytes / 1024 / 1024} MiB` });
    return;
  }
  needed = line + 1 + size + 1 - all.length;
  if (needed > 0) return;
  answer({
    ok: true,
    kind: head[2] as 'blob' | 'tree' | 'commit' | 'tag',
    id: head[1]!,
    bytes: Uint8Array.from(all.subarray(line + 1, line + 1 + size)),
  });
}

port.on('message', (name: string) => {
  clearTimeout(idle);
  open = true;
  git ??= startGit();
  git.stdin.write(`${name}\n`);
});
