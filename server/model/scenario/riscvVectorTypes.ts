import type { Word64 } from '../bits/pte64.ts';
import type { Request } from '../hw/riscv/request.ts';

/** What the reference answers to one request, by the schema's names. */
export type ExpectedAnswer = Readonly<Record<string, unknown>>;

/** One step of a RISC-V case. */
export type RiscvStep =
  | {
      readonly op: 'translate';
      readonly request: Request;
      /** All caches are emptied before. */
      readonly flushBefore: boolean;
      /** Answers that are legal; the first one is what a walk finds now. */
      readonly answers: readonly ExpectedAnswer[];
      /** Reads in order: address and bytes; undefined where the vector does not list them. */
      readonly reads: readonly (readonly [string, number])[] | undefined;
      /** Updates of A and D in order: address, old, new. */
      readonly writes: readonly (readonly [string, string, string])[] | undefined;
    }
  | { readonly op: 'mem_write'; readonly addr: string; readonly value: Word64 }
  | {
      readonly op: 'command';
      readonly name: string;
      readonly raw: readonly [Word64, Word64];
      readonly illegal: boolean;
    };

/** One IOMMU, its memory, and what is asked of it. */
export interface RiscvCase {
  readonly id: string;
  readonly caps: Word64;
  readonly fctl: Word64;
  readonly ddtp: Word64;
  /** log2 of the translation size of a Bare stage. */
  readonly bareLg2: number;
  /** Words that are not zero, by address as the vectors print it. */
  readonly memory: ReadonlyMap<string, Word64>;
  readonly accessFaultAt: string | undefined;
  readonly corruptedAt: string | undefined;
  readonly steps: readonly RiscvStep[];
}
