import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type Connection,
} from 'vscode-languageserver/node';
import type { Slices } from '../text/slices.ts';
import type { ReviewJob, ReviewProgress } from './progress.ts';
import { queue } from './queue.ts';
import { ordinaryTurn, runInTurns, type Watcher } from './turns.ts';

/** Documents of one kind, and the answers about them. */
export interface Book<Answer> {
  /** Reviews the newest text of a document; undefined for one that is closed, and when nobody waits any more. */
  answer(uri: string, watcher: Watcher): Promise<Answer | undefined>;
  /** The last answer, as long as it still holds. */
  current(uri: string): Answer | undefined;
}

/** Where answers are asked for: one review at a time, the newest text, dropped when nobody waits. */
export interface Desk {
  /** The answer for the text of now. `fresh` hears of it when it had to be made. */
  answer<Answer>(
    book: Book<Answer>,
    uri: string,
    fresh: (answer: Answer) => void,
    token?: CancellationToken,
  ): Promise<Answer | undefined>;
  /** Runs a job when its turn comes, after the messages that are already here. */
  later(job: () => void): Promise<void>;
  /** Runs slices when their turn comes, and lets messages in between; rejected when the request is cancelled. */
  slices<T>(begin: () => Slices<T>, token?: CancellationToken): Promise<T>;
  /** Runs a handler; what it throws is logged, and the client gets the fallback instead of a dead server. */
  readonly guarded: <T>(what: string, fallback: T, job: () => T | Promise<T>) => Promise<T>;
}

/** An empty desk. */
export function createDesk(
  connection: Connection,
  progress: ReviewProgress,
  turn: number = ordinaryTurn,
): Desk {
  const work = queue();

  async function guarded<T>(what: string, fallback: T, job: () => T | Promise<T>): Promise<T> {
    try {
      return await job();
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
      connection.console.error(`iovet: internal error in ${what}\n${trace}`);
      return fallback;
    }
  }

  async function review<Answer>(
    book: Book<Answer>,
    uri: string,
    watcher: Watcher,
  ): Promise<Answer | undefined> {
    const answer = watcher.wanted()
      ? await guarded(`the review of ${uri}`, undefined, () => book.answer(uri, watcher))
      : undefined;
    if (answer === undefined && !watcher.wanted()) {
      throw cancelled();
    }
    return answer;
  }

  return {
    guarded,
    later: (job) => work.run(job),
    slices: async <T>(begin: () => Slices<T>, token?: CancellationToken) => {
      const job = progress.begin();
      const watcher = watcherOf(token, job);
      const done = await work
        .run(async () =>
          watcher.wanted() ? { value: await runInTurns(begin(), turn, watcher) } : {},
        ) // prettier-ignore
        .finally(job.done);
      if (!watcher.wanted()) throw cancelled();
      return done.value as T;
    },
    answer: async (book, uri, fresh, token) => {
      const ready = book.current(uri);
      if (ready !== undefined) return ready;
      const job = progress.begin();
      const watcher = watcherOf(token, job);
      const answer = await work.run(() => review(book, uri, watcher)).finally(job.done);
      if (answer !== undefined) fresh(answer);
      return answer;
    },
  };
}

const watcherOf = (token: CancellationToken | undefined, job: ReviewJob): Watcher => ({
  wanted: () => token?.isCancellationRequested !== true,
  progress: job.turn,
});

const cancelled = (): ResponseError =>
  new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
