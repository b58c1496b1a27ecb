import type { Finding, Fix, Step } from '../checkers/finding.ts';
import { type LineIndex, lineIndex } from '../text/lineIndex.ts';
import type { Identity } from './fingerprint.ts';
import type { PlacedEdit, PlacedFix, PlacedStep, ReviewedFinding } from './review.ts';

/** Texts and functions that findings point into. */
export interface Landscape {
  /** Text of a file of the tree as it was analysed; undefined when it is gone. */
  text(file: string): string | undefined;
  /** Name of the function around an offset; empty outside of any, or where unknown. */
  functionAt(file: string, offset: number): string;
}

/** Turns offsets into lines and columns. Keeps the line index of every file that it met. */
export interface Placer {
  place(finding: Finding, identity: Identity): ReviewedFinding;
  lines(file: string): LineIndex;
}

/** A {@link Placer} over some texts. */
export function placer(landscape: Landscape): Placer {
  const indices = new Map<string, LineIndex>();
  const lines = (file: string): LineIndex => {
    let index = indices.get(file);
    if (index === undefined) {
      index = lineIndex(landscape.text(file) ?? '');
      indices.set(file, index);
    }
    return index;
  };
  const placeStep = (step: Step): PlacedStep => ({
    ...step,
    range: lines(step.file).range(step.span),
    function: landscape.functionAt(step.file, step.span.start),
  });
  const placeFix = (fix: Fix): PlacedFix => {
    const edits = fix.edits.map((edit): PlacedEdit => ({
      ...edit,
      range: lines(edit.file).range(edit.span),
    }));
    const code = codeAfter(edits, landscape, lines);
    return { ...fix, edits, ...(code === undefined ? {} : { code }) };
  };
  return {
    lines,
    place: (finding, identity) => {
      const index = lines(finding.file);
      const range = index.range(finding.span);
      return {
        ...finding,
        range,
        lineText: lineAt(landscape.text(finding.file) ?? '', index, range.start.line),
        steps: finding.steps.map(placeStep),
        related: finding.related.map(placeStep),
        fixes: finding.fixes.map(placeFix),
        ...identity,
        builds: finding.build === undefined ? [] : [finding.build],
      };
    },
  };
}

/** A 1-based line without its line end. */
function lineAt(text: string, index: LineIndex, line: number): string {
  return text.slice(index.lineStart(line), index.lineStart(line + 1)).replace(/[\r\n]+$/, '');
}

/** The line that edits of one line make of it; undefined when they touch or make several. */
function codeAfter(
  edits: readonly PlacedEdit[],
  landscape: Landscape,
  lines: (file: string) => LineIndex,
): string | undefined {
  const [first] = edits;
  if (first === undefined) return undefined;
  const { line } = first.range.start;
  const sameLine = edits.every(
    ({ file, range, text }) =>
      file === first.file &&
      range.start.line === line &&
      range.end.line === line &&
      !text.includes('\n'),
  );
  if (!sameLine) return undefined;
  let code = lineAt(landscape.text(first.file) ?? '', lines(first.file), line);
  for (const { range, text } of [...edits].sort((a, b) => b.span.start - a.span.start)) {
    code = code.slice(0, range.start.column - 1) + text + code.slice(range.end.column - 1);
  }
  return code.trim().replace(/;$/, '');
}
