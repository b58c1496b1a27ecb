// npm run simulate-corpus -- CORPUS KERNELS [--case ID] [--fix] [--json]
//
// CORPUS holds patches/index.json and the patches it names; KERNELS the trees linux-6.1, linux-6.12, linux-latest
// and linux-next. Each patch that brings a bug back is simulated on its tree: one line says what was run,
// the verdict and why. --fix simulates the patch that mends it, on top. Ends with 1 when a verdict is
// "unchanged" for the function that the bug is in: the bug was there and was not seen.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { changeOf, seriesChange } from '../out/server/patch/applyPatch.js';
import { parsePatch } from '../out/server/patch/parseSeries.js';
import {
  SIMULATION_LIMITS,
  simulateChange,
} from '../out/server/simulate/compare/simulateChange.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    case: { type: 'string' },
    fix: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [corpus, kernels] = positionals;
if (corpus === undefined || kernels === undefined) {
  console.error('usage: npm run simulate-corpus -- CORPUS KERNELS [--case ID] [--fix] [--json]');
  process.exit(2);
}
const index = path.join(corpus, 'patches/index.json');
if (!fs.existsSync(index)) {
  console.log(`skipped: ${index}: no such file; the corpus is not part of the repository`);
  process.exit(0);
}

const TREES = { 6.1: 'linux-6.1', 6.12: 'linux-6.12', 7.2: 'linux-latest', 7.3: 'linux-next' };
const ORDER = ['newly-broken', 'still-broken', 'fixed', 'unknown', 'unchanged', 'not-simulated'];
const counts = new Map();
const results = [];
const times = [];
let wrong = 0;
for (const entry of JSON.parse(fs.readFileSync(index, 'utf8'))) {
  if (values.case !== undefined && entry.id !== values.case) continue;
  const tree = path.join(kernels, TREES[entry.tree]);
  const start = performance.now();
  const { change, problem } = changeFor(entry, tree);
  if (problem !== undefined) {
    report(entry, { verdict: 'not-simulated', reason: problem });
    continue;
  }
  const simulation = simulateChange({
    ...{ source: sourceOf(tree), change, limits: SIMULATION_LIMITS },
    ...{ now: () => performance.now(), cancelled: () => false },
  });
  times.push(performance.now() - start);
  const sorted = [...simulation.functions].sort(
    (a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict),
  );
  const [best] = sorted;
  if (best === undefined) {
    const reasons = simulation.notSimulated.map(({ file, reason }) => `${file}: ${reason}`);
    report(entry, { verdict: 'not-simulated', reason: reasons.join('; ') });
    continue;
  }
  const own = simulation.functions.find((result) => result.function === entry.function);
  if (own?.verdict === 'unchanged') wrong++;
  report(entry, best, simulation);
}
times.sort((a, b) => a - b);
const seconds = (ms) => (ms === undefined ? '-' : (ms / 1000).toFixed(2));
console.log(
  `${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}; ${wrong} wrong` +
    `; median ${seconds(times[times.length >> 1])} s, longest ${seconds(times.at(-1))} s`,
);
if (values.json) console.log(JSON.stringify(results, null, 1));
process.exit(wrong === 0 ? 0 : 1);

function changeFor(entry, tree) {
  const read = (file) => readText(path.join(tree, file));
  const bug = patchOf(entry.bug_patch);
  const changes = values.fix
    ? seriesChange([bug, patchOf(entry.fix_patch)], read).patches
    : [changeOf(bug, read)];
  const failed = changes.flatMap(({ problems }) => problems).find((p) => p.severity === 'error');
  if (failed !== undefined) return { problem: `does not apply: ${failed.reason}` };
  return { change: changes.at(-1) };
}

function patchOf(name) {
  const file = path.join(corpus, 'patches', name);
  return parsePatch(fs.readFileSync(file, 'utf8'), name).patches[0];
}

function sourceOf(tree) {
  return {
    read: (file) => readText(path.join(tree, file)),
    list: (folder) => {
      const full = path.join(tree, folder);
      return fs.existsSync(full) ? fs.readdirSync(full).sort() : [];
    },
  };
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function report(entry, result, simulation) {
  counts.set(result.verdict, (counts.get(result.verdict) ?? 0) + 1);
  const where = result.function === undefined ? entry.function : result.function;
  const assumed = (result.assumptions ?? []).map(({ about, value }) => `${about} = ${value}`);
  console.log(
    `${entry.id}  ${result.verdict.padEnd(13)} ${where}()  ${result.situation ?? '-'}  ${result.reason}` +
      (assumed.length > 0 ? `  [${assumed.join('; ')}]` : '') +
      (result.pairs === undefined ? '' : `  ${result.pairs} pairs`),
  );
  results.push({ id: entry.id, ...result, elapsed: simulation?.elapsed });
}
