// Running the tree's own C: the front end cold, warm and after an edit, memory, and calls per second.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { load, machineOver } from '../treeChecks/support.mjs';

export const title = "Running the tree's C";

const EDITED = 'drivers/vfio/vfio_iommu_type1.c';
const LARGEST = 'drivers/iommu/intel/iommu.c';
const PAGE_TABLE = 'drivers/iommu/generic_pt/fmt/iommu_amdv1.c';
const ROUNDS = 40;

/** Front-end figures of one file, measured in a process of its own: nothing is warm in it. */
const CHILD = `
import { load, treeSource } from ${JSON.stringify(path.join(import.meta.dirname, '../treeChecks/support.mjs'))};
const [tree, file] = process.argv.slice(-2);
const { FrontEnd } = await load('cfront/frontEnd.js');
const { LexCache } = await load('cfront/preprocess/sources.js');
const cache = new LexCache();
const timed = (work) => {
  const start = performance.now();
  const result = work();
  return { ms: performance.now() - start, result };
};
const cold = timed(() => new FrontEnd(treeSource(tree), cache).load(file));
const rss = process.memoryUsage().rss;
const warm = [];
const edited = [];
for (let i = 0; i < 5; i++) {
  const frontEnd = new FrontEnd(treeSource(tree), cache);
  warm.push(timed(() => frontEnd.load(file)).ms);
  const text = treeSource(tree).read(file) + '\\nint added_' + i + ';\\n';
  edited.push(timed(() => frontEnd.load(file, { text })).ms);
}
console.log(JSON.stringify({ cold: cold.ms, warm: Math.min(...warm), edited: Math.min(...edited), rss }));
`;

function frontEndFigures(tree, file) {
  const args = ['--input-type=module', '-e', CHILD, tree, file];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/** Calls executed per second: maps and unmaps of an AMD v1 table, in the C of the tree. */
async function callRate(tree) {
  const files = [PAGE_TABLE, 'drivers/iommu/iommu.c', 'drivers/iommu/iommu-pages.c'];
  const { GENERIC_PT_DRIVER, GenericPtInC } = await load('simulate/conformance/genericPt.js');
  const machine = await machineOver(tree, files, GENERIC_PT_DRIVER);
  const table = new GenericPtInC(machine, 'amdv1');
  const address = (value) => ({ pfn: Math.floor(value / 4096), offset: value % 4096 });
  const step = (op, args) => table.run({ op, args, expect: {} });
  step('init', { feat: address(0x194), vasz: 64, oasz: 52, top: 2 });
  const round = () => {
    for (let i = 0; i < 20; i++) {
      const iova = address(0x40000000 + i * 0x10000);
      step('iommu_map', {
        iova,
        pa: address(0x80000000 + i * 0x3000),
        len: address(0xa000),
        prot: 3,
      });
    }
    for (let i = 0; i < 20; i++) {
      step('iommu_unmap', { iova: address(0x40000000 + i * 0x10000), len: address(0xa000) });
    }
  };
  round();
  let calls = 0;
  const invoke = machine.invoke;
  machine.invoke = function counted(...args) {
    calls++;
    return invoke.apply(this, args);
  };
  round();
  delete machine.invoke;
  for (let i = 0; i < 5; i++) round();
  const start = performance.now();
  for (let i = 0; i < ROUNDS; i++) round();
  return (calls * ROUNDS * 1000) / (performance.now() - start);
}

const row = (what, value, shown, goal, met) => ({
  what,
  value: shown(value),
  goal,
  met: met(value),
});

/** The first runner of C, timed over the same file: it wants its trees as folders named linux-… in one place. */
function prototypeRow(prototype, tree) {
  const what = 'vfio_iommu_type1.c cold, the prototype';
  if (prototype === undefined) return { what, value: 'skipped: --prototype names no folder' };
  const unit = path.join(prototype, 'unit.js');
  const version = /^linux-(.+)$/.exec(path.basename(tree))?.[1];
  if (!fs.existsSync(unit)) return { what, value: `skipped: no ${unit}` };
  if (version === undefined) return { what, value: 'skipped: its trees are named linux-…' };
  const script = `
    const { load } = require(${JSON.stringify(unit)});
    const start = performance.now();
    load(${JSON.stringify(version)}, ${JSON.stringify(EDITED)});
    console.log(performance.now() - start);`;
  const env = { ...process.env, TREES: path.dirname(tree) };
  try {
    const text = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', env });
    return { what, value: `${Number(text.trim().split('\n').at(-1)).toFixed(0)} ms` };
  } catch (error) {
    return { what, value: `skipped: it ends with ${error.status}` };
  }
}

export async function run({ tree, prototype }) {
  if (tree === undefined) return { skipped: 'no kernel tree named' };
  if (!fs.existsSync(path.join(tree, PAGE_TABLE))) return { skipped: 'a tree without generic_pt' };
  const ms = (value) => `${value.toFixed(0)} ms`;
  const figures = frontEndFigures(tree, EDITED);
  const { rss } = frontEndFigures(tree, LARGEST);
  const rate = await callRate(tree);
  return {
    rows: [
      row('vfio_iommu_type1.c, cold', figures.cold, ms, '≤ 700 ms', (v) => v <= 700),
      row('vfio_iommu_type1.c, headers lexed', figures.warm, ms, '≤ 250 ms', (v) => v <= 250),
      row('vfio_iommu_type1.c, only the .c changed', figures.edited, ms, '≤ 50 ms', (v) => v <= 50),
      row(
        'intel/iommu.c, resident',
        rss / 2 ** 20,
        (v) => `${v.toFixed(0)} MB`,
        '≤ 300 MB',
        (v) => v <= 300,
      ),
      row(
        'calls executed',
        rate,
        (v) => `${(v / 1e6).toFixed(2)} M/s`,
        '≥ 1 M/s',
        (v) => v >= 1e6,
      ),
      prototypeRow(prototype, tree),
    ],
  };
}
