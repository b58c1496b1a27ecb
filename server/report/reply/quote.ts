import type { FilePatch, Hunk, HunkLine, Patch } from '../../patch/patch.ts';

/** Lines of a patch that a comment stands below. */
export interface QuotedPlace {
  /** 1-based line of the document. */
  readonly line: number;
}

/** Lines before the commented one that are quoted. */
const linesBefore = 6;
/** Lines after it, while the statement goes on. */
const linesAfter = 3;

const marks = { context: ' ', added: '+', removed: '-' } as const;

/** Quotes what leads to places of one patch, in the patch's order; what is left out in between is marked. */
export function quoteFor(patch: Patch): {
  /** The lines down to a place; what an earlier call quoted is not repeated. Calls go down the patch. */
  downTo(place: QuotedPlace): string[];
} {
  let lastFile: FilePatch | undefined;
  let lastHunk: Hunk | undefined;
  let lastLine = 0;
  return {
    downTo({ line }) {
      const file = patch.files.findLast((each) => each.line <= line) ?? patch.files[0];
      if (file === undefined) return [];
      const quoted: string[] = [];
      if (file !== lastFile) {
        quoted.push(`> +++ ${file.newPath === undefined ? '/dev/null' : `b/${file.newPath}`}`);
        lastFile = file;
        lastHunk = undefined;
      }
      const hunk = file.hunks.findLast((each) => each.line <= line);
      if (hunk === undefined) return quoted;
      if (hunk !== lastHunk) {
        quoted.push(`> ${headerOf(hunk)}`);
        lastHunk = hunk;
        lastLine = hunk.line;
      }
      const at = hunk.lines.findLastIndex((each) => each.line <= line);
      if (at < 0) return quoted;
      const last = endOfStatement(hunk.lines, at);
      const first = Math.max(0, at - linesBefore);
      const wanted = hunk.lines.slice(first, last + 1).filter((each) => each.line > lastLine);
      const skipped = hunk.lines.filter((each) => each.line > lastLine && each.line < (wanted[0]?.line ?? 0)); // prettier-ignore
      if (skipped.length > 0) quoted.push('> [...]');
      quoted.push(...wanted.map((each) => `> ${marks[each.kind]}${each.text}`));
      lastLine = Math.max(lastLine, wanted.at(-1)?.line ?? 0);
      return quoted;
    },
  };
}

const headerOf = ({ oldStart, oldCount, newStart, newCount, section }: Hunk): string =>
  `@@ -${oldStart},${oldCount} +${newStart},${newCount} @@${section === '' ? '' : ` ${section}`}`;

function endOfStatement(lines: readonly HunkLine[], from: number): number {
  for (let i = from; i < Math.min(lines.length, from + 1 + linesAfter); i++) {
    if (/[;{}:]\s*$/.test(lines[i]!.text)) return i;
  }
  return from;
}
