/** Limits of one path. Every one that is hit ends the path and is named in the result. */
export interface Budget {
  /** Blocks entered plus calls made. */
  readonly steps: number;
  /** Bytes moved by copies, fills and allocations. */
  readonly bytesMoved: number;
  /** Nested calls. */
  readonly depth: number;
  /** Questions that nothing determined: inputs, results, failures. */
  readonly choices: number;
  /** Runs with different choices. */
  readonly paths: number;
  /** Wall clock of one path. Unit: milliseconds. */
  readonly milliseconds: number;
}

/** Limits for a function that a patch touches. */
export const DEFAULT_BUDGET: Budget = {
  steps: 2_000_000,
  bytesMoved: 1 << 28,
  depth: 200,
  choices: 20_000,
  paths: 64,
  milliseconds: 10_000,
};

/** No limit worth the name: for conformance runs over known inputs. */
export const WIDE_BUDGET: Budget = {
  steps: 1e12,
  bytesMoved: 1e15,
  depth: 200,
  choices: 1e12,
  paths: 1,
  milliseconds: 1e9,
};
