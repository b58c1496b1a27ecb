import type { Kept } from '../../patch/apply/lineMap.ts';
import { pathTakenAway, type Change, type ChangedFile, type ReadTree } from '../../patch/change.ts';
import { lineIndex } from '../../text/lineIndex.ts';
import type { ApplyEdits, FileEdit } from '../messages.ts';
import { wireRange } from '../places.ts';
import { problemText } from './patchDiagnostics.ts';

/**
 * The edits that make the files of the tree what they are after a change. `read` gives them as they are now, which is
 * not always the text before the change: some of it may be there already.
 * Where something does not apply there are no edits: half a patch is worse than none.
 */
export function applyEdits(
  change: Change,
  read: ReadTree,
  uriOf: (path: string) => string,
): ApplyEdits {
  const problems = change.problems
    .filter(({ severity }) => severity === 'error')
    .map((problem) => ({ text: problemText(problem), line: problem.line - 1 }));
  return {
    files: problems.length > 0 ? [] : fileEdits(change.files, read, uriOf),
    problems,
    leftOut: change.notLookedAt.flatMap(({ paths }) => paths),
  };
}

function fileEdits(
  files: readonly ChangedFile[],
  read: ReadTree,
  uriOf: (path: string) => string,
): FileEdit[] {
  const paths = new Set(files.flatMap(({ after }) => after?.path ?? []));
  const gone = new Set(files.flatMap((file) => pathTakenAway(file) ?? []).filter((path) => !paths.has(path))); // prettier-ignore
  const written = files.flatMap((file): FileEdit[] => {
    const { before, after, map } = file;
    if (after === undefined) return [];
    const uri = uriOf(after.path);
    const now = read(after.path);
    if (now !== undefined) {
      const isOwn = before?.path === after.path && before.text === now;
      const edits = editsOf(now, after.text, isOwn ? map.kept : commonEnds(now, after.text));
      return edits.length === 0 ? [] : [{ before: uri, after: uri, edits }];
    }
    const moves =
      before !== undefined && gone.has(before.path) && read(before.path) === before.text;
    if (!moves) return [{ before: null, after: uri, edits: editsOf('', after.text, []) }];
    gone.delete(before.path);
    return [{ before: uriOf(before.path), after: uri, edits: editsOf(before.text, after.text, map.kept) }]; // prettier-ignore
  });
  const left = [...gone].filter((path) => read(path) !== undefined);
  return [...written, ...left.map((path) => ({ before: uriOf(path), after: null, edits: [] }))];
}

/** Replaces what lies between the lines that stay. */
function editsOf(before: string, after: string, kept: readonly Kept[]): FileEdit['edits'] {
  const [old, now] = [startsOf(before), startsOf(after)];
  // An editor also counts a carriage return alone as the end of a line.
  const index = lineIndex(before);
  const edits: { range: FileEdit['edits'][number]['range']; text: string }[] = [];
  let from = { before: 0, after: 0 };
  for (const run of [...kept, { before: old.length, after: now.length, length: 0 }]) {
    const to = { before: old[run.before - 1]!, after: now[run.after - 1]! };
    const text = after.slice(from.after, to.after);
    const span = { start: from.before, end: to.before };
    if (before.slice(span.start, span.end) !== text)
      edits.push({ range: wireRange(index.range(span)), text });
    from = {
      before: old[run.before - 1 + run.length] ?? before.length,
      after: now[run.after - 1 + run.length] ?? after.length,
    };
  }
  return edits;
}

/** The lines that two texts have in common at their beginning and at their end. */
function commonEnds(before: string, after: string): Kept[] {
  const [old, now] = [before, after].map((text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
  const most = Math.min(old!.length, now!.length);
  let top = 0;
  while (top < most && old![top] === now![top]) top++;
  let tail = 0;
  while (tail < most - top && old!.at(-1 - tail) === now!.at(-1 - tail)) tail++;
  return [
    { before: 1, after: 1, length: top },
    { before: old!.length - tail + 1, after: now!.length - tail + 1, length: tail },
  ];
}

/** Offsets of the lines of a patch, which end in newlines, and of the end of the text. */
function startsOf(text: string): number[] {
  const starts = [0];
  for (
    let at = text.indexOf('\n');
    at >= 0 && at + 1 < text.length;
    at = text.indexOf('\n', at + 1)
  )
    starts.push(at + 1);
  return text === '' ? starts : [...starts, text.length];
}
