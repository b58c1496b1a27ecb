/**
 * Something that was not parsed, not lowered, not analysed or not simulated.
 * Problems are results, not exceptions: every one of them is shown to the user as `incomplete`.
 */
export interface Problem {
  /** Path as the user knows it: relative to the tree where there is one. */
  readonly file: string;
  /** 1-based line, where one is known. */
  readonly line?: number;
  readonly function?: string;
  /** One clause in plain words, without final full stop. */
  readonly reason: string;
}

/** Thrown when iovet itself is wrong. Caught once per rule and once per request, and reported there. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new InternalError(`unreachable: ${JSON.stringify(value)}`);
}
