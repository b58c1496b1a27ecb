import type { RmpPolicy } from '../../cc/rmp.ts';
import type { InvariantId } from '../../check/violation.ts';

/** A step as written: its kind and its fields. `expect` lists what it is to give, in any order. */
export interface StepText {
  readonly do: string;
  /** A remark for readers. */
  readonly why?: string;
  readonly expect?: string | readonly string[];
  readonly [field: string]: string | number | boolean | readonly string[] | undefined;
}

/** The machine that a scenario runs on. */
export interface MachineText {
  /** Position of the SME C-bit; absent where memory encryption is off. */
  readonly cbit?: number;
  readonly walks?: 'coherent' | 'incoherent';
  /** Break-before-make levels of the observers of Arm tables. */
  readonly bbml?: Readonly<Record<string, number>>;
  /** Answers to questions that the architecture leaves open. */
  readonly knobs?: Partial<RmpPolicy>;
  /** How device caches are ordered behind the IOTLB. */
  readonly atc?: 'after-sync' | 'queue-order';
}

/** A scenario: what happens, and what is to come of it. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** Where it comes from: a seed, a section of a manual, a function of the kernel. */
  readonly source: string;
  /** What it shows, for a reader who knows the thread. */
  readonly about?: string;
  readonly machine?: MachineText;
  readonly steps: readonly StepText[];
  /** Invariants that break during the run, each once. Default: none. */
  readonly violations?: readonly InvariantId[];
}
