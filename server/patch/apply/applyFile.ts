import { unevenCounts } from '../diff/repairHunk.ts';
import type { FilePatch, Hunk } from '../patch.ts';
import { withBlankLines } from './fillBlanks.ts';
import { indented } from './indent.ts';
import { lineMap, type Kept, type LineMap, type PatchedLine } from './lineMap.ts';
import { haystack, locate, searchBudget, type Haystack, type SearchBudget } from './locate.ts';
import { describeMismatch } from './mismatch.ts';
import { compared, patternOf, textLines, type Comparison, type Pattern } from './pattern.ts';

/** Where a hunk fell. */
export interface Placement {
  readonly hunk: Hunk;
  /** 1-based first line of the hunk in the file before the patch. */
  readonly line: number;
  /** Lines between where the header said and where it fell; positive is further down. */
  readonly offset: number;
  /** Context lines that were not compared at either end, as `patch -F` counts them: 0 to 2. */
  readonly fuzz: number;
  /**
   * `whitespace`: the context differs from the file in spaces and tabs only. `blank-lines`: in blank lines as well, which
   * were lost on the way and put back.
   */
  readonly match: 'exact' | 'whitespace' | 'blank-lines';
}

/** How much a hunk and a file may differ. */
export interface ApplyOptions {
  /** Context lines that may differ at either end; 2 is what patch(1) allows. */
  readonly fuzz: number;
  readonly whitespace: Comparison;
}

/** What iovet allows: fuzz as patch(1), and context that differs in white space. */
export const tolerant: ApplyOptions = { fuzz: 2, whitespace: 'whitespace' };

/** A hunk that has no place in the file. */
export interface ApplyFailure {
  /** 1-based number of the hunk within its file; 0 when the file as a whole does not fit. */
  readonly hunk: number;
  /** 1-based line of the document. */
  readonly line: number;
  /** One clause, without final full stop. */
  readonly reason: string;
}

/** The text after a patch, or why there is none. A file is changed whole or not at all. */
export type Applied =
  | {
      readonly ok: true;
      readonly text: string;
      readonly map: LineMap;
      readonly placements: readonly Placement[];
    }
  | { readonly ok: false; readonly failure: ApplyFailure };

/** Applies the hunks of one file to its text. */
export function applyHunks(
  file: FilePatch,
  text: string,
  options: ApplyOptions = tolerant,
): Applied {
  const lines = textLines(text);
  const budget: SearchBudget = { left: searchBudget };
  const exact = haystack(lines, (line) => line);
  let loose: Haystack | undefined;
  const placed: { placement: Placement; pattern: Pattern }[] = [];
  let offset = 0;
  let frozen = 0;
  for (const [index, own] of file.hunks.entries()) {
    const number = index + 1;
    let hunk = own;
    const fail = (reason: string): Applied => ({
      ok: false,
      failure: { hunk: number, line: hunk.line, reason },
    });
    if (hunk.missing?.why === 'cut') return fail(unevenCounts(hunk, hunk.missing));
    let match: Placement['match'] = 'exact';
    if (hunk.missing?.why === 'blank') {
      const filled = withBlankLines(hunk, lines, offset, budget);
      if (filled === undefined) return fail(describeMismatch(lines, patternOf(hunk), offset));
      hunk = filled;
      match = 'blank-lines';
    }
    const pattern = patternOf(hunk);
    let found = search(exact, pattern, 'exact', { offset, frozen, fuzz: options.fuzz }, budget);
    if (found === undefined && options.whitespace === 'whitespace') {
      loose ??= haystack(lines, (line) => compared(line, 'whitespace'));
      found = search(loose, pattern, 'whitespace', { offset, frozen, fuzz: options.fuzz }, budget);
      if (match === 'exact') match = 'whitespace';
      if (found !== undefined) hunk = indented(hunk, lines, found.line);
    }
    if (found === undefined) {
      if (budget.left <= 0)
        return fail('the search for its place was given up: too many lines are alike');
      return fail(describeMismatch(lines, pattern, offset));
    }
    offset = found.line - pattern.first;
    frozen = found.line + pattern.old.lines.length - 1;
    placed.push({
      placement: { hunk, line: found.line, offset, fuzz: found.fuzz, match },
      pattern,
    });
  }
  const result = build(lines, placed, file.document);
  return { ok: true, ...result, placements: placed.map(({ placement }) => placement) };
}

function search(
  text: Haystack,
  pattern: Pattern,
  comparison: Comparison,
  at: { readonly offset: number; readonly frozen: number; readonly fuzz: number },
  budget: SearchBudget,
): { line: number; fuzz: number } | undefined {
  const ids = Int32Array.from(pattern.old.lines, (line) => text.id(line));
  const most = Math.min(at.fuzz, Math.max(pattern.prefix, pattern.suffix));
  for (let fuzz = 0; fuzz <= most; fuzz++) {
    const line = locate(
      text,
      {
        ids,
        prefix: pattern.prefix,
        suffix: pattern.suffix,
        guess: pattern.first + at.offset,
        first: pattern.first,
        frozen: at.frozen,
      },
      fuzz,
      budget,
    );
    if (line !== undefined) return { line, fuzz };
  }
  return undefined;
}

/** Puts the new text together; context lines stay as the file has them. */
function build(
  lines: readonly string[],
  placed: readonly { placement: Placement; pattern: Pattern }[],
  document: string,
): { text: string; map: LineMap } {
  const result: string[] = [];
  const kept: Kept[] = [];
  const patched: PatchedLine[] = [];
  let next = 1;
  const keep = (until: number): void => {
    if (until <= next) return;
    const last = kept.at(-1);
    if (
      last !== undefined &&
      last.before + last.length === next &&
      last.after + last.length === result.length + 1
    )
      kept[kept.length - 1] = { ...last, length: last.length + until - next };
    else kept.push({ before: next, after: result.length + 1, length: until - next });
    for (; next < until; next++) result.push(lines[next - 1]!);
  };
  for (const { placement } of placed) {
    let before = placement.line;
    for (const line of placement.hunk.lines) {
      const place = { document, line: line.line, kind: line.kind };
      if (line.kind === 'added') {
        keep(before);
        complete(result);
        result.push(line.noNewline ? line.text : line.text + '\n');
        patched.push({ ...place, after: result.length });
        continue;
      }
      // Context that fuzz let hang over an end of the file is nowhere.
      if (before < 1 || before > lines.length) {
        before++;
        continue;
      }
      if (line.kind === 'context') {
        keep(before + 1);
        patched.push({ ...place, before, after: result.length });
      } else {
        keep(before);
        next = before + 1;
        patched.push({ ...place, before });
      }
      before++;
    }
  }
  keep(lines.length + 1);
  return { text: result.join(''), map: lineMap(kept, patched) };
}

/** A line that others follow has a line end. */
function complete(result: string[]): void {
  const last = result.at(-1);
  if (last !== undefined && !last.endsWith('\n')) result[result.length - 1] = last + '\n';
}
