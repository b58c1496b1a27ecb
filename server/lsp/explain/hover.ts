import type { Hover } from 'vscode-languageserver/node';
import { explainAt } from '../../explain/explainAt.ts';
import { lineIndex } from '../../text/lineIndex.ts';
import { explanationText, type Markup } from './markdown.ts';
import type { WirePosition } from '../messages.ts';
import { wireRange } from '../places.ts';
import type { Answer } from '../workspace.ts';

/** The hover of a place without a finding: what the name or value there means; null where it is not ours. */
export function explainingHover(
  answer: Pick<Answer, 'readings' | 'locate'>,
  { line, character }: WirePosition,
  kind: Markup,
): Hover | null {
  const [reading] = answer.readings;
  if (reading === undefined) return null;
  const index = lineIndex(reading.text);
  const offset = index.offset({ line: line + 1, column: character + 1 });
  const explained = explainAt(answer.readings, offset);
  if (explained === undefined) return null;
  const linkOf = ({ path, line: row }: { path: string; line: number }): string => {
    const at = { line: row, column: 1 };
    return `${answer.locate({ file: path, range: { start: at, end: at } }).uri}#L${row}`;
  };
  const value = explained.explanations
    .map((one) => explanationText(one, kind, linkOf))
    .join(kind === 'markdown' ? '\n\n---\n\n' : '\n\n');
  return { contents: { kind, value }, range: wireRange(index.range(explained.span)) };
}
