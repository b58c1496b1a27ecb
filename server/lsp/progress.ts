import type { Connection, WorkDoneProgressServerReporter } from 'vscode-languageserver/node';
import { INDEXING, type Indexing } from './messages.ts';

/** From this many waiting reviews on, the client shows how far they are. */
const manyReviews = 3;
/** From this many turns on, it does so for a single one: with {@link ordinaryTurn}, 0.3 s. */
const manyTurns = 20;

/** How the client shows progress: in its own status item, as the protocol has it, or not at all. */
export type ProgressDisplay = 'status' | 'protocol' | 'none';

/** One review that was asked for. */
export interface ReviewJob {
  /** A turn ended with this part done, from 0 to 1. */
  readonly turn: (part: number) => void;
  readonly done: () => void;
}

/** Counts reviews that wait or run, and reports them as progress while there are many, or one takes long. */
export interface ReviewProgress {
  begin(): ReviewJob;
}

/** Progress of the reviews on a connection. */
export function reviewProgress(
  connection: Connection,
  display: () => ProgressDisplay,
): ReviewProgress {
  let asked = 0;
  let done = 0;
  let part = 0;
  let turns = 0;
  let shown: Display | undefined;

  const report = (): void => {
    if (shown === undefined && (asked - done >= manyReviews || turns >= manyTurns)) {
      shown = displayOn(connection, display());
    }
    const of = `${done} of ${asked} open files`;
    shown?.report(Math.floor((100 * (done + part)) / asked), of);
  };
  return {
    begin: () => {
      asked++;
      report();
      return {
        turn: (now) => {
          turns++;
          part = now;
          report();
        },
        done: () => {
          done++;
          part = 0;
          turns = 0;
          report();
          if (done < asked) return;
          asked = 0;
          done = 0;
          shown?.end();
          shown = undefined;
        },
      };
    },
  };
}

/** Progress that the user sees. */
interface Display {
  report(percent: number, message: string): void;
  end(): void;
}

function displayOn(connection: Connection, display: ProgressDisplay): Display {
  switch (display) {
    case 'none':
      return { report: () => undefined, end: () => undefined };
    case 'status': {
      let last: number | null = null;
      const send = (percent: number | null): void => {
        if (percent === last) return;
        last = percent;
        const params: Indexing = { percent };
        void connection.sendNotification(INDEXING, params);
      };
      return {
        report: send,
        end: () => {
          send(null);
        },
      };
    }
    case 'protocol': {
      const created = connection.window.createWorkDoneProgress().then((reporter) => {
        reporter.begin('iovet', 0);
        return reporter;
      });
      const then = (act: (reporter: WorkDoneProgressServerReporter) => void): void => {
        // A client that refuses shows nothing; the work does not depend on it.
        created.then(act, () => undefined);
      };
      return {
        report: (percent, message) => {
          then((reporter) => {
            reporter.report(percent, message);
          });
        },
        end: () => {
          then((reporter) => {
            reporter.done();
          });
        },
      };
    }
  }
}
