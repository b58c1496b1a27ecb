import path from 'node:path';
import type { Host } from '../../host/host.ts';
import { readVectorText } from '../../host/vectorHost.ts';
import { formatAddr, type Addr } from '../../model/bits/pfn.ts';
import type { Difference } from '../../model/scenario/compare.ts';
import { failureLines, riscvFailureLines } from '../../model/scenario/failureText.ts';
import type { CaseOutcome, FailedStep } from '../../model/scenario/replay.ts';
import { replayRiscvCase, type FailedRiscvStep } from '../../model/scenario/riscvReplay.ts';
import { parseVectorText } from '../../model/scenario/vectorText.ts';
import type { VectorCase } from '../../model/scenario/vectorTypes.ts';
import { UsageError } from '../command.ts';

/** A case that differs, with its first differing step. */
export interface FailedCase {
  /** As the user named it, or below the folder that was named. */
  readonly file: string;
  readonly caseId: string;
  readonly index: number;
  /** The operation and its arguments, ready to be printed. */
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly differences: readonly Difference[];
  /** The failure as text. */
  readonly lines: readonly string[];
}

/** Cases that were not run, and why. */
export interface SkippedCases {
  readonly file: string;
  readonly reason: string;
  count: number;
}

/** Something that could not be read. */
export interface UnreadableInput {
  readonly file: string;
  /** Empty for the whole file. */
  readonly caseId: string;
  readonly reason: string;
}

/** What a run of vector files gave. */
export interface VectorRun {
  passed: number;
  readonly failed: FailedCase[];
  readonly skipped: SkippedCases[];
  readonly unreadable: UnreadableInput[];
}

/** Who answers the vectors: the model, or the C of a tree. */
export interface Answerer {
  replay(vector: VectorCase): CaseOutcome;
  /** Why vectors of IOMMU hardware are not run; undefined when they are. */
  readonly noHardware: string | undefined;
}

/** Runs the vector files that a user named, and those in named folders. A missing path is a {@link UsageError}. */
export function runVectors(
  host: Host,
  folder: string,
  operands: readonly string[],
  answerer: Answerer,
): VectorRun {
  const run: VectorRun = { passed: 0, failed: [], skipped: [], unreadable: [] };
  for (const file of vectorFiles(host, folder, operands)) {
    runFile(host, folder, file, answerer, run);
  }
  return run;
}

/** The files to run, in a fixed order, each once. */
function vectorFiles(host: Host, folder: string, operands: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (at: string): void => {
    const entries = host.list(path.resolve(folder, at)) ?? [];
    for (const { name, kind } of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (kind === 'folder') visit(path.join(at, name));
      else if (kind === 'file' && /\.json(\.gz)?$/.test(name)) found.add(path.join(at, name));
    }
  };
  for (const operand of operands) {
    const kind = host.kind(path.resolve(folder, operand));
    if (kind === 'missing') {
      throw new UsageError(`${operand}: no such file`, 'paths are relative to the current folder');
    }
    if (kind === 'folder') visit(operand);
    else found.add(operand);
  }
  return [...found];
}

function runFile(
  host: Host,
  folder: string,
  file: string,
  answerer: Answerer,
  run: VectorRun,
): void {
  const read = readVectorText(host, path.resolve(folder, file));
  if (!read.ok) {
    run.unreadable.push({ file, caseId: '', reason: read.reason });
    return;
  }
  const vectors = parseVectorText(read.text);
  if (vectors.kind === 'skipped') {
    run.skipped.push({ file, reason: vectors.reason, count: vectors.count });
    return;
  }
  for (const problem of vectors.problems) run.unreadable.push({ file, ...problem });
  if (vectors.kind === 'unreadable') return;
  if (vectors.kind === 'riscv') {
    if (answerer.noHardware !== undefined) {
      run.skipped.push({ file, reason: answerer.noHardware, count: vectors.cases.length });
      return;
    }
    for (const vector of vectors.cases) {
      const outcome = replayRiscvCase(vector);
      if (outcome.kind === 'passed') run.passed++;
      else run.failed.push(failedRiscv(file, vector.id, outcome.failed[0]!));
    }
    return;
  }
  for (const vector of vectors.cases) {
    const outcome = answerer.replay(vector);
    switch (outcome.kind) {
      case 'passed':
        run.passed++;
        break;
      case 'failed':
        run.failed.push(failedPageTable(file, vector.id, outcome.failed[0]!));
        break;
      case 'skipped':
        addSkipped(run, file, outcome.reason);
        break;
      case 'problem':
        run.unreadable.push({ file, caseId: vector.id, reason: outcome.reason });
        break;
    }
  }
}

function failedPageTable(file: string, caseId: string, step: FailedStep): FailedCase {
  const args = Object.entries(step.op.args).map(([name, value]) => [
    name,
    typeof value === 'object' && value !== null ? formatAddr(value as Addr) : value,
  ]);
  return {
    file,
    caseId,
    index: step.index,
    op: step.op.op,
    args: Object.fromEntries(args) as Readonly<Record<string, unknown>>,
    differences: step.differences,
    lines: failureLines(file, caseId, step),
  };
}

function failedRiscv(file: string, caseId: string, failed: FailedRiscvStep): FailedCase {
  const { step, index, differences } = failed;
  const args =
    step.op === 'translate'
      ? { ...step.request, iova: formatAddr(step.request.iova), caches: failed.caches }
      : { caches: failed.caches };
  return {
    file,
    caseId,
    index,
    op: step.op,
    args,
    differences,
    lines: riscvFailureLines(file, caseId, failed),
  };
}

function addSkipped(run: VectorRun, file: string, reason: string): void {
  const last = run.skipped.at(-1);
  if (last?.file === file && last.reason === reason) last.count++;
  else run.skipped.push({ file, reason, count: 1 });
}
