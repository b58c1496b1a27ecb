import { parentPort, workerData } from 'node:worker_threads';
import { nodeHost } from '../../host/nodeHost.ts';
import type { SessionSettings } from '../../review/session.ts';
import { loadReviewer, type Outcome } from './job.ts';

/** What a worker thread is started with. */
export interface WorkerData {
  readonly programFolder: string;
  readonly settings: SessionSettings;
}

/** Numbers of files in the run's list, with what came of them. */
export type WorkerAnswer = readonly (readonly [number, Outcome])[];

/** Files to review: their number in the run's list, and their path. */
export type WorkerTask = readonly (readonly [number, string])[];

const port = parentPort;
if (port !== null) {
  const { programFolder, settings } = workerData as WorkerData;
  const loading = loadReviewer(nodeHost, programFolder, settings);
  port.on('message', (task: WorkerTask) => {
    void loading.then((reviewer) => {
      const answer: WorkerAnswer = task.map(([number, path]) => [number, reviewer.review(path)]);
      port.postMessage(answer);
    });
  });
}
