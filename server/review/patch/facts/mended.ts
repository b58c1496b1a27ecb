import type { MendedFact } from '../../../checkers/patchChecker.ts';
import type { ChangedFile } from '../../../patch/change.ts';
import { lineIndex } from '../../../text/lineIndex.ts';
import type { ChangeFinding } from '../seriesReview.ts';

/** Names the newest commit that brought some lines of the tree before the series: `1f2e3d4c5b6a ("subject")`. */
export type CommitOfLines = (path: string, lines: readonly number[]) => string | undefined;

/** Defects that a patch mends, with a line of the file after it to speak about. */
export function mended(
  fixed: readonly ChangeFinding[],
  files: readonly ChangedFile[],
  commitOf: CommitOfLines | undefined,
): MendedFact[] {
  return fixed.flatMap((finding): MendedFact[] => {
    // What an earlier patch of the series broke was never released.
    if (finding.severity === 'info' || finding.introducedIn !== undefined) return [];
    const file = files.find(({ before }) => before?.path === finding.file);
    const after = file?.after;
    if (file === undefined || after === undefined) return [];
    const line = nearestAfter(file, finding.range.start.line);
    const index = lineIndex(after.text);
    const start = index.lineStart(line);
    const text = after.text.slice(start, index.lineStart(line + 1)).trimEnd();
    const indent = text.length - text.trimStart().length;
    const span = { start: start + indent, end: start + Math.max(indent + 1, text.length) };
    return [
      {
        rule: finding.rule,
        function: finding.function,
        place: { file: after.path, span, line, function: finding.function },
        introducedBy: commitOf?.(finding.file, [
          finding.range.start.line,
          ...finding.related
            .filter((step) => step.file === finding.file)
            .map((step) => step.range.start.line),
        ]),
      },
    ];
  });
}

/** The line of the file after the patch, shown by the patch, that stands nearest to a line before it. */
function nearestAfter(file: ChangedFile, before: number): number {
  let best = file.map.toAfter(before) ?? 1;
  let distance = Infinity;
  let last = 0;
  for (const { before: old, after } of file.map.lines) {
    if (old !== undefined) last = old;
    if (after === undefined || Math.abs(last - before) >= distance) continue;
    distance = Math.abs(last - before);
    best = after;
  }
  return best;
}
