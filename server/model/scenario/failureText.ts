import { formatAddr, type Addr } from '../bits/pfn.ts';
import { formatWord, type Word64 } from '../bits/pte64.ts';
import { decodeEntry, entryText } from '../fmt/decode.ts';
import type { Difference } from './compare.ts';
import type { FailedStep } from './replay.ts';
import type { VectorOp } from './vectorTypes.ts';

/** Differences shown of a step; the rest is counted. */
const SHOWN = 12;

/**
 * The lines that show a failed case: where it stands, then what differs in the first step that does.
 * Table entries are decoded field by field.
 */
export function failureLines(file: string, caseId: string, step: FailedStep): readonly string[] {
  const lines = [`FAILED ${file}  ${caseId}  op ${step.index}: ${opText(step.op)}`];
  const shown = step.differences.slice(0, SHOWN);
  const width = Math.max(...shown.map((d) => subject(d).length));
  for (const difference of shown) {
    const what = subject(difference).padEnd(width);
    lines.push(`  ${what}  ${contrast(difference, step.format)}`);
  }
  const more = step.differences.length - shown.length;
  if (more > 0) lines.push(`  … ${more} more differences in this step`);
  return lines;
}

/** An operation as its script line. */
function opText({ op, args }: VectorOp): string {
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
  if (difference.kind === 'value') {
    return `expected ${valueText(difference.expected)}, got ${valueText(difference.got)}`;
  }
  const entry = (word: Word64): string => {
    const decoded = decodeEntry(format, word, difference.level);
    const text = decoded === undefined ? 'format unknown' : entryText(decoded);
    return `${formatWord(word)} (${text})`;
  };
  return `expected ${entry(difference.expected)}, got ${entry(difference.got)}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
