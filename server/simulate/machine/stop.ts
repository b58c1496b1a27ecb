import { isTooDeep } from '../../cfront/parse/parseError.ts';

/** Why a path ended before its function returned. */
export type StopKind =
  /** Inline assembly that no model stands in for. */
  | 'asm'
  /** A builtin or kernel operation the machine does not have. */
  | 'builtin'
  /** A body or type that could not be parsed, or an incomplete type. */
  | 'not-parsed'
  /** An address that no region covers. */
  | 'unbacked'
  | 'null-pointer'
  | 'freed-memory'
  /** A pointer that cannot be an address, or a call through something that is no function. */
  | 'bad-pointer'
  /** A value that was never written decides something. */
  | 'uninitialised'
  /** The value is what an unknown function left behind. */
  | 'unknown-contents'
  | 'division-by-zero'
  /** BUG(), panic(), an unreachable statement. */
  | 'bug'
  /** A budget is used up; the message says which. */
  | 'budget'
  /** The situation names something that this tree does not have. */
  | 'situation'
  | 'cancelled';

/** Thrown to end a path. Caught where the path was started, and nowhere else. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly kind: StopKind;

  constructor(kind: StopKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Does something; C nested so deeply that JavaScript runs out of stack ends in a {@link Stop} of the given kind. */
export function stopWhenTooDeep<T>(kind: StopKind, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (isTooDeep(error)) throw new Stop(kind, 'expressions or statements nested too deeply');
    throw error;
  }
}
