import type { DocumentLink } from 'vscode-languageserver/node';
import type { SeriesChange } from '../../patch/change.ts';
import type { FilePatch, Hunk } from '../../patch/patch.ts';
import type { PatchAnswer } from './patches.ts';
import { placeInTree } from './placeInTree.ts';

/** What links need to know about the tree. */
export interface LinkTargets {
  /** URI of a file of the tree; undefined where there is none. */
  file(path: string): string | undefined;
}

/** From `---`, `+++` and the `@@` lines to the file in the tree, as it is before the series. */
export function linksOf(
  { series, change, lines }: Pick<PatchAnswer, 'series' | 'change' | 'lines'>,
  targets: LinkTargets,
): DocumentLink[] {
  return series.patches.flatMap(({ files }, patch) =>
    files.flatMap((file) => {
      const path = file.oldPath ?? file.newPath ?? '';
      const inTree = placeInTree(change, { patch, side: 'before' }, { path, line: 1 });
      const uri = targets.file(inTree?.path ?? path) ?? targets.file(path);
      const links = { lines, startOf: (hunk: Hunk) => startOf(hunk, file, patch, change) };
      return uri === undefined ? [] : linksOfFile(file, uri, links);
    }),
  );
}

/** The line of the tree at which a hunk was found: not always the one that it names, and earlier patches have moved it. */
function startOf(
  hunk: Hunk,
  { document, oldPath }: FilePatch,
  patch: number,
  change: SeriesChange,
): number {
  const file = change.patches[patch]?.files.find(({ before }) => before?.path === oldPath);
  for (const { line } of hunk.lines) {
    const before = file?.map.ofDocument({ document, line })?.before;
    if (before === undefined || oldPath === undefined) continue;
    const place = placeInTree(change, { patch, side: 'before' }, { path: oldPath, line: before });
    if (place !== undefined) return place.line;
  }
  return Math.max(1, hunk.oldStart);
}

function linksOfFile(
  file: FilePatch,
  uri: string,
  { lines, startOf }: { lines: readonly string[]; startOf: (hunk: Hunk) => number },
): DocumentLink[] {
  const links: DocumentLink[] = [];
  const firstHunk = file.hunks[0]?.line ?? file.line;
  for (const path of new Set([file.oldPath, file.newPath])) {
    if (path === undefined) continue;
    for (let line = file.line; line < firstHunk; line++) {
      const text = lines[line - 1] ?? '';
      if (!/(?:---|\+\+\+) /.test(text)) continue;
      const at = text.indexOf(path);
      if (at >= 0) links.push(link(line, at, at + path.length, uri, `Open ${path}`));
    }
  }
  for (const hunk of file.hunks) {
    const match = /@@ .*? @@/.exec(lines[hunk.line - 1] ?? '');
    if (match === null) continue;
    const start = startOf(hunk);
    const end = match.index + match[0].length;
    links.push(link(hunk.line, match.index, end, `${uri}#L${start}`, `Open line ${start} before the patch`)); // prettier-ignore
  }
  return links;
}

const link = (
  line: number,
  from: number,
  to: number,
  target: string,
  tooltip: string,
): DocumentLink => ({
  range: { start: { line: line - 1, character: from }, end: { line: line - 1, character: to } },
  target,
  tooltip,
});
