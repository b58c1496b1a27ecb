// `npm run demo:seed003 -- TREE [--layouts FILE]`: VFIO's C maps RAM and MMIO for an AMD IOMMU on a host that
// encrypts memory; four texts of drivers/vfio/vfio_iommu_type1.c, executed down to the page-table entries.
import { parseArgs } from 'node:util';
import { isTree } from '../treeChecks/support.mjs';
import { NotFound } from './edits.mjs';
import { LAYOUTS, layoutsOf } from './layouts.mjs';
import { brokenLines } from './steps.mjs';
import { hex, kernelVersion, listedTree, openTree, tableLines } from './support.mjs';
import { runLayout, VFIO_FILE } from './vfioRuns.mjs';
import { VARIANTS } from './vfioVariants.mjs';

const { values, positionals } = parseArgs({
  options: { layouts: { type: 'string' } },
  allowPositionals: true,
});
const [tree] = positionals;
if (tree === undefined || !isTree(tree)) {
  console.error('usage: npm run demo:seed003 -- TREE [--layouts FILE]; TREE is a kernel tree');
  process.exit(2);
}
const layouts = values.layouts === undefined ? LAYOUTS : layoutsOf(values.layouts);
if (typeof layouts === 'string') {
  console.error(layouts);
  process.exit(2);
}

/** One opened file per variant. */
async function openVariants() {
  const linked = await openTree(tree);
  const text = listedTree(tree).read(VFIO_FILE);
  if (text === undefined) throw new NotFound(`the tree has no ${VFIO_FILE}`);
  return VARIANTS.map(({ name, about, edit }) => {
    const opened = linked.open(VFIO_FILE, { text: edit(text) });
    if (!opened.ok) throw new NotFound(opened.problem.reason);
    return { name, about, file: opened.file };
  });
}

const protNames = ['READ', 'WRITE', 'CACHE', 'NOEXEC', 'MMIO', 'PRIV'];
const protText = (prot) => protNames.filter((_, bit) => (prot >> bit) & 1).join('|');

/** A cell of the table: what is wrong, or ok. */
function verdict({ maps }) {
  const wrong = maps.filter(({ ok }) => !ok);
  if (wrong.length === 0) return 'ok';
  const kinds = [...new Set(wrong.map(({ kind }) => kind))];
  return kinds
    .map((kind) => (kind === 'mmio' ? 'MMIO with C-bit' : 'RAM without C-bit'))
    .join(', ');
}

function printEntries(id, results) {
  console.log(`\n${id}`);
  const rows = results.flatMap(({ name, result }) =>
    result.maps.map((map, i) => [
      `  ${i === 0 ? name : ''}`,
      `page ${map.iova_page} x${map.npage}`,
      map.kind,
      protText(map.prot),
      `entry ${hex(map.entry)}`,
      `C-bit ${map.cbit ? 1 : 0}${map.ok ? '' : '  WRONG'}`,
    ]),
  );
  for (const line of tableLines(rows)) console.log(line);
  for (const { name, result } of results) {
    for (const line of brokenLines(result.seen)) console.log(`  ${name}: ${line}`);
    for (const line of brokenLines(result.replay_seen)) console.log(`  ${name}, replay: ${line}`);
  }
}

/** The whole table: layouts times variants, and the second domain. */
async function printTable(variants) {
  const table = [['user memory', ...variants.map(({ name }) => name)]];
  const replays = [];
  const all = [];
  for (const { id, segments } of layouts) {
    const results = [];
    for (const { name, file } of variants) {
      results.push({ name, result: await runLayout(file, segments) });
    }
    all.push({ id, results });
    table.push([id, ...results.map(({ result }) => verdict(result))]);
    replays.push([id, ...results.map(({ result }) => (result.replay_ok ? 'ok' : 'WRONG'))]);
  }
  for (const line of tableLines(table)) console.log(line);
  console.log('\nthe same mapping replayed for a second domain (vfio_iommu_replay)');
  for (const line of tableLines([table[0], ...replays])) console.log(line);
  for (const { id, results } of all) printEntries(id, results);
}

/** Fields of an outcome that the file states and the run answered otherwise. */
function differences(expected, result) {
  const found = [];
  const compare = (what, want, got) => {
    if (want !== undefined && want !== got) found.push(`${what}: file ${want}, run ${got}`);
  };
  compare('final_dma_prot_mmio', expected.final_dma_prot_mmio, result.final_dma_prot_mmio);
  compare('replay_ok', expected.replay_ok, result.replay_ok);
  const maps = expected.maps ?? [];
  compare('number of maps', expected.maps?.length, result.maps.length);
  maps.forEach((map, i) => {
    for (const [key, want] of Object.entries(map)) {
      compare(`map ${i} ${key}`, want, result.maps[i]?.[key]);
    }
  });
  return found;
}

/** Runs the layouts of a file and compares every outcome. */
async function compareWithFile(variants) {
  let runs = 0;
  let differ = 0;
  for (const { id, segments, outcomes } of layouts) {
    for (const [name, expected] of Object.entries(outcomes)) {
      const variant = variants.find((candidate) => candidate.name === name);
      if (variant === undefined) {
        console.log(`${id}: no variant ${name} here`);
        differ++;
        continue;
      }
      runs++;
      const found = differences(expected, await runLayout(variant.file, segments));
      differ += found.length;
      for (const text of found) console.log(`${id}, ${name}: ${text}`);
    }
  }
  console.log(`${layouts.length} layouts, ${runs} runs, ${differ} outcomes differ from the file`);
  return differ;
}

try {
  const variants = await openVariants();
  console.log(`seed 003 on ${VFIO_FILE} of ${kernelVersion(tree)}; AMDv1 table, C-bit 51`);
  for (const { name, about } of variants) console.log(`  ${name.padEnd(9)}${about}`);
  console.log();
  if (values.layouts === undefined) await printTable(variants);
  else process.exitCode = (await compareWithFile(variants)) === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof NotFound)) throw error;
  console.error(`this tree's C is not what the edits expect: ${error.message}`);
  process.exitCode = 2;
}
