import type { Contract } from '../contracts/contract.ts';
import type { Interval } from '../facts/interval.ts';
import type { Guard } from '../state/state.ts';
import type { Term } from '../terms/term.ts';

/** A release that a function does to something its caller holds. */
export interface SummaryRelease {
  readonly contract: Contract;
  readonly values: readonly Term[];
  readonly guard: readonly Guard[];
}

/** Something a function takes and leaves to its caller. */
export interface SummaryResource {
  readonly contract: Contract;
  readonly values: readonly Term[];
  readonly result: Term;
  readonly handle: Term;
  readonly twin: Term | undefined;
  readonly status: 'unknown' | 'ok';
  readonly checked: boolean;
  /** Where the caller finds the handle afterwards. */
  readonly places: readonly Term[];
  /** Site in the function that took it. */
  readonly site: number;
  /** Held on some of the paths only: enough to see whether a caller gives it back, not to accuse anybody. */
  readonly maybe: boolean;
}

/** Atomic sections of the caller that a function leaves, and sections that it enters and does not leave. */
export type AtomicChange = { readonly leaves: number; readonly enters: number } | 'unknown';

/** What a function did on the paths with one kind of result. Terms are over its parameters, globals and fresh values. */
export interface Outcome {
  readonly kind: 'success' | 'failure' | 'other';
  /** The returned value where all these paths return the same, else undefined. */
  readonly returned: Term | undefined;
  /** A loop was not entered that might have been: what its body releases may be released. */
  readonly skipped: boolean;
  /** What is known about the returned value. */
  readonly range: Interval;
  readonly acquires: readonly SummaryResource[];
  readonly releases: readonly SummaryRelease[];
  /** Locations outside the function that were written; value undefined where paths differ. */
  readonly writes: readonly { readonly location: Term; readonly value: Term | undefined }[];
  /** What a path with this result proves about values the caller knows. */
  readonly facts: readonly { readonly form: Term; readonly interval: Interval }[];
  /** Handles that every one of these paths asked dma_mapping_error() about, whatever it answered. */
  readonly tested: readonly Term[];
  readonly atomic: AtomicChange;
}

/** Effects of a function on its caller. */
export interface Summary {
  readonly name: string;
  /** Location terms of the parameters. */
  readonly parameters: readonly Term[];
  readonly outcomes: readonly Outcome[];
  /** Parameters whose value, or what they point to, was handed on to somebody unknown. */
  readonly escapes: readonly number[];
  /** Values of the caller that some path stored: in its own objects, or in one that nobody here knows, as an entry of a queue. */
  readonly keeps: readonly { readonly value: Term; readonly where: 'caller' | 'somebody' }[];
  /** Set where the function has no effect and its value is this term. */
  readonly pure: Term | undefined;
  /** It called itself, directly or through others, where that may release what its arguments lead to. */
  readonly recursive: boolean;
  /** Some path was cut short: absent effects are not known to be absent. */
  readonly incomplete: boolean;
}
