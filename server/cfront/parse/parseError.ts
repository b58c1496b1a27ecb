import type { Location } from '../lex/sourceMap.ts';

/**
 * Thrown inside the parser where a declaration or body cannot be understood, and caught per
 * declaration and per function body, where it becomes a named problem of the unit.
 */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  readonly at: Location;

  constructor(message: string, at: Location) {
    super(message);
    this.at = at;
  }
}

/**
 * What an error means for the declaration or body at hand: C that is nested deeper than the parser's own calls can be
 * is C that is not understood. Everything else is a defect and goes on.
 */
export function parseErrorOf(error: unknown, at: Location): ParseError {
  if (error instanceof ParseError) return error;
  if (isTooDeep(error)) return new ParseError('nested too deeply', at);
  throw error;
}

/** Whether JavaScript ran out of stack. */
export function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}
