/** A declaration or body that could not be parsed. */
export interface UnitProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
