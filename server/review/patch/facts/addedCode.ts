import type { FlowPlace } from '../../../flow/facts.ts';
import type { ChangedFile } from '../../../patch/change.ts';
import { lineIndex } from '../../../text/lineIndex.ts';

/** One line that a patch adds to a file, as code. */
export interface AddedLine {
  /** 1-based line of the file after the patch. */
  readonly line: number;
  readonly text: string;
  /** Offset of the first unit in the file after the patch. */
  readonly start: number;
}

/** The after side of a changed file, with what the patch adds to it. */
export interface AddedCode {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly added: readonly AddedLine[];
  /** A stretch of the text, with its line and the function around it. */
  placeAt(start: number, length: number): FlowPlace;
}

/** The added lines of a file; undefined where there is none after the patch. Lines of comments are left out. */
export function addedCode(file: ChangedFile): AddedCode | undefined {
  const { after } = file;
  if (after === undefined) return undefined;
  const { path, text } = after;
  const index = lineIndex(text);
  const lines = text.split('\n');
  const comments = commentLines(lines);
  const added = file.map.lines.flatMap(({ kind, after: line }): AddedLine[] =>
    kind !== 'added' || line === undefined || comments.has(line)
      ? []
      : [{ line, text: lines[line - 1] ?? '', start: index.lineStart(line) }],
  );
  return {
    path,
    text,
    lines,
    added,
    placeAt: (start, length) => {
      const { line } = index.position(start);
      return {
        file: path,
        span: { start, end: start + length },
        line,
        function: functionAround(lines, line),
      };
    },
  };
}

/** 1-based numbers of lines that begin inside of a block comment, or are one. */
function commentLines(lines: readonly string[]): ReadonlySet<number> {
  const numbers = new Set<number>();
  let inside = false;
  for (const [i, line] of lines.entries()) {
    if (inside || /^\s*(?:\/\*|\/\/)/.test(line)) numbers.add(i + 1);
    const open = line.lastIndexOf('/*');
    const close = line.lastIndexOf('*/');
    if (open > close) inside = true;
    else if (close > open) inside = false;
  }
  return numbers;
}

/** Name of the function whose body holds a 1-based line, by the kernel's layout: braces of a body in the first column. */
export function functionAround(lines: readonly string[], line: number): string {
  for (let i = line - 1; i >= 0; i--) {
    const text = lines[i]!;
    if (text.startsWith('}') && i < line - 1) return '';
    if (!text.startsWith('{')) continue;
    const head: string[] = [];
    for (let j = i - 1; j >= 0 && j > i - 12; j--) {
      head.unshift(lines[j]!);
      const name = /\b([A-Za-z_]\w*)\s*\([^;{}]*$/.exec(head.join('\n'))?.[1];
      if (name !== undefined && /^[A-Za-z_]/.test(lines[j]!)) return name;
    }
    return '';
  }
  return '';
}
