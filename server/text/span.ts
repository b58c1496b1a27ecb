/** A half-open range of UTF-16 offsets into one text. */
export interface Span {
  /** Offset of the first unit. */
  readonly start: number;
  /** Offset after the last unit. */
  readonly end: number;
}

/** A place in a text as people and reports count it: both 1-based, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A {@link Span} expressed in positions. `end` is exclusive. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}
