import { ERRNO } from '../bits/errno.ts';
import { ARM_FORMATS } from '../fmt/armLpae.ts';
import { BUILDS } from '../fmt/builds.ts';
import type { Profile } from '../pt/iommuTable.ts';
import { startArm } from './armMachine.ts';
import { startGenericPt, type Started } from './genericPtMachine.ts';
import { vectorEvents, type Observed, type VectorMachine } from './machine.ts';
import { compareStep, type Difference } from './compare.ts';
import { digestText, dumpTables, formatPfn, type TableDump } from './tableDump.ts';
import type { VectorCase, VectorOp } from './vectorTypes.ts';

/** Gives the SHA-256 of an ASCII text in hexadecimal; hashing is the host's business. */
export type Sha256 = (text: string) => string;

/** How cases are run. */
export interface ReplayOptions {
  readonly sha256: Sha256;
  /** Default: what 7.3 does. */
  readonly profile?: Profile;
}

/** A step whose result differs, with everything that is needed to show it. */
export interface FailedStep {
  readonly index: number;
  readonly op: VectorOp;
  readonly differences: readonly Difference[];
  /** Format in use at that step. */
  readonly format: string;
}

/** Outcome of one case. A problem is a case that makes no sense, not one that differs. */
export type CaseOutcome =
  | { readonly kind: 'passed'; readonly steps: number }
  | { readonly kind: 'failed'; readonly steps: number; readonly failed: readonly FailedStep[] }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'problem'; readonly reason: string };

const OLD_FORMATS: ReadonlySet<string> = new Set(['amd_v1_linux6.12', 'amd_v2_linux6.12']);
const DIGEST_DIGITS = 32;

/** Runs all steps of a case on a fresh machine and compares every one. */
export function replayCase(vector: VectorCase, options: ReplayOptions): CaseOutcome {
  const failed: FailedStep[] = [];
  let machine: VectorMachine | undefined;
  let { format } = vector;
  for (const [index, op] of vector.ops.entries()) {
    if (op.op === 'init') {
      format = op.args['fmt'] as string;
      if (OLD_FORMATS.has(format)) {
        return { kind: 'skipped', reason: 'algorithm of 6.12: its C is run, it is not restated' };
      }
    }
    const step = runStep(machine, op, vector, options);
    if (typeof step === 'string') return { kind: 'problem', reason: `op ${index}: ${step}` };
    machine = step.machine;
    const differences = compareStep(op.expect, step.observed, step.tables);
    if (differences.length > 0) failed.push({ index, op, differences, format });
  }
  const steps = vector.ops.length;
  return failed.length === 0 ? { kind: 'passed', steps } : { kind: 'failed', steps, failed };
}

/** A step that was run without an expectation: what it gave, and the tables afterwards. */
export interface RecordedStep {
  /** The operation with everything that was observed as its expectation. */
  readonly op: VectorOp;
  readonly tables: readonly TableDump[];
}

/** Runs steps one after the other and records what they give: the model's own vectors. */
export function recordSteps(
  header: Pick<VectorCase, 'format' | 'build'>,
  options: ReplayOptions,
): (op: Pick<VectorOp, 'op' | 'args'>) => RecordedStep | string {
  let machine: VectorMachine | undefined;
  const vector = { ...header, id: '', ops: [] };
  return ({ op, args }) => {
    const step = runStep(machine, { op, args, expect: { tables: [] } }, vector, options);
    if (typeof step === 'string') return step;
    machine = step.machine;
    return { op: { op, args, expect: step.observed }, tables: step.tables };
  };
}

interface Step {
  readonly machine: VectorMachine;
  readonly observed: Observed;
  readonly tables: readonly TableDump[];
}

function runStep(
  before: VectorMachine | undefined,
  op: VectorOp,
  vector: VectorCase,
  options: ReplayOptions,
): Step | string {
  let machine: VectorMachine;
  let result: Observed | string;
  let since = 0;
  if (op.op === 'init') {
    const started = start(op, vector, options);
    if (typeof started === 'string') return started;
    machine = started.machine;
    result = started.observed;
  } else {
    if (before === undefined) return `${op.op} before init`;
    machine = before;
    since = machine.log.next;
    result = machine.run(op);
  }
  if (typeof result === 'string') return result;
  const events = vectorEvents(machine, since);
  const tree = machine.tree();
  const wantsTables = 'digest' in op.expect || 'tables' in op.expect || 'top' in op.expect;
  const tables = wantsTables && tree !== undefined ? dumpTables(tree) : [];
  const observed = {
    ...result,
    ...errorName(result),
    live: machine.pages.live,
    ...(events.length === 0 ? {} : { events }),
    ...(tables.length === 0
      ? {}
      : {
          digest: options.sha256(digestText(tables)).slice(0, DIGEST_DIGITS),
          top: [formatPfn(tables[0]!.pfn), tables[0]!.level],
          tables_reachable: tables.length,
        }),
  };
  return { machine, observed, tables };
}

function start(op: VectorOp, vector: VectorCase, options: ReplayOptions): Started | string {
  const format = op.args['fmt'] as string;
  if (format in BUILDS) return startGenericPt(op, vector.build, options.profile ?? '7.3');
  if (format in ARM_FORMATS) return startArm(op);
  return `format ${JSON.stringify(format)} is unknown`;
}

/** The symbolic name that vectors give next to a negative result. */
function errorName(observed: Observed): Observed {
  const { ret } = observed;
  if (typeof ret !== 'number' || ret >= 0) return {};
  const name = Object.entries(ERRNO).find(([, value]) => value === -ret);
  return name === undefined ? {} : { err: name[0] };
}
