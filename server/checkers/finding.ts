import type { Span } from '../text/span.ts';

/** How much a finding weighs. Set by measured precision: `error` only where at least 80 % are right. */
export type Severity = 'error' | 'warning' | 'info';

/** How sure the rule is about one finding. `low` is shown on request only. */
export type Confidence = 'high' | 'medium' | 'low';

/** A place in a file of the tree. */
export interface Place {
  /** Path relative to the tree. */
  readonly file: string;
  readonly span: Span;
}

/** One step of the path that leads to a finding. */
export interface Step extends Place {
  readonly message: string;
}

/** One replacement in a file. */
export interface Edit extends Place {
  readonly text: string;
}

/** A quick fix. `safe` edits keep the meaning of correct code and can be applied unread. */
export interface Fix {
  readonly title: string;
  readonly safe: boolean;
  readonly edits: readonly Edit[];
}

/** A violated contract at one place, with the path that leads there. */
export interface Finding extends Place {
  /** Rule id. */
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Name of the enclosing function; empty at file level. */
  readonly function: string;
  /** First line, at most 110 characters: both sides as the code spells them, and the consequence. */
  readonly message: string;
  /** The message before it was cut to that length: what a finding is recognised by. Absent where it is the message. */
  readonly whole?: string;
  /** At most seven; none where one line says it all. */
  readonly steps: readonly Step[];
  /** The other ends, for editors: what was mapped, where the lock was taken. */
  readonly related: readonly Step[];
  readonly fixes: readonly Fix[];
  /** Build of a file that is only included (generic_pt), e.g. `amdv1`. */
  readonly build?: string;
}
