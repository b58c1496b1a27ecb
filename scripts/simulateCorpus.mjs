// npm run simulate-corpus -- CORPUS KERNELS [--case ID,…] [--twins] [--json]
//
// CORPUS holds patches/index.json and the patches it names; KERNELS the trees linux-6.1, linux-6.12, linux-latest
// and linux-next. Each patch that brings a bug back is simulated on its tree, with --twins the patch that mends it,
// too, on top. One line each: verdict, changed function, entry, situation, why, what it hangs on, models, time.
// Ends with 1 when a verdict is wrong: "unchanged" for the function that the bug is in, or "newly-broken"
// for a patch that mends.
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
    twins: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [corpus, kernels] = positionals;
if (corpus === undefined || kernels === undefined) {
  console.error(
    'usage: npm run simulate-corpus -- CORPUS KERNELS [--case ID,…] [--twins] [--json]',
  );
  process.exit(2);
}
const index = path.join(corpus, 'patches/index.json');
if (!fs.existsSync(index)) {
  console.log(`skipped: ${index}: no such file; the corpus is not part of the repository`);
  process.exit(0);
}

const TREES = { 6.1: 'linux-6.1', 6.12: 'linux-6.12', 7.2: 'linux-latest', 7.3: 'linux-next' };
const VERDICTS = ['newly-broken', 'still-broken', 'fixed', 'unknown', 'unchanged', 'not-simulated'];
const wanted = values.case?.split(',');
const results = [];
for (const entry of JSON.parse(fs.readFileSync(index, 'utf8'))) {
  if (wanted !== undefined && !wanted.includes(entry.id)) continue;
  results.push(report(entry, 'bug'));
  if (values.twins) results.push(report(entry, 'fix'));
}
for (const of of values.twins ? ['bug', 'fix'] : ['bug']) {
  console.log(
    summary(
      of,
      results.filter((result) => result.of === of),
    ),
  );
}
if (values.json) console.log(JSON.stringify(results, null, 1));
process.exit(results.some(({ wrong }) => wrong) ? 1 : 0);

function report(entry, of) {
  const start = performance.now();
  const used = process.cpuUsage();
  const { results: shown, own } = simulated(entry, of);
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  const cpu = (user + system) / 1000;
  const [best] = shown.sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
  const wrong = of === 'bug' ? own === 'unchanged' : best.verdict === 'newly-broken';
  const { assumptions = [], models = [], entry: called, situation, pairs } = best;
  const hangsOn = assumptions.map(({ about, value }) => `${about} = ${value}`).join('; ');
  const columns = [
    ...[entry.id, of, (wrong ? 'WRONG ' : '') + best.verdict.padEnd(13)],
    `${best.function ?? entry.function}()${called === best.function ? '' : ` through ${called}()`}`,
    ...[situation, best.reason, hangsOn === '' ? undefined : `[${hangsOn}]`],
    models.length === 0 ? undefined : `models: ${models.join(' ')}`,
    pairs === undefined ? undefined : `${pairs} pairs`,
    `${seconds(elapsed)} s (${seconds(cpu)} s of processor)`,
  ];
  console.log(columns.filter((column) => column !== undefined).join('  '));
  return { id: entry.id, of, wrong, elapsed, cpu, ...best };
}

/** What running a patch of a case says, and the verdict about the function that the bug is in. */
function simulated(entry, of) {
  const tree = path.join(kernels, TREES[entry.tree]);
  const { change, problem } = changeFor(entry, tree, of);
  if (problem !== undefined) return { results: [{ verdict: 'not-simulated', reason: problem }] };
  const { functions, notSimulated } = simulateChange({
    ...{ source: sourceOf(tree), change, limits: SIMULATION_LIMITS },
    ...{ now: () => performance.now(), cancelled: () => false },
  });
  const own = functions.find((result) => result.function === entry.function)?.verdict;
  if (functions.length > 0) return { results: [...functions], own };
  const reason = notSimulated.map(({ file, reason }) => `${file}: ${reason}`).join('; ');
  return { results: [{ verdict: 'not-simulated', reason }] };
}

function changeFor(entry, tree, of) {
  const read = (file) => readText(path.join(tree, file));
  const bug = patchOf(entry.bug_patch);
  const changes =
    of === 'fix'
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

function summary(of, all) {
  const counts = VERDICTS.flatMap((verdict) => {
    const count = all.filter((result) => result.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  const wrong = all.filter((result) => result.wrong).length;
  const speed = `${spread('elapsed', all)}; of processor ${spread('cpu', all)}`;
  return `${of === 'bug' ? 'bugs' : 'fixes'}: ${counts.join(', ')}; ${wrong} wrong; ${speed}`;
}

function spread(of, all) {
  const times = all.map((result) => result[of]).sort((a, b) => a - b);
  return `median ${seconds(times[times.length >> 1])} s, longest ${seconds(times.at(-1))} s`;
}

function seconds(ms) {
  return ms === undefined ? '-' : (ms / 1000).toFixed(2);
}
