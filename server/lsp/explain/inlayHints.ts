import type { InlayHint } from 'vscode-languageserver/node';
import { codeHints } from '../../explain/calls/hints.ts';
import { lineIndex } from '../../text/lineIndex.ts';
import type { WireRange } from '../messages.ts';
import type { Settings } from '../settings.ts';
import type { Answer } from '../workspace.ts';

/** The remarks of a range that the user switched on: where addresses come from, and whether a call may sleep. */
export function inlayHintsIn(
  { readings }: Answer,
  range: WireRange,
  { inlayHints }: Settings,
): InlayHint[] {
  const [reading] = readings;
  if (reading === undefined) return [];
  const index = lineIndex(reading.text);
  return codeHints(reading.facts).flatMap(({ offset, text, kind }) => {
    if (!inlayHints[kind]) return [];
    const { line, column } = index.position(offset);
    if (line - 1 < range.start.line || line - 1 > range.end.line) return [];
    const position = { line: line - 1, character: column - 1 };
    return [{ position, label: text, paddingLeft: true, paddingRight: kind === 'context' }];
  });
}
