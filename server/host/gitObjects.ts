import path from 'node:path';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';

/** An object of a repository, or why there is none. */
export type GitObject =
  | {
      readonly ok: true;
      readonly kind: 'blob' | 'tree' | 'commit' | 'tag';
      /** Hash in hexadecimal digits. */
      readonly id: string;
      readonly bytes: Uint8Array;
    }
  | { readonly ok: false; readonly reason: string };

/** The objects of a repository. The caller waits: this is for stages that are synchronous. */
export interface GitObjects {
  /** Reads an object by a name that git understands, for example `HEAD^{tree}` or a hash. */
  read(name: string): GitObject;
}

/** What the thread of {@link openObjects} is started with. */
export interface ObjectsThreadData {
  readonly folder: string;
  readonly idleSeconds: number;
  /** Where questions (names) arrive and answers ({@link GitObject}) go. */
  readonly port: MessagePort;
  /** One of {@link turn}; both sides change it. */
  readonly turn: Int32Array;
}

/** Whose turn it is between a thread that reads objects and the one that asks it. */
export const turn = { idle: 0, asked: 1, answered: 2, ended: 3 } as const;

const mostWaitSeconds = 20;
const ordinaryIdleSeconds = 5;

/**
 * One `git cat-file --batch` process, in a thread of its own, answers everything; a process for each object would cost
 * some milliseconds a header. Both start with the first question and end when none came for `idleSeconds`.
 */
export function openObjects(folder: string, idleSeconds: number = ordinaryIdleSeconds): GitObjects {
  let thread: { worker: Worker; port: MessagePort; turn: Int32Array } | undefined;

  const start = (): NonNullable<typeof thread> => {
    const { port1, port2 } = new MessageChannel();
    const whose = new Int32Array(new SharedArrayBuffer(4));
    // The thread's program stands beside this one, as a module or as a bundle.
    const program = `gitObjectsThread${path.extname(import.meta.filename)}`;
    const data: ObjectsThreadData = { folder, idleSeconds, port: port2, turn: whose };
    const worker = new Worker(path.join(import.meta.dirname, program), {
      workerData: data,
      transferList: [port2],
    });
    worker.unref();
    port1.unref();
    return { worker, port: port1, turn: whose };
  };

  return {
    read: (name) => {
      if (/[\n\0]/.test(name)) return { ok: false, reason: 'not a name of git' };
      const take = (from: NonNullable<typeof thread>): boolean =>
        Atomics.compareExchange(from.turn, 0, turn.idle, turn.asked) === turn.idle;
      if (thread === undefined || !take(thread)) {
        thread = start();
        take(thread);
      }
      const { worker, port, turn: whose } = thread;
      port.postMessage(name);
      if (Atomics.wait(whose, 0, turn.asked, mostWaitSeconds * 1000) === 'timed-out') {
        void worker.terminate();
        thread = undefined;
        return { ok: false, reason: `git took longer than ${mostWaitSeconds} s` };
      }
      const answer = receiveMessageOnPort(port) as { message: GitObject };
      Atomics.store(whose, 0, turn.idle);
      return answer.message;
    },
  };
}
