import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SessionSettings } from '../../review/session.ts';
import type { Context } from '../command.ts';
import { expectShortRun } from '../shortRun.ts';
import { loadReviewer, type Outcome, shownPath } from './job.ts';
import type { WorkerAnswer, WorkerData, WorkerTask } from './worker.ts';

/** Files per message: few enough that no thread is left waiting for another one's last message. */
const batch = 4;

/** A thread pays off from this many files on: starting one costs as much as reviewing a few. */
const filesPerThread = 6;

/** From so many files on, optimising the parser pays off. */
const filesOfLongRun = 100;

/** Reviews files on several threads. The answer has the order of the paths, whoever was first. */
export async function reviewFiles(
  paths: readonly string[],
  settings: SessionSettings,
  jobs: number,
  context: Context,
): Promise<Outcome[]> {
  if (paths.length < filesOfLongRun) expectShortRun();
  const threads = Math.min(jobs, Math.ceil(paths.length / filesPerThread));
  if (threads <= 1) {
    const reviewer = await loadReviewer(context.host, context.programFolder, settings);
    return paths.map((file) => reviewer.review(file));
  }
  const outcomes = new Array<Outcome>(paths.length);
  const data: WorkerData = { programFolder: context.programFolder, settings };
  let next = 0;
  const take = (): WorkerTask => {
    const first = next;
    next = Math.min(next + batch, paths.length);
    return paths.slice(first, next).map((file, i) => [first + i, file] as const);
  };

  /** Runs one thread until no file is left, or until it dies; gives the files it died on. */
  const runThread = (): Promise<WorkerTask> =>
    new Promise((resolve) => {
      const worker = new Worker(path.join(context.programFolder, 'worker.cjs'), {
        workerData: data,
      });
      let task: WorkerTask = [];
      let failure = 'ended unexpectedly';
      const feed = (): void => {
        task = take();
        if (task.length > 0) worker.postMessage(task);
        else void worker.terminate();
      };
      worker.on('message', (answer: WorkerAnswer) => {
        for (const [number, outcome] of answer) outcomes[number] = outcome;
        feed();
      });
      worker.on('error', (error) => {
        failure = error instanceof Error ? error.message : String(error);
      });
      worker.on('exit', () => {
        for (const [number, file] of task) {
          outcomes[number] = {
            kind: 'unreadable',
            problem: {
              file: shownPath(file, settings.root),
              reason: `internal error: the thread that reviewed it ${failure}`,
            },
          };
        }
        resolve(task);
      });
      feed();
    });

  /** A thread that died (out of memory, say) costs its batch; another one goes on with the rest. */
  const keepRunning = async (): Promise<void> => {
    while ((await runThread()).length > 0 && next < paths.length);
  };
  await Promise.all(Array.from({ length: threads }, keepRunning));
  return outcomes;
}
