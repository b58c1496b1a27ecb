// `npm run demo:seed002 -- TREE…`: unmapping a part of a large page of a VT-d second-stage table, by the core's
// iommu_unmap_fast() and the driver of each tree. A tree with generic_pt runs its vtdss table; an older one the
// page-table code of drivers/iommu/intel/iommu.c, in RAM that looks like page-table entries.
import { isTree } from '../treeChecks/support.mjs';
import { kernelVersion, openTree, tableLines } from './support.mjs';
import { ROWS, runRow, vtdOf } from './vtdRows.mjs';

const trees = process.argv.slice(2);
if (trees.length === 0 || !trees.every(isTree)) {
  console.error('usage: npm run demo:seed002 -- TREE…; each TREE is a kernel tree');
  process.exit(2);
}

const WHOLE_LEAF = { unmapped: '0x200000', flush: '0x40000000-0x401fffff', words: 0, left: 0 };
/** Another length goes than was asked for, or nothing. */
const LENGTH = { broken: 'I-PAIR-1' };

/** What each kind of tree does, from the scenarios of the seed. */
const EXPECTED = {
  own: {
    'S002-A': { ...WHOLE_LEAF, ...LENGTH },
    'S002-B': {
      ...{ unmapped: '0x200000', flush: '0x40003000-0x40202fff', left: 512 },
      ...{ words: 509, first: '0x80000018', last: '0x80000ff8', by: 'dma_clear_pte' },
      broken: 'I-LIFE-3, I-PAIR-1',
    },
    'S002-C': { stop: 'unbacked' },
    'S002-D': { unmapped: '0x400000', words: 0, left: 0, ...LENGTH },
    'S002-E': { unmapped: '0x1000', words: 0, left: 511, broken: '' },
  },
  genericPt: {
    'S002-A': { ...WHOLE_LEAF, ...LENGTH },
    'S002-B': { unmapped: '0x0', flush: 'none', words: 0, left: 512, ...LENGTH },
    'S002-C': { unmapped: '0x0', flush: 'none', words: 0, ...LENGTH },
    'S002-D': { unmapped: '0x400000', words: 0, left: 0, ...LENGTH },
    'S002-E': { unmapped: '0x1000', words: 0, left: 511, broken: '' },
  },
};

function cells(row, got) {
  const words =
    got.words > 0
      ? `${got.words} words ${got.first}..${got.last} zeroed by ${got.by}`
      : 'untouched';
  const result = got.error ?? (got.stop === undefined ? `returns ${got.unmapped}` : 'stops');
  return [row.id, row.about, result, `flush ${got.flush ?? '-'}`, `RAM ${words}`];
}

async function runTree(tree) {
  const { kind, table, file } = vtdOf(tree);
  const opened = (await openTree(tree)).open(file);
  console.log(`\n${kernelVersion(tree)}: ${table}`);
  if (!opened.ok) {
    console.log(`  not run: ${opened.problem.reason}`);
    return 1;
  }
  let wrong = 0;
  const lines = [];
  const notes = [];
  for (const row of ROWS) {
    const got = await runRow(kind, opened.file, row);
    lines.push(cells(row, got));
    if (got.stop !== undefined) notes.push(`  ${row.id} ${got.stop}: ${got.message}`);
    for (const step of got.steps ?? []) notes.push(`  ${row.id} ${step}`);
    if (got.left !== undefined)
      notes.push(`  ${row.id} ${got.left} of the first 512 pages still mapped`);
    for (const [key, want] of Object.entries(EXPECTED[kind][row.id])) {
      if (got[key] === want) continue;
      wrong++;
      notes.push(`  ${row.id} ${key}: expected ${want}, got ${got[key]}`);
    }
  }
  for (const line of tableLines(lines)) console.log(`  ${line}`);
  for (const note of notes) console.log(note);
  return wrong;
}

let wrong = 0;
for (const tree of trees) wrong += await runTree(tree);
console.log(wrong === 0 ? '\nall rows as the scenarios of seed 002 say' : `\n${wrong} differ`);
process.exitCode = wrong === 0 ? 0 : 1;
