import { runSlices, type Slices } from '../text/slices.ts';
import { composed } from './apply/lineMap.ts';
import { searchBudget } from './apply/locate.ts';
import {
  pathTakenAway,
  type Change,
  type ChangedFile,
  type ReadTree,
  type SeriesChange,
} from './change.ts';
import { changedFile } from './changeFile.ts';
import { unsafePath } from './diff/paths.ts';
import { groupedByKind, otherKind } from './fileKinds.ts';
import { notesOf } from './notes.ts';
import type { FilePatch, Patch } from './patch.ts';
import { pathOf, usable } from './usable.ts';

/** Applies one patch to a tree, in memory. Files that do not apply are problems; the others are changed. */
export function changeOf(patch: Patch, read: ReadTree): Change {
  return onTree(patch, read).change;
}

/** Applies patches one on top of the other, in memory. */
export function seriesChange(patches: readonly Patch[], read: ReadTree): SeriesChange {
  return runSlices(seriesChangeInSlices(patches, read));
}

/** The same in slices, one for each patch. */
export function* seriesChangeInSlices(
  patches: readonly Patch[],
  read: ReadTree,
): Slices<SeriesChange> {
  const overlay = new Map<string, string | undefined>();
  const reading: ReadTree = (path) => (overlay.has(path) ? overlay.get(path) : read(path));
  const each: Change[] = [];
  const all = startJoin();
  for (const [index, patch] of patches.entries()) {
    yield index / patches.length;
    const { change, written } = onTree(patch, reading);
    each.push(change);
    for (const [path, text] of written) overlay.set(path, text);
    for (const file of change.files) join(all, file);
  }
  const paths = patches.flatMap((patch) => patch.files.map(pathOf));
  return {
    patches: each,
    whole: {
      patches,
      files: joinedFiles(all),
      notLookedAt: groupedByKind(paths.filter((path) => unsafePath(path) === undefined)),
      problems: each.flatMap((change) => change.problems),
    },
  };
}

/** A change, and every text it wrote: undefined for a path that is gone. */
interface OnTree {
  readonly change: Change;
  readonly written: ReadonlyMap<string, string | undefined>;
}

function onTree(patch: Patch, read: ReadTree): OnTree {
  const notes = notesOf(patch.document);
  const lines = patch.files.reduce(
    (sum, file) => sum + file.hunks.reduce((all, hunk) => all + hunk.lines.length, 0),
    0,
  );
  const budget = { left: searchBudget + 100 * lines };
  const written = new Map<string, string | undefined>();
  const files = startJoin();
  const looked = patch.files.filter((file) => usable(file, notes));
  for (const file of looked) {
    if (otherKind(pathOf(file)) !== undefined) continue;
    const changed = changedFile(file, { patch, read: readFor(file, written, read), notes, budget });
    if (changed === undefined) continue;
    const { after } = changed;
    const gone = pathTakenAway(changed);
    if (gone !== undefined) written.set(gone, undefined);
    if (after !== undefined) written.set(after.path, after.text);
    join(files, changed);
  }
  return {
    change: {
      patches: [patch],
      files: joinedFiles(files),
      notLookedAt: groupedByKind(looked.map(pathOf)),
      problems: notes.problems,
    },
    written,
  };
}

/** The tree as earlier files of the patch left it; a rename reads what another one took away, as git does. */
function readFor(
  file: FilePatch,
  written: ReadonlyMap<string, string | undefined>,
  read: ReadTree,
): ReadTree {
  const moves = file.kind === 'rename' || file.kind === 'copy';
  return (path) => {
    const own = written.get(path);
    if (own !== undefined) return own;
    return written.has(path) && !(moves && path === file.oldPath) ? undefined : read(path);
  };
}

/** Changes put on top of each other, by the path after them. */
interface Join {
  readonly byPath: Map<string, ChangedFile>;
  readonly deleted: ChangedFile[];
}

function startJoin(): Join {
  return { byPath: new Map(), deleted: [] };
}

function joinedFiles({ byPath, deleted }: Join): readonly ChangedFile[] {
  return [...byPath.values(), ...deleted];
}

function join({ byPath, deleted }: Join, file: ChangedFile): void {
  const earlier = file.before === undefined ? undefined : byPath.get(file.before.path);
  const both = earlier === undefined ? file : onTop(earlier, file);
  const gone = pathTakenAway(file);
  if (gone !== undefined) byPath.delete(gone);
  if (both.after !== undefined) byPath.set(both.after.path, both);
  else if (pathTakenAway(both) !== undefined) deleted.push(both);
}

function onTop(first: ChangedFile, second: ChangedFile): ChangedFile {
  return {
    before: first.before,
    after: second.after,
    map: composed(first.map, second.map),
    filePatches: [...first.filePatches, ...second.filePatches],
    placements: [...first.placements, ...second.placements],
    extent: 'whole',
    seen: [],
  };
}
