import type { ExplainedLog } from '../../explain/log/explainLog.ts';
import { wrap } from '../../explain/text/explanation.ts';

const LABEL_COLUMNS = 9;
const COLUMNS = 110;

/** The text of `iovet decode --log`: each message quoted once, then what it means. */
export function explainedLogText({ messages, skipped }: ExplainedLog): string {
  const out = messages.flatMap(({ line, quote, summary, details }) => [
    `${line}: ${quote}`,
    `  ${summary}`,
    ...details.flatMap(([label, text]) =>
      wrap(text, COLUMNS - LABEL_COLUMNS - 2).map(
        (part, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_COLUMNS)}${part}`,
      ),
    ),
  ]);
  const lines = skipped === 1 ? '1 line' : `${skipped} lines`;
  const last =
    messages.length === 0
      ? `no IOMMU or DMA message that iovet knows; ${lines} skipped`
      : `${messages.length} ${messages.length === 1 ? 'message' : 'messages'} explained, ${skipped === 1 ? '1 other line' : `${skipped} other lines`} skipped`;
  return `${[...out, last].join('\n')}\n`;
}
