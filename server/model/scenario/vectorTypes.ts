import type { RiscvCase } from './riscvVectorTypes.ts';

/**
 * The shapes of vector files, as their SCHEMA.md states them.
 * Everything is plain data: reading it needs no model.
 */

/** Result fields of one step, by the schema's names. */
export type Expected = Readonly<Record<string, unknown>>;

/** One step of a case: a named operation with arguments. Text arguments are 64-bit values. */
export interface VectorOp {
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly expect: Expected;
}

/** One case: a machine's life from its first init on. */
export interface VectorCase {
  readonly id: string;
  /** Name of the format; empty when the init steps say it. */
  readonly format: string;
  readonly build: 'release' | 'debug';
  readonly ops: readonly VectorOp[];
}

/** Why something of a file was not run, or cannot be. */
export interface VectorProblem {
  /** Case the problem is in; empty for the whole file. */
  readonly caseId: string;
  /** One clause in plain words. */
  readonly reason: string;
}

/** A vector file after recognition. */
export type VectorFile =
  | {
      readonly kind: 'page-table';
      readonly cases: readonly VectorCase[];
      readonly problems: readonly VectorProblem[];
    }
  | {
      readonly kind: 'riscv';
      readonly cases: readonly RiscvCase[];
      readonly problems: readonly VectorProblem[];
    }
  | {
      readonly kind: 'skipped';
      readonly count: number;
      readonly reason: string;
    }
  | { readonly kind: 'unreadable'; readonly problems: readonly VectorProblem[] };
