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
