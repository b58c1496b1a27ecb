import { lineMap, type Kept, type PatchedLine } from './apply/lineMap.ts';
import type { Change, ChangedFile, LineRange, SeriesChange } from './change.ts';
import { groupedByKind, otherKind } from './fileKinds.ts';
import { notesOf } from './notes.ts';
import type { FilePatch, Patch } from './patch.ts';
import { pathOf, usable } from './usable.ts';

/** Line numbers above this are not kept by filling with blank lines: hunks follow each other instead. */
const highestLine = 200_000;

/**
 * The change as far as the hunks alone show it, for a patch without its tree.
 * Both texts have blank lines where the file is not known, so that line numbers are those of the patch.
 */
export function changeWithoutTree(patch: Patch): Change {
  const notes = notesOf(patch.document);
  const looked = patch.files.filter((file) => usable(file, notes));
  return {
    patches: [patch],
    files: looked
      .filter((file) => otherKind(pathOf(file)) === undefined)
      .filter((file) => file.hunks.length > 0)
      .map(fromHunks),
    notLookedAt: groupedByKind(looked.map((file) => pathOf(file))),
    problems: notes.problems,
  };
}

/** A series as far as its hunks alone show it; see `changeWithoutTree`. The texts of a file stand once per patch. */
export function seriesWithoutTree(patches: readonly Patch[]): SeriesChange {
  const each = patches.map(changeWithoutTree);
  return {
    patches: each,
    whole: {
      patches,
      files: each.flatMap(({ files }) => files),
      notLookedAt: groupedByKind(
        each.flatMap(({ notLookedAt }) => notLookedAt.flatMap(({ paths }) => paths)),
      ),
      problems: each.flatMap(({ problems }) => problems),
    },
  };
}

function fromHunks(file: FilePatch): ChangedFile {
  const before: string[] = [];
  const after: string[] = [];
  const kept: Kept[] = [];
  const lines: PatchedLine[] = [];
  const seen: LineRange[] = [];
  const keep = (text: string): void => {
    const last = kept.at(-1);
    before.push(text);
    after.push(text);
    if (
      last !== undefined &&
      last.before + last.length === before.length &&
      last.after + last.length === after.length
    )
      kept[kept.length - 1] = { ...last, length: last.length + 1 };
    else kept.push({ before: before.length, after: after.length, length: 1 });
  };
  for (const hunk of file.hunks) {
    const start = hunk.oldCount === 0 ? hunk.oldStart + 1 : hunk.oldStart;
    const fill = Math.max(start, before.length + 1);
    if (fill <= highestLine) while (before.length + 1 < fill) keep('');
    const first = after.length + 1;
    for (const { kind, text, line } of hunk.lines) {
      const place = { document: file.document, line, kind };
      if (kind === 'context') {
        keep(text);
        lines.push({ ...place, before: before.length, after: after.length });
      } else if (kind === 'added') lines.push({ ...place, after: after.push(text) });
      else lines.push({ ...place, before: before.push(text) });
    }
    if (after.length >= first) seen.push({ first, last: after.length });
  }
  const text = (all: readonly string[]): string => all.map((line) => line + '\n').join('');
  return {
    before:
      file.kind === 'create'
        ? undefined
        : { path: file.oldPath ?? file.newPath!, text: text(before) },
    after:
      file.kind === 'delete'
        ? undefined
        : { path: file.newPath ?? file.oldPath!, text: text(after) },
    map: lineMap(kept, lines),
    filePatches: [file],
    placements: [],
    extent: file.kind === 'create' ? 'whole' : 'hunks',
    seen: file.kind === 'create' ? [] : seen,
  };
}
