// Reviews patch texts in one process, as `iovet review` does.
import fs from 'node:fs';
import path from 'node:path';

/** A function that reviews documents on a tree. */
export async function openPatchReview({ syntax, nodeHost, load }) {
  const [
    { parsePatches },
    { seriesChange },
    { reviewSeries },
    { shownByReview },
    { treeReader },
    { runSlices },
  ] = await Promise.all([
    load('patch/parseSeries.js'),
    load('patch/applyPatch.js'),
    load('review/patch/reviewSeries.js'),
    load('review/patch/shown.js'),
    load('host/treeReader.js'),
    load('text/slices.js'),
  ]);
  return (documents, tree) => {
    const series = parsePatches(documents);
    const change = seriesChange(series.patches, treeReader(nodeHost, tree));
    return runSlices(
      reviewSeries(syntax, nodeHost, series, change, {
        tree,
        kernel: undefined,
        selection: {},
        shown: shownByReview,
      }),
    );
  };
}

/** The kernel trees below a folder by the release of their Makefile: `[{ release: '6.12', folder }]`, oldest first. */
export function kernelTrees(folder) {
  return fs
    .readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter((each) => fs.existsSync(path.join(each, 'Kbuild')))
    .map((each) => {
      const text = fs.readFileSync(path.join(each, 'Makefile'), 'utf8');
      const value = (name) => Number(new RegExp(`^${name} = (\\d+)`, 'm').exec(text)?.[1] ?? 0);
      const numbers = [value('VERSION'), value('PATCHLEVEL'), value('SUBLEVEL')];
      return { release: `${numbers[0]}.${numbers[1]}`, numbers, folder: each };
    })
    .sort((a, b) => a.numbers[0] - b.numbers[0] || a.numbers[1] - b.numbers[1]);
}
