import type { PatchedLine } from '../../patch/apply/lineMap.ts';
import type { SeriesChange } from '../../patch/change.ts';
import type { PatchPlace, SideParams, SideText } from '../messages.ts';
import type { PatchAnswer } from './patches.ts';
import { changedFile } from './patchPlaces.ts';

/** One side of a patched file; an empty text for the side that a new or deleted file does not have, null for no such file. */
export function sideText(
  change: SeriesChange,
  { patch, path, side }: Omit<SideParams, 'document'>,
): SideText | null {
  const file = changedFile(change, patch, path);
  if (file === undefined) return null;
  const lines = file.map.lines.flatMap((line): [number, number][] => {
    const at = line[side];
    return at === undefined ? [] : [[at - 1, line.line - 1]];
  });
  return { text: file[side]?.text ?? '', lines };
}

/** The file and its lines at a 1-based line of the document; between hunks, the file whose part of the patch it is. */
export function placeInPatch(
  { series, change }: Pick<PatchAnswer, 'series' | 'change'>,
  line: number,
): PatchPlace | null {
  const heads = series.patches
    .flatMap(({ document, files }, patch) =>
      files.map(({ newPath, oldPath, line: head }) => ({
        patch,
        document,
        head,
        path: newPath ?? oldPath ?? '',
      })),
    )
    .sort((a, b) => a.head - b.head);
  const found = heads.findLast(({ head }) => head <= line) ?? heads[0];
  if (found === undefined) return null;
  const file = changedFile(change, found.patch, found.path);
  if (file === undefined) return null;
  const at = (wanted: number): PatchedLine | undefined =>
    file.map.ofDocument({ document: found.document, line: wanted });
  // A header shows what follows it.
  const first = file.map.lines.find((each) => each.line >= line) ?? file.map.lines[0];
  const place = at(line) ?? (first && at(first.line));
  return {
    patch: found.patch,
    path: found.path,
    before: place?.before === undefined ? null : place.before - 1,
    after: place?.after === undefined ? null : place.after - 1,
  };
}
