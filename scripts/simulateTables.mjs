// npm run simulate-tables -- TREE
//
// Patches of our own to the page-table code of a tree, made by edits anchored on identifiers: two that break it, one
// that mends it, and a refactoring of a hundred lines and more that does neither. Prints the verdict of each in
// every format that reads the file. Ends with 1 when a verdict is not the one wanted.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fail, fromUser } from './lib/engine.mjs';
import { changeOf } from '../out/server/patch/applyPatch.js';
import { parsePatch } from '../out/server/patch/parseSeries.js';
import {
  SIMULATION_LIMITS,
  simulateChange,
} from '../out/server/simulate/compare/simulateChange.js';

const [named] = process.argv.slice(2);
if (named === undefined) {
  console.log('SKIPPED: no kernel tree named; nothing was simulated');
  process.exit(0);
}
const tree = fromUser(named);
if (!fs.existsSync(path.join(tree, 'Makefile'))) fail(`${tree}: no kernel tree`);

const ARM = 'drivers/iommu/io-pgtable-arm.c';
const PT = 'drivers/iommu/generic_pt/iommu_pt.h';

/** Contiguous leaves are cleared one power of two short. */
const shortClear = (text) =>
  edit(
    text,
    /pt_clear_entries\(&pts, num_contig_lg2\);/,
    'pt_clear_entries(&pts, num_contig_lg2 ? num_contig_lg2 - 1 : 0);',
  );
/** Tables are not written back from the CPU's cache before the IOMMU is led to them. */
const unflushed = (text) =>
  edit(text, /(mode )==( ALLOC_NORMAL\) \{\s+int ret = iommu_pages_start_incoherent)/, '$1!=$2');
/** New names for variables, and tests for zero written out: nothing that a machine could notice. */
const renamed = (text) =>
  [
    [/(?<![.>\w"])ptep(?!\w)/g, 'entry_at'],
    [/(?<!\w)lvl(?!\w)/g, 'depth'],
    [/(?<![.>\w"])gather(?!\w)/g, 'collected'],
    [/(?<![.>\w"])paddr(?!\w)/g, 'target'],
  ].reduce((changed, [from, to]) => edit(changed, from, to), text);

/** Formats without contiguous leaves cannot notice how many of them are cleared. */
const CONTIGUOUS = new Set(['tables-amdv1', 'tables-amdv1_mock', 'tables-riscv_64']);
/** Formats of IOMMUs that may not snoop. */
const INCOHERENT = new Set(['tables-x86_64', 'tables-vtdss']);
const where = (verdict, elsewhere) => (situation) =>
  CONTIGUOUS.has(situation) ? verdict : elsewhere;

const base = fs.readFileSync(path.join(tree, PT), 'utf8');
const armBase = fs.readFileSync(path.join(tree, ARM), 'utf8');
const patches = [
  {
    name: 'a bug',
    file: PT,
    before: base,
    after: shortClear(base),
    wanted: where('newly-broken', 'unknown'),
  },
  {
    ...{ name: 'a flush that is left out', file: PT, before: base, after: unflushed(base) },
    wanted: (situation) => (INCOHERENT.has(situation) ? 'newly-broken' : 'unknown'),
  },
  {
    name: 'its fix',
    file: PT,
    before: shortClear(base),
    after: base,
    wanted: where('fixed', 'unchanged'),
  },
  {
    ...{ name: 'a refactoring', file: ARM, before: armBase, after: renamed(armBase) },
    wanted: () => 'unchanged',
  },
];
let wrong = 0;
for (const { name, file, before, after, wanted } of patches) {
  const start = performance.now();
  const change = changeOf(parsePatch(difference(file, before, after), name).patches[0], (asked) =>
    asked === file ? before : readText(asked),
  );
  const failed = change.problems.find(({ severity }) => severity === 'error');
  if (failed !== undefined) fail(`${name}: ${failed.reason}`);
  const lines = change.files[0].filePatches.flatMap(({ hunks }) => hunks.flatMap((h) => h.lines));
  const simulation = simulateChange({
    source: {
      read: (asked) => (asked === file ? before : readText(asked)),
      list: (folder) => filesIn(path.join(tree, folder)),
    },
    ...{ change, limits: SIMULATION_LIMITS, now: () => performance.now(), cancelled: () => false },
  });
  const added = lines.filter(({ kind }) => kind === 'added').length;
  console.log(
    `${name}: ${file}, ${added} lines, ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  for (const { situation, verdict, reason, function: changed } of simulation.functions) {
    const isRight = wanted(situation) === verdict;
    if (!isRight) wrong++;
    console.log(`  ${isRight ? 'ok  ' : 'NOT '} ${verdict}  ${situation}  ${changed}(): ${reason}`);
  }
  for (const { file: other, reason } of simulation.notSimulated) {
    wrong++;
    console.log(`  NOT  not-simulated  ${other}: ${reason}`);
  }
}
process.exit(wrong === 0 ? 0 : 1);

function edit(text, pattern, to) {
  const changed = text.replace(pattern, to);
  if (changed === text) fail(`nothing matches ${pattern}: this tree is written differently`);
  return changed;
}

function readText(file) {
  try {
    return fs.readFileSync(path.join(tree, file), 'utf8');
  } catch {
    return undefined;
  }
}

/** A unified diff of two texts of a file, from the system's diff. */
function difference(file, before, after) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-tables-'));
  try {
    fs.writeFileSync(path.join(folder, 'before'), before);
    fs.writeFileSync(path.join(folder, 'after'), after);
    const labels = ['--label', `a/${file}`, '--label', `b/${file}`];
    const { stdout } = spawnSync('diff', ['-u', ...labels, 'before', 'after'], {
      ...{ cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
    });
    return stdout;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function filesIn(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
}
