import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type Connection,
} from 'vscode-languageserver/node';
import type { ReviewProgress } from './progress.ts';
import { queue } from './queue.ts';
import type { Watcher } from './turns.ts';

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
  /** Runs a handler; what it throws is logged, and the client gets the fallback instead of a dead server. */
  readonly guarded: <T>(what: string, fallback: T, job: () => T | Promise<T>) => Promise<T>;
}

/** An empty desk. */
export function createDesk(connection: Connection, progress: ReviewProgress): Desk {
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
      throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    }
    return answer;
  }

  return {
    guarded,
    later: (job) => work.run(job),
    answer: async (book, uri, fresh, token) => {
      const ready = book.current(uri);
      if (ready !== undefined) return ready;
      const job = progress.begin();
      const watcher: Watcher = {
        wanted: () => token?.isCancellationRequested !== true,
        progress: job.turn,
      };
      const answer = await work.run(() => review(book, uri, watcher)).finally(job.done);
      if (answer !== undefined) fresh(answer);
      return answer;
    },
  };
}
