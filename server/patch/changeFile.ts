import { applyHunks, type Applied } from './apply/applyFile.ts';
import { strict, tolerant } from './apply/options.ts';
import type { SearchBudget } from './apply/locate.ts';
import { textLines } from './apply/pattern.ts';
import { reversed } from './apply/reverse.ts';
import type { ChangedFile, FileText, ReadTree } from './change.ts';
import type { Notes } from './notes.ts';
import type { FilePatch, Patch } from './patch.ts';
import { pathOf, shownPath } from './usable.ts';

type Succeeded = Extract<Applied, { ok: true }>;
type Failed = Exclude<Applied, { ok: true }>;

/** Where one file of a patch meets the tree. */
export interface FileContext {
  readonly patch: Patch;
  readonly read: ReadTree;
  readonly notes: Notes;
  readonly budget: SearchBudget;
}

/** What one file patch does to the tree; undefined, with a problem, where it does not fit. */
export function changedFile(file: FilePatch, context: FileContext): ChangedFile | undefined {
  const { read, notes, budget } = context;
  const path = pathOf(file);
  const at = { line: file.line, path };
  if (file.kind === 'binary') return refused(file, context, 'a binary patch: not looked at');
  if (file.kind === 'create') return createdFile(file, context);
  const from = file.oldPath ?? path;
  const text = read(from);
  if (text === undefined) return withoutOld(file, context);
  if (path !== from && read(path) !== undefined)
    return refused(
      file,
      context,
      `the patch ${file.kind === 'copy' ? 'copies' : 'renames'} ${shownPath(from)} to it, but the tree has such a file`,
    );

  const next = applyHunks(file, text, tolerant, budget);
  // Lines that are there already can be added once more where context is left out: as patch(1), look back first.
  const isFuzzy = next.ok && next.placements.some(({ fuzz }) => fuzz > 0);
  const back = isFuzzy || !next.ok || allPresent(next) ? takenBack(file, text, budget) : undefined;
  if (next.ok && !allPresent(next) && back === undefined) {
    const rest = textLines(next.text).length;
    if (file.kind === 'delete' && rest > 0)
      return refused(
        file,
        context,
        `the patch deletes it, but ${rest} ${rest === 1 ? 'line of the file is' : 'lines of the file are'} not in the patch`,
      );
    nameTolerance(next, file, notes);
    const after = file.kind === 'delete' ? undefined : { path, text: next.text };
    return outcome(file, { path: from, text }, after, next);
  }
  if (back !== undefined) {
    notes.warning(
      at,
      `${shownPath(path)}: the tree has this change already; the text before it was made by taking the patch back`,
    );
    return outcome(file, { path: from, text: back.before }, { path, text }, back.again);
  }
  if (next.ok)
    return refused(file, context, 'the tree has this change already, and it cannot be taken back');
  return unplaced(file, next, context);
}

function createdFile(file: FilePatch, context: FileContext): ChangedFile | undefined {
  const path = pathOf(file);
  const fresh = applyHunks(file, '', tolerant, context.budget);
  if (!fresh.ok) return unplaced(file, fresh, context);
  const existing = context.read(path);
  if (existing !== undefined && existing !== fresh.text)
    return refused(
      file,
      context,
      'the patch creates it, but the tree has such a file with another text',
    );
  if (existing !== undefined)
    context.notes.warning(
      { line: file.line, path },
      `${shownPath(path)}: the tree has this new file already`,
    );
  return outcome(file, undefined, { path, text: fresh.text }, fresh);
}

/** The file that a patch changes is not there: deleted or renamed already, or another tree. */
function withoutOld(file: FilePatch, context: FileContext): ChangedFile | undefined {
  const path = pathOf(file);
  const renamed = file.kind === 'rename' ? context.read(path) : undefined;
  const back = renamed === undefined ? undefined : takenBack(file, renamed, context.budget);
  if (renamed !== undefined && back !== undefined) {
    context.notes.warning(
      { line: file.line, path },
      `${shownPath(path)}: the tree has this rename already; the text before it was made by taking the patch back`,
    );
    return outcome(
      file,
      { path: file.oldPath!, text: back.before },
      { path, text: renamed },
      back.again,
    );
  }
  return refused(file, context, `no such file in the tree: ${shownPath(file.oldPath ?? path)}`);
}

/** Whether no hunk changes anything. */
function allPresent(result: Succeeded): boolean {
  return (
    result.placements.length > 0 && result.placements.every(({ match }) => match === 'present')
  );
}

/** The text before a patch that a tree has already. */
function takenBack(
  file: FilePatch,
  text: string,
  budget: SearchBudget,
): { before: string; again: Succeeded } | undefined {
  const undone = applyHunks(reversed(file), text, strict, budget);
  const again = undone.ok ? applyHunks(file, undone.text, strict, budget) : undone;
  return undone.ok && again.ok && again.text === text ? { before: undone.text, again } : undefined;
}

function refused(
  file: FilePatch,
  { patch, notes }: FileContext,
  reason: string,
): ChangedFile | undefined {
  const path = shownPath(pathOf(file));
  notes.problem({ line: file.line, path }, `${path}: ${reason}`, remedy(patch));
  return undefined;
}

function unplaced(
  file: FilePatch,
  { failure }: Failed,
  { patch, notes }: FileContext,
): ChangedFile | undefined {
  const path = pathOf(file);
  const hunk = file.hunks[failure.hunk - 1]!;
  // The one who read the patch has said so already.
  if (hunk.missing?.why === 'cut' || hunk.missing?.why === 'unreadable') return undefined;
  const name = shownPath(path.slice(path.lastIndexOf('/') + 1));
  notes.problem(
    { line: failure.line, path: shownPath(path), hunk: failure.hunk },
    `hunk ${failure.hunk} of ${name} (@@ -${hunk.oldStart},${hunk.oldCount}) ${failure.reason}`,
    remedy(patch),
  );
  return undefined;
}

/** Says where a hunk fits only because something was overlooked. */
function nameTolerance(result: Succeeded, file: FilePatch, notes: Notes): void {
  for (const [index, { hunk, fuzz, match }] of result.placements.entries()) {
    const path = shownPath(pathOf(file));
    const at = { line: hunk.line, path, hunk: index + 1 };
    const name = `hunk ${index + 1} of ${path.slice(path.lastIndexOf('/') + 1)}`;
    if (match === 'present') notes.warning(at, `${name} is in the tree already`);
    if (match === 'whitespace' || match === 'blank-lines')
      notes.warning(at, `${name} fits only when white space is not compared`);
    if (fuzz > 0)
      notes.warning(
        at,
        `${name} fits only without ${fuzz} ${fuzz === 1 ? 'line' : 'lines'} of context at its ends`,
      );
  }
}

function outcome(
  file: FilePatch,
  before: FileText | undefined,
  after: FileText | undefined,
  result: Succeeded,
): ChangedFile {
  return {
    before,
    after,
    map: result.map,
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
