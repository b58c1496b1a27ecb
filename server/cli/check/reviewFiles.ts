import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SessionSettings } from '../../review/session.ts';
import type { Context } from '../command.ts';
import { loadReviewer, type Outcome } from './job.ts';
import type { WorkerAnswer, WorkerData, WorkerTask } from './worker.ts';

/** Files per message: few enough that no thread is left waiting for another one's last message. */
const batch = 4;

/** A thread pays off from this many files on: starting one costs as much as reviewing a few. */
const filesPerThread = 6;

/** Reviews files on several threads. The answer has the order of the paths, whoever was first. */
export async function reviewFiles(
  paths: readonly string[],
  settings: SessionSettings,
  jobs: number,
  context: Context,
): Promise<Outcome[]> {
  const threads = Math.min(jobs, Math.ceil(paths.length / filesPerThread));
  if (threads <= 1) {
    const reviewer = await loadReviewer(context.host, context.programFolder, settings);
    return paths.map((file) => reviewer.review(file));
  }
  const outcomes = new Array<Outcome>(paths.length);
  let next = 0;
  const take = (): WorkerTask => {
    const first = next;
    next = Math.min(next + batch, paths.length);
    return paths.slice(first, next).map((file, i) => [first + i, file] as const);
  };
  const data: WorkerData = { programFolder: context.programFolder, settings };
  const runThread = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(path.join(context.programFolder, 'worker.cjs'), {
        workerData: data,
      });
      const feed = (): void => {
        const task = take();
        if (task.length > 0) worker.postMessage(task);
        else
          void worker.terminate().then(() => {
            resolve();
          });
      };
      worker.on('message', (answer: WorkerAnswer) => {
        for (const [number, outcome] of answer) outcomes[number] = outcome;
        feed();
      });
      worker.on('error', reject);
      feed();
    });
  await Promise.all(Array.from({ length: threads }, runThread));
  return outcomes;
}
