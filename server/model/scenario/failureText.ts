import { formatAddr, type Addr } from '../bits/pfn.ts';
import { formatWord, type Word64 } from '../bits/pte64.ts';
import { decodeEntry, entryText } from '../fmt/decode.ts';
import type { Difference } from './compare.ts';
import type { FailedStep } from './replay.ts';
import type { FailedRiscvStep } from './riscvReplay.ts';
import type { RiscvStep } from './riscvVectorTypes.ts';
import type { VectorOp } from './vectorTypes.ts';

/** Differences shown of a step; the rest is counted. */
const SHOWN = 12;

/**
 * The lines that show a failed case: where it stands, then what differs in the first step that does.
 * Table entries are decoded field by field.
 */
export function failureLines(file: string, caseId: string, step: FailedStep): readonly string[] {
  const title = `FAILED ${file}  ${caseId}  op ${step.index}: ${opText(step.op)}`;
  return [title, ...differenceLines(step.differences, step.format)];
}

/** The same for a case of the RISC-V IOMMU: the request, and what of the answer or of the accesses differs. */
export function riscvFailureLines(
  file: string,
  caseId: string,
  failed: FailedRiscvStep,
): readonly string[] {
  const caches = failed.caches === 'all' ? ', with caches' : '';
  const title = `FAILED ${file}  ${caseId}  step ${failed.index}${caches}: ${stepText(failed.step)}`;
  return [title, ...differenceLines(failed.differences, 'riscv_64')];
}

/** What differs in a step, in one line. */
export function differenceText(differences: readonly Difference[], format: string): string {
  return differences
    .slice(0, SHOWN_IN_LINE)
    .map((difference) => `${subject(difference)} ${contrast(difference, format)}`)
    .join('; ');
}

/** Differences shown where one line must do. */
const SHOWN_IN_LINE = 3;

function differenceLines(differences: readonly Difference[], format: string): readonly string[] {
  const shown = differences.slice(0, SHOWN);
  const width = Math.max(...shown.map((d) => subject(d).length));
  const lines = shown.map((d) => `  ${subject(d).padEnd(width)}  ${contrast(d, format)}`);
  const more = differences.length - shown.length;
  return more > 0 ? [...lines, `  … ${more} more differences in this step`] : lines;
}

function stepText(step: RiscvStep): string {
  switch (step.op) {
    case 'mem_write':
      return `mem_write ${step.addr} ${formatWord(step.value)}`;
    case 'command':
      return `command ${step.name}`;
    case 'translate': {
      const { deviceId, processId, at, access, iova } = step.request;
      const process = processId === undefined ? '' : ` process ${processId}`;
      return `translate device ${deviceId}${process} ${at} ${access} ${formatAddr(iova)}`;
    }
  }
}

/** An operation as its script line. */
export function opText({ op, args }: VectorOp): string {
  const parts = Object.entries(args).map(([name, value]) => `${name} ${argText(name, value)}`);
  return [op, ...parts].join(' ');
}

function argText(name: string, value: unknown): string {
  if (typeof value === 'object' && value !== null) return formatAddr(value as Addr);
  return name === 'prot' ? `0x${Number(value).toString(16)}` : String(value);
}

function subject(difference: Difference): string {
  return difference.kind === 'entry'
    ? `table ${difference.table}[${difference.index}]`
    : difference.field;
}

function contrast(difference: Difference, format: string): string {
  const { expected, got } = contrastOf(difference, format);
  return `expected ${expected}, got ${got}`;
}

/** What is different, what was expected there, and what came; entries decoded. */
export function contrastOf(
  difference: Difference,
  format: string,
): { readonly subject: string; readonly expected: string; readonly got: string } {
  if (difference.kind === 'value') {
    return {
      subject: subject(difference),
      expected: valueText(difference.expected),
      got: valueText(difference.got),
    };
  }
  const entry = (word: Word64): string => {
    const decoded = decodeEntry(format, word, difference.level);
    const text = decoded === undefined ? 'format unknown' : entryText(decoded);
    return `${formatWord(word)} (${text})`;
  };
  return {
    subject: subject(difference),
    expected: entry(difference.expected),
    got: entry(difference.got),
  };
}

function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
