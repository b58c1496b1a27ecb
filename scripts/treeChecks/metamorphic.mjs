// The same C written differently: names changed, white space and comments changed. Results must not change.
import fs from 'node:fs';
import path from 'node:path';
import { load, sha256, treeSource } from './support.mjs';

const FOLDER = 'drivers/iommu/generic_pt';

/** Local names of generic_pt, and names of functions that only it uses. */
const NAMES = [
  ...['pts', 'parent_pts', 'leaf', 'start_index', 'flush_start_index', 'flush_end_index'],
  ...['num_contig_lg2', 'pgsize_lg2', 'table_mem', 'new_leaf', 'clear_contig', '__map_range_leaf'],
  ...['_table_alloc', 'table_alloc_top', 'increase_top', 'compute_best_pgsize', 'entry', 'isz_lg2'],
];

const renamed = (text) =>
  text.replace(/\b[A-Za-z_]\w*\b/g, (name) => (NAMES.includes(name) ? `${name}_renamed` : name));

/** Other white space, and a comment behind every line that may have one. */
const reformatted = (text) =>
  text
    .split('\n')
    .map((line) => {
      const inComment = /^\s*\/?\*/.test(line) || line.includes('/*') || line.includes('*/');
      if (inComment || /["'\\]|^\s*#/.test(line)) return line;
      return `${line.replace(/[ \t]+/g, '  ')} /* again */ `;
    })
    .join('\n');

const VARIANTS = [
  ['renamed', renamed],
  ['reformatted', reformatted],
  ['renamed and reformatted', (text) => reformatted(renamed(text))],
];

export async function checkMetamorphic(tree, vectors) {
  const { TreeReplay } = await load('simulate/conformance/treeReplay.js');
  const { readVectorFile } = await load('model/scenario/vectorFile.js');
  const plain = treeSource(tree);
  const results = [];
  for (const [what, change] of VARIANTS) {
    const source = {
      read: (file) => {
        const text = plain.read(file);
        return text !== undefined && file.startsWith(FOLDER) ? change(text) : text;
      },
    };
    for (const format of ['amdv1', 'riscv_64']) {
      const replay = new TreeReplay({ source, sha256, now: () => performance.now() });
      const text = fs.readFileSync(path.join(vectors, `${format}.json`), 'utf8');
      const { cases } = readVectorFile(JSON.parse(text));
      const outcomes = cases.map((vector) => replay.replay(vector));
      const wrong = outcomes.filter(({ kind }) => kind !== 'passed').length;
      results.push({
        name: `${what} generic_pt, ${format}: ${cases.length - wrong} of ${cases.length} cases the same`,
        wrong,
      });
    }
  }
  return results;
}
