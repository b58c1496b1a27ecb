import { unevenCounts } from '../diff/repairHunk.ts';
import type { FilePatch } from '../patch.ts';
import type { LineMap } from './lineMap.ts';
import { searchBudget, type SearchBudget } from './locate.ts';
import { tolerant, type ApplyOptions } from './options.ts';
import { textLines } from './pattern.ts';
import { placeHunk, searchedText, type Placed, type Placement } from './placeHunk.ts';
import { rebuilt } from './rebuild.ts';

/** A hunk that has no place in the file. */
export interface ApplyFailure {
  /** 1-based number of the hunk within its file. */
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
  budget: SearchBudget = { left: searchBudget },
): Applied {
  const lines = textLines(text);
  budget.left -= lines.length;
  const searched = searchedText(lines);
  const placed: Placed[] = [];
  let offset = 0;
  let frozen = 0;
  for (const [index, hunk] of file.hunks.entries()) {
    const why = hunk.missing?.why;
    const found =
      why === 'cut' || why === 'unreadable'
        ? unevenCounts(hunk, hunk.missing!)
        : placeHunk(hunk, searched, { offset, frozen }, options, budget);
    if (typeof found === 'string')
      return { ok: false, failure: { hunk: index + 1, line: hunk.line, reason: found } };
    offset = found.placement.offset;
    frozen = found.last;
    placed.push(found);
  }
  return {
    ok: true,
    ...rebuilt(lines, placed, file.document),
    placements: placed.map(({ placement }) => placement),
  };
}
