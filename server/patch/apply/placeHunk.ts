import type { Hunk } from '../patch.ts';
import type { ApplyOptions } from './options.ts';
import { withBlankLines } from './fillBlanks.ts';
import { indented } from './indent.ts';
import { haystack, locate, type Haystack, type SearchBudget } from './locate.ts';
import { describeMismatch } from './mismatch.ts';
import { compared, patternOf, type Comparison, type Pattern } from './pattern.ts';

/** Where a hunk fell. */
export interface Placement {
  /** The hunk as it was applied: with blank lines and indents that were lost on the way. */
  readonly hunk: Hunk;
  /** 1-based first line of the hunk in the file before the patch. */
  readonly line: number;
  /** Lines between where the header said and where it fell; positive is further down. */
  readonly offset: number;
  /** Context lines that were not compared at either end, as `patch -F` counts them: 0 to 2. */
  readonly fuzz: number;
  /**
   * `whitespace`: the context differs from the file in spaces and tabs only. `blank-lines`: in blank lines as well, which
   * were lost on the way and put back. `present`: the file has what the hunk makes of it already; nothing is changed.
   */
  readonly match: 'exact' | 'whitespace' | 'blank-lines' | 'present';
}

/** A placed hunk, and the last line of the file that it covers. */
export interface Placed {
  readonly placement: Placement;
  readonly last: number;
}

/** A file's lines, numbered for comparisons: exactly at once, without white space when a hunk asks. */
export interface SearchedText {
  readonly lines: readonly string[];
  as(comparison: Comparison): Haystack;
}

/** What earlier hunks of the file say about the place of the next one. */
export interface Earlier {
  readonly offset: number;
  /** 1-based last line that they cover. */
  readonly frozen: number;
}

/** Prepares the lines of a file for several searches. */
export function searchedText(lines: readonly string[]): SearchedText {
  const made = new Map<Comparison, Haystack>();
  return {
    lines,
    as: (comparison) => {
      const known = made.get(comparison) ?? haystack(lines, (line) => compared(line, comparison));
      made.set(comparison, known);
      return known;
    },
  };
}

/** Fewest lines with something on them that show that a hunk is in the file already. */
const leastEvidence = 3;

/** Finds the place of one hunk; a clause that says why there is none. */
export function placeHunk(
  hunk: Hunk,
  text: SearchedText,
  earlier: Earlier,
  options: ApplyOptions,
  budget: SearchBudget,
): Placed | string {
  const filled =
    hunk.missing?.why === 'blank' ? withBlankLines(hunk, text.lines, earlier.offset, budget) : hunk;
  const pattern = patternOf(filled ?? hunk);
  if (filled !== undefined) {
    const exact = search(text.as('exact'), pattern, earlier, options.fuzz, budget);
    if (exact !== undefined)
      return placedAt(filled, pattern, exact, filled === hunk ? 'exact' : 'blank-lines');
    if (options.present === 'skip') {
      const line = presentAt(text, pattern, earlier, budget);
      if (line !== undefined)
        return {
          placement: { hunk, line, offset: earlier.offset, fuzz: 0, match: 'present' },
          last: line + pattern.new.lines.length - 1,
        };
    }
    if (options.whitespace === 'whitespace') {
      const loose = search(text.as('whitespace'), pattern, earlier, options.fuzz, budget);
      if (loose !== undefined) {
        const own = indented(filled, text.lines, loose.line);
        return placedAt(own, pattern, loose, filled === hunk ? 'whitespace' : 'blank-lines');
      }
    }
  }
  if (budget.left <= 0)
    return 'does not apply: too many lines of the file are alike to go on searching';
  return describeMismatch(text.lines, pattern, earlier.offset);
}

function placedAt(
  hunk: Hunk,
  pattern: Pattern,
  { line, fuzz }: { readonly line: number; readonly fuzz: number },
  match: Placement['match'],
): Placed {
  return {
    placement: { hunk, line, offset: line - pattern.first, fuzz, match },
    last: line + pattern.old.lines.length - 1,
  };
}

function search(
  text: Haystack,
  pattern: Pattern,
  earlier: Earlier,
  mostFuzz: number,
  budget: SearchBudget,
): { line: number; fuzz: number } | undefined {
  const needle = {
    ids: Int32Array.from(pattern.old.lines, (line) => text.id(line)),
    prefix: pattern.prefix,
    suffix: pattern.suffix,
    guess: pattern.first + earlier.offset,
    first: pattern.first,
    frozen: earlier.frozen,
  };
  const most = Math.min(mostFuzz, Math.max(pattern.prefix, pattern.suffix));
  for (let fuzz = 0; fuzz <= most; fuzz++) {
    const line = locate(text, needle, fuzz, budget);
    if (line !== undefined) return { line, fuzz };
    // git apply anchors a hunk to an end of the file only where it has no context there at all.
    if (fuzz > 0 || pattern.prefix === 0 || pattern.suffix === 0) continue;
    const free = locate(text, { ...needle, prefix: 0, suffix: 0 }, 0, budget);
    if (free !== undefined) return { line: free, fuzz };
  }
  return undefined;
}

/** Where the file has all lines that the hunk leaves behind. */
function presentAt(
  text: SearchedText,
  pattern: Pattern,
  earlier: Earlier,
  budget: SearchBudget,
): number | undefined {
  const evidence = pattern.new.lines.filter((line) => /\w/.test(line)).length;
  if (evidence < leastEvidence) return undefined;
  const haystackOf = text.as('exact');
  const needle = {
    ids: Int32Array.from(pattern.new.lines, (line) => haystackOf.id(line)),
    prefix: pattern.prefix,
    suffix: pattern.suffix,
    guess: pattern.first + earlier.offset,
    first: pattern.first,
    frozen: earlier.frozen,
  };
  return locate(haystackOf, needle, 0, budget);
}
