import type { Change } from '../../patch/change.ts';
import type { Hunk, Patch } from '../../patch/patch.ts';
import type { LinesAfter } from '../../simulate/compare/simulateChange.ts';
import type { SimulateParams } from '../messages.ts';
import type { AppliedPatch } from '../patch/patches.ts';
import type { SimulationScope } from './simulations.ts';

/** What part of a document that holds patches is asked for; a clause that says why there is none. */
export function scopeIn(
  { series, change }: Pick<AppliedPatch, 'series' | 'change'>,
  { scope, line }: SimulateParams,
): SimulationScope | string {
  if (series.patches.length === 0) return 'no patch in this document';
  if (scope === 'document') return { patch: null };
  const patch = patchAt(series.patches, line + 1);
  if (scope === 'patch') return { patch };
  const hunk = series.patches[patch]!.files.flatMap(({ hunks }) => hunks).find((each) =>
    isIn(each, line + 1),
  );
  if (hunk === undefined) return 'the cursor is in no hunk';
  const only = linesOf(hunk, series.patches[patch]!.document, change.patches[patch]);
  if (only === undefined) return 'this hunk does not apply, or changes no C file of the tree';
  if (scope === 'hunk') return { patch, only };
  const here = lineIn(only, line + 1, series.patches[patch]!.document, change.patches[patch]!);
  return { patch, only: { path: only.path, first: here, last: here } };
}

function patchAt(patches: readonly Patch[], line: number): number {
  return Math.max(
    0,
    patches.findLastIndex((patch) => patch.line <= line),
  );
}

/** True for a line from the `@@` line of a hunk to its last one. */
export function isIn(hunk: Hunk, line: number): boolean {
  return line >= hunk.line && line <= (hunk.lines.at(-1)?.line ?? hunk.line);
}

/** The lines after the change that a hunk shows; undefined where it did not fall on a file. */
export function linesOf(
  hunk: Hunk,
  document: string,
  change: Change | undefined,
): LinesAfter | undefined {
  for (const { after, map } of change?.files ?? []) {
    const shown = hunk.lines.flatMap(({ line }) => map.ofDocument({ document, line })?.after ?? []);
    const [first, last] = [Math.min(...shown), Math.max(...shown)];
    if (after !== undefined && shown.length > 0) return { path: after.path, first, last };
  }
  return undefined;
}

/** The line of the file at a line of the document; for a removed one, the next that is still there. */
function lineIn(
  { path, first }: LinesAfter,
  line: number,
  document: string,
  change: Change,
): number {
  const file = change.files.find(({ after }) => after?.path === path);
  const next = file?.map.lines.find(
    (each) => each.document === document && each.line >= line && each.after !== undefined,
  );
  return next?.after ?? first;
}
