import { parseAddr } from '../../../model/bits/pfn.ts';
import type { BuildMode } from '../../../model/fmt/builds.ts';
import { recordSteps, type RecordedStep } from '../../../model/scenario/replay.ts';
import type { TableDump } from '../../../model/scenario/tableDump.ts';
import type { VectorCase, VectorOp } from '../../../model/scenario/vectorTypes.ts';
import { hashText } from '../../../text/hash.ts';

/** Arguments of a step: 64-bit values as bigint, small ones as numbers. */
export type StepArgs = Readonly<Record<string, bigint | number | string>>;

/** A case that grows while the model runs it, so that a generator can look at the tables it made. */
export class CaseRecorder {
  readonly format: string;
  private readonly build: BuildMode;
  private readonly record: ReturnType<typeof recordSteps>;
  private readonly ops: VectorOp[] = [];
  /** The tables after the last step; empty while there are none. */
  tables: readonly TableDump[] = [];

  constructor(format: string, build: BuildMode) {
    this.format = format;
    this.build = build;
    this.record = recordSteps({ format, build }, { sha256: hashText });
  }

  /** Runs one step on the model, and keeps it with what it gave. */
  step(op: string, args: StepArgs = {}): VectorOp['expect'] {
    const read = Object.fromEntries(
      Object.entries(args).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? parseAddr(`0x${value.toString(16)}`) : value,
      ]),
    );
    const done: RecordedStep | string = this.record({ op, args: read });
    if (typeof done === 'string') throw new Error(`${this.format}: ${op}: ${done}`);
    this.ops.push(done.op);
    this.tables = done.tables;
    return done.op.expect;
  }

  /** Everything so far, as a vector. */
  vector(id: string): VectorCase {
    return { id, format: this.format, build: this.build, ops: this.ops };
  }
}
