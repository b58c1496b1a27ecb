import { applyHunks, type Applied } from './apply/applyFile.ts';
import { composed, lineMap } from './apply/lineMap.ts';
import { reversed } from './apply/reverse.ts';
import { textLines } from './apply/pattern.ts';
import type { Change, ChangedFile, FileText, ReadTree, SeriesChange } from './change.ts';
import { unsafePath } from './diff/paths.ts';
import { groupedByKind, otherKind } from './fileKinds.ts';
import { notesOf, type Notes } from './notes.ts';
import type { FilePatch, Patch } from './patch.ts';

/** Applies one patch to a tree, in memory. Files that do not apply are problems; the others are changed. */
export function changeOf(patch: Patch, read: ReadTree): Change {
  return onTree(patch, read).change;
}

/** Applies patches one on top of the other, in memory. */
export function seriesChange(patches: readonly Patch[], read: ReadTree): SeriesChange {
  const overlay = new Map<string, string | undefined>();
  const reading: ReadTree = (path) => (overlay.has(path) ? overlay.get(path) : read(path));
  const each: Change[] = [];
  let all: ReadonlyMap<string, ChangedFile> = new Map();
  const gone: ChangedFile[] = [];
  for (const patch of patches) {
    const { change, written } = onTree(patch, reading);
    each.push(change);
    for (const [path, text] of written) overlay.set(path, text);
    all = joined(all, change.files, gone);
  }
  const others = patches.flatMap((patch) => patch.files.map(pathOf));
  return {
    patches: each,
    whole: {
      patches,
      files: [...all.values(), ...gone],
      notLookedAt: groupedByKind(others.filter((path) => unsafePath(path) === undefined)),
      problems: each.flatMap((change) => change.problems),
    },
  };
}

/** A change, and every text it wrote, in order: undefined for a path that is gone. */
interface OnTree {
  readonly change: Change;
  readonly written: ReadonlyMap<string, string | undefined>;
}

function onTree(patch: Patch, read: ReadTree): OnTree {
  const notes = notesOf(patch.document);
  const written = new Map<string, string | undefined>();
  const looked = patch.files.filter((file) => usable(file, notes));
  let files: ReadonlyMap<string, ChangedFile> = new Map();
  const gone: ChangedFile[] = [];
  for (const file of looked) {
    if (otherKind(pathOf(file)) !== undefined) continue;
    const source = (path: string): string | undefined => {
      const own = written.get(path);
      // A rename reads what stood there before the patch, although another file of the patch took it away.
      if (own === undefined && written.has(path) && file.kind !== 'rename' && file.kind !== 'copy')
        return undefined;
      return own ?? read(path);
    };
    const changed = changedFile(file, patch, source, notes);
    if (changed === undefined) continue;
    if (
      changed.before !== undefined &&
      changed.before.path !== changed.after?.path &&
      file.kind !== 'copy'
    )
      written.set(changed.before.path, undefined);
    if (changed.after !== undefined) written.set(changed.after.path, changed.after.text);
    files = joined(files, [changed], gone);
  }
  return {
    change: {
      patches: [patch],
      files: [...files.values(), ...gone],
      notLookedAt: groupedByKind(looked.map(pathOf)),
      problems: notes.problems,
    },
    written,
  };
}

function pathOf(file: FilePatch): string {
  return file.newPath ?? file.oldPath ?? '';
}

/** Whether a file of a patch may be touched at all; says why not. */
export function usable(file: FilePatch, notes: Notes): boolean {
  for (const path of [file.oldPath, file.newPath]) {
    if (path === undefined) continue;
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) {
      notes.problem(
        { line: file.line, path },
        unsafe,
        'nothing was read; patches name paths below the tree',
      );
      return false;
    }
  }
  const links = [file.oldMode, file.newMode].includes('120000');
  if (links || [file.oldMode, file.newMode].includes('160000')) {
    notes.problem(
      { line: file.line, path: pathOf(file) },
      `${shown(pathOf(file))} is a ${links ? 'symbolic link' : 'submodule'}`,
      'nothing was read; its target is not followed',
    );
    return false;
  }
  return true;
}

/** Puts further changes on top of those of other patches, by path. `gone` collects the deleted files. */
function joined(
  earlier: ReadonlyMap<string, ChangedFile>,
  files: readonly ChangedFile[],
  gone: ChangedFile[],
): ReadonlyMap<string, ChangedFile> {
  const all = new Map(earlier);
  for (const file of files) {
    const previous = file.before === undefined ? undefined : earlier.get(file.before.path);
    const both = previous === undefined ? file : onTop(previous, file);
    const copied = file.filePatches.at(-1)?.kind === 'copy';
    if (file.before !== undefined && file.before.path !== file.after?.path && !copied)
      all.delete(file.before.path);
    if (both.after !== undefined) all.set(both.after.path, both);
    else if (both.before !== undefined) gone.push(both);
  }
  return all;
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

function changedFile(
  file: FilePatch,
  patch: Patch,
  source: ReadTree,
  notes: Notes,
): ChangedFile | undefined {
  const path = pathOf(file);
  const at = { line: file.line, path };
  const fail = (reason: string, help?: string): undefined => {
    notes.problem(at, `${shown(path)}: ${reason}`, help ?? remedy(patch));
    return undefined;
  };
  if (file.kind === 'binary') {
    fail('a binary patch: not looked at', 'look at the file itself');
    return;
  }
  if (file.kind === 'create') {
    const fresh = applied(file, '', patch, notes);
    if (fresh === undefined) return undefined;
    const existing = source(path);
    if (existing !== undefined && existing !== fresh.text) {
      fail('the patch creates it, but the tree has such a file with another text');
      return;
    }
    if (existing !== undefined)
      notes.warning(at, `${shown(path)}: the tree has this new file already`);
    return outcome(file, undefined, { path, text: fresh.text }, fresh);
  }
  const from = file.oldPath ?? path;
  const text = source(from);
  if (text === undefined) return withoutOld(file, patch, source, notes);
  const target = file.kind === 'rename' || file.kind === 'copy' ? source(path) : undefined;
  if (target !== undefined && path !== from) {
    fail(
      `the patch ${file.kind === 'rename' ? 'renames' : 'copies'} ${shown(from)} to it, but the tree has such a file`,
    );
    return;
  }
  const next = applyHunks(file, text);
  if (next.ok) {
    if (file.kind === 'delete' && next.text !== '') {
      fail(
        `the patch deletes it, but ${textLines(next.text).length} lines of the file are not in the patch`,
      );
      return;
    }
    warn(next, at, notes);
    return outcome(
      file,
      { path: from, text },
      file.kind === 'delete' ? undefined : { path, text: next.text },
      next,
    );
  }
  const undone = applyHunks(reversed(file), text);
  if (undone.ok) {
    const again = applyHunks(file, undone.text);
    if (again.ok) {
      notes.warning(
        at,
        `${shown(path)}: the tree has this change already; the text before it was made by taking the patch back`,
      );
      return outcome(file, { path: from, text: undone.text }, { path, text }, again);
    }
  }
  report(file, next, patch, notes);
  return undefined;
}

/** The file that a patch changes is not there: deleted or renamed already, or another tree. */
function withoutOld(
  file: FilePatch,
  patch: Patch,
  source: ReadTree,
  notes: Notes,
): ChangedFile | undefined {
  const path = pathOf(file);
  const at = { line: file.line, path };
  const renamed = file.kind === 'rename' ? source(path) : undefined;
  if (renamed !== undefined) {
    const undone = applyHunks(reversed(file), renamed);
    const again = undone.ok ? applyHunks(file, undone.text) : undone;
    if (undone.ok && again.ok) {
      notes.warning(
        at,
        `${shown(path)}: the tree has this rename already; the text before it was made by taking the patch back`,
      );
      return outcome(
        file,
        { path: file.oldPath!, text: undone.text },
        { path, text: renamed },
        again,
      );
    }
  }
  notes.problem(
    at,
    file.kind === 'delete'
      ? `${shown(path)}: the patch deletes it, but the tree has no such file`
      : `${shown(file.oldPath ?? path)}: no such file in the tree`,
    remedy(patch),
  );
  return undefined;
}

function applied(
  file: FilePatch,
  text: string,
  patch: Patch,
  notes: Notes,
): (Applied & { ok: true }) | undefined {
  const result = applyHunks(file, text);
  if (result.ok) return result;
  report(file, result, patch, notes);
  return undefined;
}

function report(
  file: FilePatch,
  result: Applied & { ok: false },
  patch: Patch,
  notes: Notes,
): void {
  const path = pathOf(file);
  const { failure } = result;
  const hunk = file.hunks[failure.hunk - 1];
  const head = hunk === undefined ? '' : ` (@@ -${hunk.oldStart},${hunk.oldCount})`;
  notes.problem(
    { line: failure.line, path, hunk: failure.hunk },
    `hunk ${failure.hunk} of ${path.slice(path.lastIndexOf('/') + 1)}${head} ${failure.reason}`,
    remedy(patch),
  );
}

function warn(
  result: Applied & { ok: true },
  at: { line: number; path: string },
  notes: Notes,
): void {
  for (const [index, { hunk, fuzz, match }] of result.placements.entries()) {
    const where = { line: hunk.line, path: at.path, hunk: index + 1 };
    if (match === 'whitespace' || match === 'blank-lines')
      notes.warning(
        where,
        `hunk ${index + 1} of ${at.path} fits only when white space is not compared`,
      );
    if (fuzz > 0)
      notes.warning(
        where,
        `hunk ${index + 1} of ${at.path} fits only without ${fuzz} ${fuzz === 1 ? 'line' : 'lines'} of context at its ends`,
      );
  }
}

function outcome(
  file: FilePatch,
  before: FileText | undefined,
  after: FileText | undefined,
  result: Applied & { ok: true },
): ChangedFile {
  return {
    before,
    after,
    map: after === undefined ? lineMap([], result.map.lines) : result.map,
    filePatches: [file],
    placements: result.placements,
    extent: 'whole',
    seen: [],
  };
}

function remedy(patch: Patch): string {
  return patch.baseCommit === undefined
    ? 'use the tree that the patch was made for, or rebase it'
    : `use the tree at base-commit ${patch.baseCommit.slice(0, 12)}, or rebase it`;
}

function shown(path: string): string {
  return path.length > 200 ? path.slice(0, 199) + '…' : path;
}
