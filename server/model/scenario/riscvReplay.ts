import { addAddr, addr, formatAddr, type Addr } from '../bits/pfn.ts';
import { formatWord, isEqual, parseWord, word, type Word64 } from '../bits/pte64.ts';
import { boundedBus, type Bus } from '../hw/common/bus.ts';
import { decodeCommand, execute } from '../hw/riscv/commandQueue.ts';
import { directoryCache } from '../hw/riscv/directoryCache.ts';
import { translationCache } from '../hw/riscv/iotlb.ts';
import { capabilities, ddtp, featureControl } from '../hw/riscv/registers.ts';
import type { Outcome } from '../hw/riscv/request.ts';
import { translate, type RiscvIommu } from '../hw/riscv/walker.ts';
import type { Difference } from './compare.ts';
import type { ExpectedAnswer, RiscvCase, RiscvStep } from './riscvVectorTypes.ts';

/** A step of a RISC-V case whose answer, reads or writes differ. */
export interface FailedRiscvStep {
  readonly index: number;
  readonly step: RiscvStep;
  readonly caches: 'none' | 'all';
  readonly differences: readonly Difference[];
}

/** Outcome of one case. */
export type RiscvCaseOutcome =
  | { readonly kind: 'passed'; readonly steps: number }
  | {
      readonly kind: 'failed';
      readonly steps: number;
      readonly failed: readonly FailedRiscvStep[];
    };

const WORD_BYTES = 8;
const ZERO = word(0);

/**
 * Runs a case on an IOMMU that caches nothing, which must give the answer of a walk each time, and on one that keeps
 * everything it is allowed to keep, which may give any of the answers that the vector lists.
 */
export function replayRiscvCase(vector: RiscvCase): RiscvCaseOutcome {
  const failed = [...run(vector, 'none'), ...run(vector, 'all')];
  const steps = vector.steps.length;
  return failed.length === 0 ? { kind: 'passed', steps } : { kind: 'failed', steps, failed };
}

interface Recorder {
  readonly bus: Bus;
  readonly memory: Map<string, Word64>;
  reads: (readonly [string, number])[];
  writes: (readonly [string, string, string])[];
}

/** The sparse memory of a vector, with its planted defects, and a record of what the IOMMU does to it. */
function recordingMemory(vector: RiscvCase): Recorder {
  const memory = new Map(vector.memory);
  const recorder: Recorder = { memory, reads: [], writes: [], bus: undefined as never };
  const status = (at: string): 'ok' | 'access-fault' | 'corrupted' =>
    at === vector.accessFaultAt ? 'access-fault' : at === vector.corruptedAt ? 'corrupted' : 'ok';
  const bus: Bus = {
    read: (at, words, into) => {
      const name = formatAddr(at);
      recorder.reads.push([name, words * WORD_BYTES]);
      for (let n = 0; n < words; n++) {
        const value = memory.get(formatAddr(addAddr(at, addr(0, n * WORD_BYTES)))) ?? ZERO;
        into[2 * n] = value.lo;
        into[2 * n + 1] = value.hi;
      }
      return status(name);
    },
    compareAndStore: (at, old, next) => {
      const name = formatAddr(at);
      const found = status(name);
      if (found !== 'ok') return found;
      if (!isEqual(memory.get(name) ?? ZERO, old)) return 'changed';
      memory.set(name, next);
      recorder.writes.push([name, formatWord(old), formatWord(next)]);
      return 'ok';
    },
  };
  return Object.assign(recorder, { bus });
}

function run(vector: RiscvCase, caches: 'none' | 'all'): readonly FailedRiscvStep[] {
  const recorder = recordingMemory(vector);
  const caps = capabilities(vector.caps);
  const plain: RiscvIommu = {
    caps,
    fctl: featureControl(vector.fctl),
    ddtp: ddtp(vector.ddtp),
    bus: boundedBus(recorder.bus, caps.pas),
    bareLg2: vector.bareLg2,
  };
  const empty = (): RiscvIommu =>
    caches === 'none'
      ? plain
      : { ...plain, directoryCache: directoryCache(), translationCache: translationCache() };
  let iommu = empty();
  const failed: FailedRiscvStep[] = [];
  for (const [index, step] of vector.steps.entries()) {
    let differences: readonly Difference[] = [];
    switch (step.op) {
      case 'mem_write':
        recorder.memory.set(step.addr, step.value);
        break;
      case 'command':
        differences = runCommand(iommu, step);
        break;
      case 'translate':
        if (step.flushBefore) iommu = empty();
        recorder.reads = [];
        recorder.writes = [];
        differences = compareTranslation(step, translate(iommu, step.request), recorder, caches);
    }
    if (differences.length > 0) failed.push({ index, step, caches, differences });
  }
  return failed;
}

function runCommand(
  iommu: RiscvIommu,
  step: RiscvStep & { readonly op: 'command' },
): readonly Difference[] {
  const command = decodeCommand(step.raw, iommu.caps);
  const illegal = command.kind === 'illegal';
  if (illegal !== step.illegal) {
    return [{ kind: 'value', field: 'illegal', expected: step.illegal, got: illegal }];
  }
  if (!illegal && iommu.directoryCache !== undefined && iommu.translationCache !== undefined) {
    execute(command, iommu.directoryCache, iommu.translationCache);
  }
  return [];
}

function compareTranslation(
  step: RiscvStep & { readonly op: 'translate' },
  outcome: Outcome,
  recorder: Recorder,
  caches: 'none' | 'all',
): readonly Difference[] {
  const got = describe(outcome);
  const legal = caches === 'none' ? step.answers.slice(0, 1) : step.answers;
  if (!legal.some((answer) => differences(answer, got).length === 0))
    return differences(legal[0]!, got);
  // Only a walk from scratch has a given order of accesses.
  if (caches === 'all' && !step.flushBefore) return [];
  return [
    ...compareList('reads', step.reads, recorder.reads),
    ...compareList('writes', step.writes, recorder.writes),
  ];
}

const STATUS = {
  'unsupported-request': 'unsupported_request',
  'completer-abort': 'completer_abort',
  'success-without-permission': 'success_no_perm',
} as const;

/** An outcome by the schema's names. */
function describe(outcome: Outcome): ExpectedAnswer {
  switch (outcome.kind) {
    case 'unknown':
      return { status: 'unknown', why: outcome.why };
    case 'fault':
      return {
        status: STATUS[outcome.refusal],
        cause: outcome.cause,
        iotval: formatAddr(outcome.iotval),
        iotval2: formatWord(outcome.iotval2),
        fault_logged: outcome.logged,
      };
    case 'translated': {
      const { ats } = outcome;
      return {
        status: 'success',
        pa: formatAddr(outcome.pa),
        page_size: sizeText(outcome.pageLg2),
        pbmt: outcome.pbmt,
        ...(ats === undefined
          ? {}
          : {
              ats: {
                R: Number(ats.read),
                W: Number(ats.write),
                X: Number(ats.execute),
                U: Number(ats.untranslatedOnly),
                Priv: Number(ats.privileged),
                Global: Number(ats.global),
              },
            }),
      };
    }
  }
}

function sizeText(lg2: number): string {
  const size: Addr = addr(2 ** (lg2 - 12));
  return formatAddr(size);
}

function differences(expected: ExpectedAnswer, got: ExpectedAnswer): readonly Difference[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(got)]);
  return [...names]
    .filter((name) => !isSame(name, expected[name], got[name]))
    .map((field) => ({ kind: 'value', field, expected: expected[field], got: got[field] }));
}

const NAPOT_64K = '0x10000';
const PAGE_4K = '0x1000';

function isSame(name: string, expected: unknown, got: unknown): boolean {
  if (name === 'iotval2') return maskGuest(expected) === maskGuest(got);
  // The reference reports 4 KiB for a leaf of 64 KiB, the specification allows up to all of it.
  if (name === 'page_size' && got === NAPOT_64K)
    return expected === NAPOT_64K || expected === PAGE_4K;
  return JSON.stringify(expected) === JSON.stringify(got);
}

/** With bit 0 set the offset within the page may be reported as 0. */
function maskGuest(value: unknown): unknown {
  const parsed = typeof value === 'string' ? parseWord(value) : undefined;
  if (parsed === undefined || (parsed.lo & 1) === 0) return value;
  return formatWord(word(parsed.lo & ~0xffc, parsed.hi));
}

function compareList(
  field: string,
  expected: readonly unknown[] | undefined,
  got: readonly unknown[],
): readonly Difference[] {
  if (expected === undefined) return [];
  const length = Math.max(expected.length, got.length);
  for (let n = 0; n < length; n++) {
    if (JSON.stringify(expected[n]) !== JSON.stringify(got[n])) {
      return [{ kind: 'value', field: `${field}[${n}]`, expected: expected[n], got: got[n] }];
    }
  }
  return [];
}
