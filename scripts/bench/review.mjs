// How long a patch and a series take from a cold start. The patches are made from the tree: a line more at many returns.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { quantiles, root } from '../lib/engine.mjs';

export const title = 'Review of patches, from a cold start';

const folders = ['drivers/iommu', 'drivers/vfio', 'drivers/crypto/hisilicon', 'drivers/spi'];
/** Lines that a hunk of one added line has: three of context on each side, and its head. */
const linesPerHunk = 8;

export async function run({ tree, runs }) {
  if (tree === undefined) return { skipped: 'needs a kernel tree' };
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-bench-'));
  try {
    const single = path.join(work, 'one.patch');
    const singleLines = writePatch(tree, work, single, largestFiles(tree, 1), 400, 0);
    const series = path.join(work, 'series');
    fs.mkdirSync(series);
    const files = largestFiles(tree, 10);
    let seriesLines = 0;
    const copies = new Map();
    for (let i = 0; i < 30; i++) {
      const name = path.join(series, `${String(i + 1).padStart(4, '0')}.patch`);
      seriesLines += writePatch(tree, work, name, [files[i % files.length]], 100, Math.floor(i / files.length), copies); // prettier-ignore
    }
    return {
      rows: [
        measured(`one patch of ${singleLines} lines`, single, tree, runs, 0.5),
        measured(`30 patches of ${seriesLines} lines`, series, tree, runs, 5),
      ],
    };
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

function measured(what, patch, tree, runs, goal) {
  const times = [];
  for (let i = 0; i < runs; i++) {
    const from = performance.now();
    const { status, stderr } = spawnSync(
      process.execPath,
      [path.join(root, 'dist/cli.cjs'), 'review', '--tree', tree, patch],
      { encoding: 'utf8' },
    );
    if (status !== 0 && status !== 1)
      throw new Error(`iovet review ended with ${status}: ${stderr}`);
    times.push((performance.now() - from) / 1000);
  }
  const { median } = quantiles(times);
  return {
    what,
    value: `${median.toFixed(2)} s`,
    goal: `at most ${goal} s`,
    met: median <= goal,
  };
}

/** C files of the folders that have the most places to change, the same for the same tree. */
function largestFiles(tree, count) {
  const files = folders
    .flatMap((folder) => fs.readdirSync(path.join(tree, folder)).map((name) => `${folder}/${name}`))
    .filter((name) => name.endsWith('.c'))
    .map((name) => ({
      name,
      places: placesIn(fs.readFileSync(path.join(tree, name), 'utf8')).length,
    }))
    .sort((a, b) => b.places - a.places || (a.name < b.name ? -1 : 1));
  return files.slice(0, count).map(({ name }) => name);
}

/** Line numbers of returns that are far enough apart for hunks of their own. */
function placesIn(text) {
  const places = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (/^\treturn \w+;$/.test(line) && i - (places.at(-1) ?? -linesPerHunk) >= linesPerHunk)
      places.push(i);
  }
  return places;
}

/** Writes a patch of about so many lines, on top of what earlier ones did to the same files. Gives its lines. */
function writePatch(tree, work, name, files, lines, round, copies = new Map()) {
  const parts = files.map((file) => {
    const before = copies.get(file) ?? fs.readFileSync(path.join(tree, file), 'utf8');
    const wanted = Math.ceil(lines / files.length / linesPerHunk);
    const text = before.split('\n');
    const places = placesIn(before).slice(round * wanted, (round + 1) * wanted);
    for (const place of places.reverse()) text.splice(place, 0, '\tcond_resched();');
    const after = text.join('\n');
    copies.set(file, after);
    const [a, b] = ['a', 'b'].map((side) => path.join(work, side));
    fs.writeFileSync(a, before);
    fs.writeFileSync(b, after);
    const { stdout } = spawnSync('git', ['diff', '--no-index', '--no-color', '--no-ext-diff', '--', a, b], { encoding: 'utf8' }); // prettier-ignore
    const hunks = stdout.slice(stdout.indexOf('\n@@') + 1);
    return `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n${hunks}`;
  });
  const patch = parts.join('');
  fs.writeFileSync(name, patch);
  return patch.split('\n').length - 1;
}
