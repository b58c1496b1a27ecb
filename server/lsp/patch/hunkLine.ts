import type { PatchedLine } from '../../patch/apply/lineMap.ts';
import type { ChangedFile } from '../../patch/change.ts';
import type { WirePosition } from '../messages.ts';
import type { SideOfFile } from './patchSources.ts';
import type { PatchAnswer } from './patches.ts';

/** A place in a hunk, as a place in one side of its file. */
export interface HunkLine extends SideOfFile {
  readonly inFile: WirePosition;
  /** Columns of the document before the text of the file: `+`, quote marks, and whatever a mail puts there. */
  readonly shift: number;
}

/**
 * The place of the file at a place of the document; a removed line is in the file before the patch. Undefined outside of
 * hunks, and where the encoding of a mail hides the line.
 */
export function lineInHunk(
  { change, series, lines }: Pick<PatchAnswer, 'change' | 'series' | 'lines'>,
  position: WirePosition,
): HunkLine | undefined {
  const document = series.patches[0]?.document;
  const shown = lines[position.line];
  if (document === undefined || shown === undefined) return undefined;
  for (const [patch, { files }] of change.patches.entries()) {
    for (const file of files) {
      const place = file.map.ofDocument({ document, line: position.line + 1 });
      const found = place === undefined ? undefined : onSide(file, place);
      if (found === undefined) continue;
      const { side, line, text } = found;
      const shift = text.trim() === '' ? -1 : shown.lastIndexOf(text.trimEnd());
      if (shift < 0 || position.character < shift) return undefined;
      const inFile = { line: line - 1, character: position.character - shift };
      return { patch, file, side, inFile, shift };
    }
  }
  return undefined;
}

function onSide(
  file: ChangedFile,
  place: PatchedLine,
): { side: 'before' | 'after'; line: number; text: string } | undefined {
  const side = place.after === undefined ? 'before' : 'after';
  const line = place[side];
  const text = line === undefined ? undefined : file[side]?.text.split('\n')[line - 1];
  return line === undefined || text === undefined ? undefined : { side, line, text };
}
