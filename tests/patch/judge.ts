// What must hold for any text that is read as a patch.
import { seriesChange } from '../../server/patch/applyPatch.ts';
import { parsePatch } from '../../server/patch/parseSeries.ts';
import { otherKind } from '../../server/patch/fileKinds.ts';
import { changeWithoutTree } from '../../server/patch/withoutTree.ts';
import { tree } from './mutations.ts';

/** What became of a text: how many file patches were used, and what is wrong with the answer. */
export interface Judgement {
  readonly used: number;
  readonly refused: number;
  readonly faults: readonly string[];
}

/** Reads and applies a text, with and without a tree, and judges the answer. Only a defect of iovet throws. */
export function judge(text: string): Judgement {
  const document = 'spoiled.patch';
  const faults: string[] = [];
  const lineCount = text.split('\n').length;
  const series = parsePatch(text, document);
  const read = (path: string): string | undefined => {
    const parts = path.split(/[\\/]/);
    if (
      /^(?:[\\/]|[A-Za-z]:)|\0/.test(path) ||
      path === '' ||
      parts.includes('..') ||
      parts.includes('.git')
    )
      faults.push(`reads ${JSON.stringify(path.slice(0, 100))}`);
    return tree.get(path);
  };
  const change = seriesChange(series.patches, read);
  for (const patch of series.patches) changeWithoutTree(patch);

  const problems = [...series.problems, ...change.whole.problems];
  for (const { file, line, reason, path, hunk } of problems) {
    if (file !== document) faults.push(`names the document ${file}`);
    if (!(line >= 1 && line <= lineCount)) faults.push(`line ${line} of ${lineCount}`);
    const name = path?.slice(path.lastIndexOf('/') + 1) ?? '';
    if (hunk !== undefined && hunk > 0 && !reason.includes(`hunk ${hunk}`))
      faults.push(`no hunk in "${reason.slice(0, 200)}"`);
    if (
      path !== undefined &&
      path.length < 200 &&
      !reason.includes(name) &&
      !reason.includes(JSON.stringify(path))
    )
      faults.push(`no path in "${reason.slice(0, 200)}"`);
    if (reason.length > 1000) faults.push('a reason of more than 1000 characters');
  }
  if (
    series.patches.length === 0 &&
    series.skipped.length === 0 &&
    series.cover === undefined &&
    problems.length === 0
  )
    faults.push('no patch, and no word about it');

  let used = 0;
  let refused = 0;
  for (const each of change.patches) {
    for (const file of each.patches[0]!.files) {
      const taken = each.files.some(({ filePatches }) => filePatches.includes(file));
      // Created and deleted again in one patch: nothing is left to show.
      const brief = each.patches[0]!.files.some(
        (other) =>
          other !== file && (other.oldPath ?? other.newPath) === (file.newPath ?? file.oldPath),
      );
      const said = problems.some(
        ({ line, severity }) =>
          severity === 'error' &&
          (line === file.line || file.hunks.some((hunk) => hunk.line === line)),
      );
      if (taken || otherKind(file.newPath ?? file.oldPath ?? '') !== undefined) used++;
      else if (said) refused++;
      else if (!brief)
        faults.push(`nothing is said about ${file.newPath ?? file.oldPath}, line ${file.line}`);
    }
  }
  return { used, refused, faults };
}
