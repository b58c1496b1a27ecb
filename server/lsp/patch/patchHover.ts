import type { CancellationToken, Hover } from 'vscode-languageserver/node';
import { explainingHover } from '../explain/hover.ts';
import type { Markup } from '../explain/markdown.ts';
import type { WirePosition } from '../messages.ts';
import { locateAround, type PatchSources } from './patchSources.ts';
import type { PatchAnswer } from './patches.ts';
import { lineInHunk } from './hunkLine.ts';

/** The hover of a place in a hunk without a finding: what the name or value there means in the file that the patch makes. */
export async function hoverInHunk(
  answer: PatchAnswer,
  position: WirePosition,
  kind: Markup,
  sources: PatchSources,
  token?: CancellationToken,
): Promise<Hover | null> {
  const at = lineInHunk(answer, position);
  if (at === undefined) return null;
  const readings = await sources.readings(answer, at, token);
  const locate = locateAround(answer, at);
  const hover = explainingHover({ readings, locate }, at.inFile, kind);
  if (hover?.range === undefined) return hover;
  const moved = (character: number): WirePosition => ({
    line: position.line,
    character: character + at.shift,
  });
  const { start, end } = hover.range;
  return { ...hover, range: { start: moved(start.character), end: moved(end.character) } };
}
