import type { Connection, WorkDoneProgressServerReporter } from 'vscode-languageserver/node';

/** From this many waiting reviews on, the client shows how far they are. */
const worthShowing = 3;

/** Counts reviews that wait or run, and reports them as progress while there are many. */
export interface ReviewProgress {
  /** One more review is asked for; call the result when it is done. */
  begin(): () => void;
}

/** Progress of the reviews on a connection; `supported` says whether the client shows any. */
export function reviewProgress(connection: Connection, supported: () => boolean): ReviewProgress {
  let asked = 0;
  let done = 0;
  let shown: Promise<WorkDoneProgressServerReporter> | undefined;

  const report = (): void => {
    if (shown === undefined) return;
    const [now, of] = [done, asked];
    void shown.then((reporter) => {
      reporter.report(Math.floor((100 * now) / of), `${now} of ${of} open files`);
    });
  };
  const finish = (): void => {
    done++;
    report();
    if (done < asked) return;
    asked = 0;
    done = 0;
    void shown?.then((reporter) => {
      reporter.done();
    });
    shown = undefined;
  };
  return {
    begin: () => {
      asked++;
      if (shown === undefined && asked - done >= worthShowing && supported()) {
        shown = connection.window.createWorkDoneProgress().then((reporter) => {
          reporter.begin('iovet', 0);
          return reporter;
        });
      }
      report();
      return finish;
    },
  };
}
