import type { DocumentLink } from 'vscode-languageserver/node';
import type { FilePatch, PatchSeries } from '../../patch/patch.ts';

/** What links need to know about the tree. */
export interface LinkTargets {
  /** URI of a file of the tree; undefined where there is none. */
  file(path: string): string | undefined;
}

/** From `---`, `+++` and the `@@` lines to the file in the tree, as it is on disk. */
export function linksOf(
  { patches }: PatchSeries,
  lines: readonly string[],
  targets: LinkTargets,
): DocumentLink[] {
  return patches.flatMap(({ files }) =>
    files.flatMap((file) => {
      const uri = targets.file(file.oldPath ?? file.newPath ?? '');
      return uri === undefined ? [] : linksOfFile(file, lines, uri);
    }),
  );
}

function linksOfFile(file: FilePatch, lines: readonly string[], uri: string): DocumentLink[] {
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
  for (const { line, oldStart } of file.hunks) {
    const text = lines[line - 1] ?? '';
    const match = /@@ .*? @@/.exec(text);
    if (match === null) continue;
    const target = `${uri}#L${Math.max(1, oldStart)}`;
    links.push(link(line, match.index, match.index + match[0].length, target, `Open line ${oldStart} before the patch`)); // prettier-ignore
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
