import {
  FoldingRangeKind,
  SymbolKind,
  type DocumentSymbol,
  type FoldingRange,
} from 'vscode-languageserver/node';
import type { FilePatch, Hunk, Patch, PatchSeries } from '../../patch/patch.ts';
import { lineRange } from './lines.ts';

/** Patches, their files and their hunks, as a tree: breadcrumbs, outline, jumps. */
export function outlineOf({ patches }: PatchSeries, lines: readonly string[]): DocumentSymbol[] {
  const inOrder = patches.toSorted((a, b) => a.line - b.line);
  return inOrder.flatMap((patch, i) => {
    const last = (inOrder[i + 1]?.line ?? lines.length + 1) - 1;
    const files = filesOf(patch, lines, last);
    // A bare diff is its files.
    if (patch.subject === undefined && inOrder.length === 1) return files;
    return [
      symbol(patch.subject ?? patch.name, '', SymbolKind.Package, lines, patch.line, last, files),
    ];
  });
}

/** What can be folded: each file, each hunk. */
export function foldsOf(series: PatchSeries, lines: readonly string[]): FoldingRange[] {
  const fold = ({ range, children = [] }: DocumentSymbol): FoldingRange[] => [
    { startLine: range.start.line, endLine: range.end.line, kind: FoldingRangeKind.Region },
    ...children.flatMap(fold),
  ];
  return outlineOf(series, lines)
    .flatMap(fold)
    .filter(({ startLine, endLine }) => endLine > startLine);
}

function filesOf({ files }: Patch, lines: readonly string[], last: number): DocumentSymbol[] {
  return files.map((file, i) => {
    const end = lastLineOf(file, (files[i + 1]?.line ?? last + 1) - 1);
    const name = file.newPath ?? file.oldPath ?? '';
    const hunks = file.hunks.map((hunk) =>
      symbol(
        hunkName(hunk),
        countsOf(hunk),
        SymbolKind.Module,
        lines,
        hunk.line,
        lastLineOfHunk(hunk),
        [],
      ),
    );
    return symbol(name, kindOf(file), SymbolKind.File, lines, file.line, end, hunks);
  });
}

/** A file ends with its last hunk: behind it may stand a signature, or the next mail. */
function lastLineOf({ hunks }: FilePatch, most: number): number {
  const last = hunks.at(-1);
  return last === undefined ? most : lastLineOfHunk(last);
}

/** 1-based last line of a hunk in the document. */
export function lastLineOfHunk({ line, lines }: Hunk): number {
  return lines.at(-1)?.line ?? line;
}

const hunkName = ({ section, oldStart, newStart }: Hunk): string =>
  section === '' ? `@@ -${oldStart} +${newStart} @@` : section;

const countsOf = ({ lines }: Hunk): string => {
  const added = lines.filter(({ kind }) => kind === 'added').length;
  const removed = lines.filter(({ kind }) => kind === 'removed').length;
  return `+${added} −${removed}`;
};

const kindOf = ({ kind, oldPath }: FilePatch): string => {
  switch (kind) {
    case 'modify':
      return '';
    case 'create':
      return 'new file';
    case 'delete':
      return 'deleted';
    case 'rename':
      return `renamed from ${oldPath ?? ''}`;
    case 'copy':
      return `copied from ${oldPath ?? ''}`;
    case 'mode':
      return 'mode only';
    case 'binary':
      return 'binary, not looked at';
  }
};

function symbol(
  name: string,
  detail: string,
  kind: SymbolKind,
  lines: readonly string[],
  first: number,
  last: number,
  children: DocumentSymbol[],
): DocumentSymbol {
  const head = lineRange(lines, first);
  const end = lineRange(lines, Math.max(first, last)).end;
  return {
    // Editors refuse an empty name.
    name: name === '' ? '(no name)' : name,
    detail,
    kind,
    range: { start: { line: head.start.line, character: 0 }, end },
    selectionRange: head,
    children,
  };
}
