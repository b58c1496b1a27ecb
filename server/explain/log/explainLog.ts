import { amdVi } from './amdVi.ts';
import { dmaDebug } from './dmaDebug.ts';
import { dmar } from './dmar.ts';
import type { ExplainedMessage, Recogniser } from './logMessage.ts';
import { riscvIommu } from './riscvIommu.ts';
import { smmuv3 } from './smmuv3.ts';
import { tableDump } from './tableDump.ts';

/** A log, read. */
export interface ExplainedLog {
  readonly messages: readonly ExplainedMessage[];
  /** Lines without a message that we know. */
  readonly skipped: number;
}

/** Who recognises messages; a new kind is one more file and one more line here. */
const recognisers: readonly Recogniser[] = [amdVi, dmar, smmuv3, riscvIommu, dmaDebug, tableDump];

/** Explains the fault messages, dma-debug warnings and table dumps of a kernel log; all other lines are counted. */
export function explainLog(text: string): ExplainedLog {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  const messages: ExplainedMessage[] = [];
  let skipped = 0;
  for (let at = 0; at < lines.length;) {
    const found = first(lines, at);
    if (found === undefined) {
      skipped++;
      at++;
      continue;
    }
    messages.push({ line: at + 1, quote: withoutStamp(lines[at]!), ...found });
    at += found.lineCount;
  }
  return { messages, skipped };
}

function first(lines: readonly string[], at: number): ReturnType<Recogniser> {
  for (const recognise of recognisers) {
    const found = recognise(lines, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A line without level, time stamp, and what syslog puts in front. */
function withoutStamp(line: string): string {
  return line
    .replace(/^<\d+>/, '')
    .replace(/^.*?\bkernel: /, '')
    .replace(/^\s*\[[^\]]*\]\s*/, '')
    .trim();
}
