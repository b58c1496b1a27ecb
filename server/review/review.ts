import type { Edit, Finding, Fix, Step } from '../checkers/finding.ts';
import type { Problem } from '../text/problem.ts';
import type { Range } from '../text/span.ts';

/** Where the version of the contracts comes from. */
export type KernelSource = 'tree' | 'setting' | 'newest';

/** The kernel whose contracts apply. */
export interface Kernel {
  /** For example `7.3`. */
  readonly version: string;
  readonly source: KernelSource;
}

/** A step or related place with its lines and columns. */
export interface PlacedStep extends Step {
  readonly range: Range;
  /** Function around the place; empty outside of any, or where unknown. */
  readonly function: string;
}

/** An edit with its lines and columns. */
export interface PlacedEdit extends Edit {
  readonly range: Range;
}

/** A quick fix with the code that it makes. */
export interface PlacedFix extends Fix {
  readonly edits: readonly PlacedEdit[];
  /** The one line of code that results, without indentation; absent where more than one line changes. */
  readonly code?: string;
}

/** How a finding relates to a change: made by it, there before and after, removed by it, or allowed by a comment after it. */
export type Status = 'introduced' | 'existing' | 'fixed' | 'suppressed';

/** A finding as it is reported: placed in lines and columns, with what identifies it across versions. */
export interface ReviewedFinding extends Finding {
  readonly range: Range;
  /** The line that the finding starts on, as in the file. */
  readonly lineText: string;
  readonly steps: readonly PlacedStep[];
  readonly related: readonly PlacedStep[];
  readonly fixes: readonly PlacedFix[];
  /** Survives moved lines and renamed locals; see `fingerprint.ts`. */
  readonly fingerprint: string;
  /** The same without file and number: what has it in common is alike. */
  readonly stem: string;
  /** Builds of a file that is only included, in which the finding holds. */
  readonly builds: readonly string[];
  /** Absent when no change is reviewed. */
  readonly status?: Status;
}

/** What one file was found to do wrong, and what of it was not looked at. */
export interface FileReview {
  /** Path relative to the tree, or to the user's folder outside of one. */
  readonly file: string;
  readonly findings: readonly ReviewedFinding[];
  /** Everything that was not parsed, not lowered or not analysed to its end. */
  readonly incomplete: readonly Problem[];
  /** Function definitions in the file. */
  readonly functions: number;
  /** Functions of {@link functions} that were looked at to their end. */
  readonly analysed: number;
  /** Findings that a comment of the file allows, of any severity and confidence. */
  readonly suppressed: number;
  /** Those of them that would be shown without the comment. */
  readonly allowed: readonly ReviewedFinding[];
}

/** Language or kind of files that are named and counted, but not read. */
export interface NotLookedAt {
  /** `Rust`, `device tree`, `Kconfig`, `assembly`, `kunit or selftest`. */
  readonly what: string;
  readonly count: number;
}

/** The answer to `check`: the files' reviews put together. */
export interface Review {
  readonly kernel: Kernel;
  /** Sorted by file and place. */
  readonly findings: readonly ReviewedFinding[];
  readonly incomplete: readonly Problem[];
  readonly notLookedAt: readonly NotLookedAt[];
  readonly files: {
    /** Files that were offered: named, or found below a folder. */
    readonly offered: number;
    /** Files that mention an interface with a contract, and were analysed. */
    readonly analysed: number;
  };
  readonly functions: { readonly total: number; readonly analysed: number };
  readonly suppressed: number;
}
