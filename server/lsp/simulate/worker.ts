import { parentPort } from 'node:worker_threads';
import { nodeHost } from '../../host/nodeHost.ts';
import { simulationRunner, type SimulationJob, type SimulationOutcome } from './job.ts';

/** A job to run, with the shared flag that is 1 once nobody wants it any more; or one to prepare for. */
export interface SimulatorTask {
  readonly job: SimulationJob;
  readonly flag: Int32Array | 'prepare';
}

/** What the thread says: which function it runs now, and at the end what came of the job. */
export type SimulatorAnswer =
  | { readonly kind: 'starting'; readonly name: string }
  | { readonly kind: 'done'; readonly outcome: SimulationOutcome }
  | { readonly kind: 'failed'; readonly reason: string };

// Entry point of dist/simulator.cjs, the thread of simulations.
const port = parentPort;
if (port !== null) {
  const runner = simulationRunner(nodeHost);
  const say = (answer: SimulatorAnswer): void => {
    port.postMessage(answer);
  };
  port.on('message', ({ job, flag }: SimulatorTask) => {
    try {
      if (flag === 'prepare') {
        runner.prepare(job);
        return;
      }
      const outcome = runner.run(job, {
        now: () => performance.now(),
        cancelled: () => Atomics.load(flag, 0) === 1,
        starting: (name) => {
          say({ kind: 'starting', name });
        },
      });
      say({ kind: 'done', outcome });
    } catch (error) {
      // Whoever runs the job will hear of it.
      if (flag === 'prepare') return;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      say({ kind: 'failed', reason });
    }
  });
}
