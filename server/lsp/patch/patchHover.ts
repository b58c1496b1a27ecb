import type { Hover } from 'vscode-languageserver/node';
import type { PatchedLine } from '../../patch/apply/lineMap.ts';
import type { ChangedFile } from '../../patch/change.ts';
import type { Reading } from '../../review/session.ts';
import { runSlices } from '../../text/slices.ts';
import type { Desk } from '../desk.ts';
import { explainingHover } from '../explain/hover.ts';
import type { Markup } from '../explain/markdown.ts';
import type { WirePosition } from '../messages.ts';
import { uriOfPath, wireRange, type Locate } from '../places.ts';
import type { PatchAnswer } from './patches.ts';

/** A line of a hunk in one side of its file. */
interface SideLine {
  readonly file: ChangedFile;
  readonly side: 'before' | 'after';
  /** 1-based line of the file, and its text. */
  readonly line: number;
  readonly text: string;
}

/** What was read of the side that was last pointed at: the next hover is mostly on the same one. */
export interface HoverMemory {
  last?: {
    readonly file: ChangedFile;
    readonly side: SideLine['side'];
    readonly readings: readonly Reading[];
  };
}

/** The hover of a place in a hunk without a finding: what the name or value there means in the file that the patch makes. */
export async function hoverInHunk(
  answer: PatchAnswer,
  position: WirePosition,
  kind: Markup,
  desk: Desk,
  memory: HoverMemory,
): Promise<Hover | null> {
  const at = sideLine(answer, position.line + 1);
  if (at === undefined || at.text.trim() === '') return null;
  const shown = answer.lines[position.line] ?? '';
  // Behind `+`, quote marks and whatever a mail puts before it; nowhere, where the mail's encoding hides it.
  const shift = shown.lastIndexOf(at.text.trimEnd());
  if (shift < 0 || position.character < shift) return null;
  const readings = await readingsOf(answer, at, desk, memory);
  const inFile = { line: at.line - 1, character: position.character - shift };
  const hover = explainingHover({ readings, locate: locateIn(answer) }, inFile, kind);
  if (hover?.range === undefined) return hover;
  const moved = (character: number): WirePosition => ({
    line: position.line,
    character: character + shift,
  });
  const { start, end } = hover.range;
  return { ...hover, range: { start: moved(start.character), end: moved(end.character) } };
}

/** The line of a hunk; a removed line is in the file before the patch. */
function sideLine({ change, series, lines }: PatchAnswer, line: number): SideLine | undefined {
  const document = series.patches[0]?.document;
  if (document === undefined || line > lines.length) return undefined;
  for (const { files } of change.patches) {
    for (const file of files) {
      const place = file.map.ofDocument({ document, line });
      if (place !== undefined) return lineOnSide(file, place);
    }
  }
  return undefined;
}

function lineOnSide(file: ChangedFile, place: PatchedLine): SideLine | undefined {
  const side = place.after === undefined ? 'before' : 'after';
  const line = place[side];
  const text = line === undefined ? undefined : file[side]?.text.split('\n')[line - 1];
  return line === undefined || text === undefined ? undefined : { file, side, line, text };
}

async function readingsOf(
  { tree }: PatchAnswer,
  { file, side }: SideLine,
  desk: Desk,
  memory: HoverMemory,
): Promise<readonly Reading[]> {
  if (memory.last?.file === file && memory.last.side === side) return memory.last.readings;
  const { path, text } = file[side]!;
  let readings: readonly Reading[] = [];
  await desk.later(() => {
    runSlices(tree.review.check(path, text));
    readings = tree.review.readings(path);
    tree.review.close(path);
  });
  memory.last = { file, side, readings };
  return readings;
}

const locateIn =
  ({ tree, uri }: PatchAnswer): Locate =>
  ({ file, range }) => ({
    uri: tree.folder === undefined ? uri : uriOfPath(`${tree.folder}/${file}`),
    range: wireRange(range),
  });
