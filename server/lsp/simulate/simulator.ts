import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Host } from '../../host/host.ts';
import { simulationRunner, type SimulationJob, type SimulationOutcome } from './job.ts';
import type { SimulatorAnswer, SimulatorTask } from './worker.ts';

/** Who waits for a simulation. */
export interface SimulationWatcher {
  readonly isCancelled: () => boolean;
  readonly onCancel: (act: () => void) => void;
  /** Hears of each function before it is run. */
  readonly starting: (name: string) => void;
}

/** Runs simulations, one at a time. Undefined where nobody wants the result any more; rejects when the run breaks. */
export interface Simulator {
  run(job: SimulationJob, watcher: SimulationWatcher): Promise<SimulationOutcome | undefined>;
  /** Reads beforehand what a job will read, where that keeps nobody waiting. */
  prepare(job: SimulationJob): void;
}

/** Runs in the calling thread, which is busy meanwhile: for tests, and where there are no threads. */
export function simulatorHere(host: Host): Simulator {
  const runner = simulationRunner(host);
  return {
    prepare: () => undefined,
    run: (job, { isCancelled, starting }) => {
      const outcome = runner.run(job, {
        now: () => performance.now(),
        cancelled: isCancelled,
        starting,
      });
      return Promise.resolve(isCancelled() ? undefined : outcome);
    },
  };
}

/**
 * Runs in a thread of its own, which lives on with what it read: the server answers everything else meanwhile.
 * A thread that dies costs its job; the next one gets a new thread.
 */
export function threadSimulator(programFolder: string): Simulator {
  let thread: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const threadNow = (): Worker => {
    if (thread !== undefined) return thread;
    const made = new Worker(path.join(programFolder, 'simulator.cjs'));
    const gone = (): void => {
      if (thread === made) thread = undefined;
    };
    made.on('error', gone);
    made.on('exit', gone);
    made.unref();
    thread = made;
    return made;
  };

  const inThread = (
    job: SimulationJob,
    watcher: SimulationWatcher,
  ): Promise<SimulationOutcome | undefined> =>
    new Promise((resolve, reject) => {
      const worker = threadNow();
      // Shared with the thread, which reads it while it runs.
      const flag = new Int32Array(new SharedArrayBuffer(4));
      watcher.onCancel(() => {
        Atomics.store(flag, 0, 1);
      });
      const end = (settle: () => void): void => {
        worker.off('message', hear);
        worker.off('error', fail);
        worker.off('exit', gone);
        settle();
      };
      const hear = (answer: SimulatorAnswer): void => {
        switch (answer.kind) {
          case 'starting':
            watcher.starting(answer.name);
            break;
          case 'failed':
            end(() => {
              reject(new Error(answer.reason));
            });
            break;
          case 'done':
            end(() => {
              resolve(watcher.isCancelled() ? undefined : answer.outcome);
            });
            break;
        }
      };
      const fail = (error: unknown): void => {
        thread = undefined;
        end(() => {
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      };
      const gone = (): void => {
        fail(new Error('the thread of the simulation ended unexpectedly'));
      };
      worker.on('message', hear);
      worker.on('error', fail);
      worker.on('exit', gone);
      const task: SimulatorTask = { job, flag };
      worker.postMessage(task);
    });

  return {
    prepare: (job) => {
      const task: SimulatorTask = { job, flag: 'prepare' };
      threadNow().postMessage(task);
    },
    run: (job, watcher) => {
      const done = last.then(() => (watcher.isCancelled() ? undefined : inThread(job, watcher)));
      last = done.catch(() => undefined);
      return done;
    },
  };
}
