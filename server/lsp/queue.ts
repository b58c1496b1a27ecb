/** Runs jobs one after the other, and lets waiting messages in between two of them. */
export interface Queue {
  /** Resolves or rejects with the job's own result. */
  run<T>(job: () => T | Promise<T>): Promise<T>;
}

/** An empty queue. */
export function queue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (job) => {
      // One turn of the event loop, so that edits and cancellations that have already arrived are seen before the work starts.
      const done = last.then(() => new Promise<void>((go) => setImmediate(go))).then(job);
      last = done.catch(() => undefined);
      return done;
    },
  };
}
