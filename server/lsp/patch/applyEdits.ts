import type { ChangedFile, SeriesChange } from '../../patch/change.ts';
import type { ApplyEdits, FileEdit } from '../messages.ts';
import { problemText } from './patchDiagnostics.ts';

/**
 * The edits that make the files of the tree what they are after a patch, or after the whole series for null.
 * Where something does not apply there are no edits: half a patch is worse than none.
 */
export function applyEdits(
  change: SeriesChange,
  patch: number | null,
  uriOf: (path: string) => string,
): ApplyEdits | null {
  const wanted = patch === null ? change.whole : change.patches[patch];
  if (wanted === undefined) return null;
  const problems = wanted.problems
    .filter(({ severity }) => severity === 'error')
    .map((problem) => ({ text: problemText(problem), line: problem.line - 1 }));
  return {
    files: problems.length > 0 ? [] : wanted.files.map((file) => fileEdit(file, uriOf)),
    problems,
    leftOut: wanted.notLookedAt.flatMap(({ paths }) => paths),
  };
}

function fileEdit(file: ChangedFile, uriOf: (path: string) => string): FileEdit {
  const { before, after } = file;
  return {
    before: before === undefined ? null : uriOf(before.path),
    after: after === undefined ? null : uriOf(after.path),
    edits: after === undefined ? [] : editsOf(before?.text ?? '', after.text, file),
  };
}

/** Replaces what lies between the lines that stay. */
function editsOf(before: string, after: string, { map }: ChangedFile): FileEdit['edits'] {
  const [old, now] = [linesOf(before), linesOf(after)];
  const edits: { range: FileEdit['edits'][number]['range']; text: string }[] = [];
  let from = { before: 0, after: 0 };
  const end = { before: old.length + 1, after: now.length + 1, length: 0 };
  for (const kept of [...map.kept, end]) {
    const to = { before: kept.before - 1, after: kept.after - 1 };
    const text = now.slice(from.after, to.after).join('');
    if (old.slice(from.before, to.before).join('') !== text) {
      const range = {
        start: { line: from.before, character: 0 },
        end: endOf(old, to.before),
      };
      edits.push({ range, text });
    }
    from = { before: to.before + kept.length, after: to.after + kept.length };
  }
  return edits;
}

/** Lines with their line ends. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The start of a line; behind the last one where the text does not end in a newline. */
function endOf(lines: readonly string[], line: number): { line: number; character: number } {
  const last = lines[line - 1];
  return line === lines.length && last?.endsWith('\n') === false
    ? { line: line - 1, character: last.length }
    : { line, character: 0 };
}
