// npm run simulate-metamorphic -- CORPUS KERNELS [--case ID] [--transform NAME,…]
//
// Simulates each bug of a corpus as it is, and again with both sides rewritten so that nothing a machine could notice
// changes: comments, layout, labels, parentheses, tests turned round. Verdicts have to be the same. Ends with 1 where one differs.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { applyEdits } from './lib/edits.mjs';
import { compile, fail, loadEngine, skip } from './lib/engine.mjs';
import { transforms } from './lib/transforms.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    case: { type: 'string' },
    transform: { type: 'string', default: 'labels,comments,split,parentheses,negation' },
  },
});
const [corpus, kernels] = positionals;
if (corpus === undefined || kernels === undefined)
  fail('usage: npm run simulate-metamorphic -- CORPUS KERNELS [--case ID] [--transform NAME,…]');
const index = path.join(corpus, 'patches/index.json');
if (!fs.existsSync(index)) skip(`${index}: no such file; the corpus is not part of the repository`);
compile();
const { syntax, load } = await loadEngine();
const { Kind, fieldNames } = await load('syntax/kinds.generated.js');
const c = { ...(await load('syntax/tree.js')), Kind, fieldNames };
const { changeOf } = await load('patch/applyPatch.js');
const { parsePatch } = await load('patch/parseSeries.js');
const { SIMULATION_LIMITS, simulateChange } = await load('simulate/compare/simulateChange.js');

const TREES = { 6.1: 'linux-6.1', 6.12: 'linux-6.12', 7.2: 'linux-latest', 7.3: 'linux-next' };
let different = 0;
let compared = 0;
for (const entry of JSON.parse(fs.readFileSync(index, 'utf8'))) {
  if (values.case !== undefined && !values.case.split(',').includes(entry.id)) continue;
  const tree = path.join(kernels, TREES[entry.tree]);
  const read = (file) => readText(path.join(tree, file));
  const name = entry.bug_patch;
  const text = fs.readFileSync(path.join(corpus, 'patches', name), 'utf8');
  const change = changeOf(parsePatch(text, name).patches[0], read);
  const [file] = change.files;
  if (change.problems.length > 0 || change.files.length !== 1 || !file.after.path.endsWith('.c'))
    continue;
  const plain = verdict(tree, file.after.path, file.before.text, file.after.text);
  for (const each of values.transform.split(',')) {
    const [before, after] = [file.before, file.after].map((side) => rewritten(each, side));
    if (before === undefined || after === undefined) continue;
    compared++;
    const other = verdict(tree, file.after.path, before, after);
    if (other === plain) continue;
    different++;
    console.log(`${entry.id} ${each}\n  as it is: ${plain}\n  ${each}: ${other}`);
  }
}
console.log(`${compared} comparisons, ${different} differences`);
process.exit(different === 0 ? 0 : 1);

function rewritten(name, { path: file, text }) {
  const { value } = syntax.parse(file, text);
  const { edits } = transforms[name](value, c, undefined);
  return edits.length === 0 ? undefined : applyEdits(text, edits).text;
}

/** The verdicts of the changed functions, in one line. */
function verdict(tree, file, before, after) {
  const patch = parsePatch(difference(file, before, after), 'rewritten').patches[0];
  if (patch === undefined) return 'no difference';
  const read = (asked) => (asked === file ? before : readText(path.join(tree, asked)));
  const { functions } = simulateChange({
    source: { read, list: (folder) => filesIn(path.join(tree, folder)) },
    ...{ change: changeOf(patch, read), limits: SIMULATION_LIMITS },
    ...{ now: () => performance.now(), cancelled: () => false },
  });
  return functions
    .map((result) => `${result.function} ${result.verdict} ${result.violations[0]?.id ?? ''}`)
    .sort()
    .join(', ');
}

function difference(file, before, after) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-same-'));
  try {
    fs.writeFileSync(path.join(folder, 'before'), before);
    fs.writeFileSync(path.join(folder, 'after'), after);
    const labels = ['--label', `a/${file}`, '--label', `b/${file}`];
    const options = { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 };
    return spawnSync('diff', ['-u', ...labels, 'before', 'after'], options).stdout;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function filesIn(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
}
