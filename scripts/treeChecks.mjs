// `npm run tree-checks -- [--6.1 TREE] [--tree TREE] [--vectors FOLDER]`: kernel C that iovet executes, checked against
// what is known about it. Every check without its input is skipped, loudly.
import { parseArgs } from 'node:util';
import { checkIntervalTree, checkXarray } from './treeChecks/containers.mjs';
import { checkMetamorphic } from './treeChecks/metamorphic.mjs';
import { checkMutations } from './treeChecks/mutations.mjs';
import { isTree } from './treeChecks/support.mjs';
import { checkVtdUnmap } from './treeChecks/vtdUnmap.mjs';

const { values } = parseArgs({
  options: { 6.1: { type: 'string' }, tree: { type: 'string' }, vectors: { type: 'string' } },
});
let wrong = 0;
const show = (result) => {
  wrong += result.wrong;
  console.log(`${result.wrong === 0 ? 'ok  ' : 'FAIL'} ${result.name}`);
};

if (values.tree !== undefined && isTree(values.tree)) {
  show(await checkXarray(values.tree));
  show(await checkIntervalTree(values.tree));
  if (values.vectors === undefined) console.log('SKIPPED mutations: --vectors names no folder');
  else {
    for (const result of await checkMetamorphic(values.tree, values.vectors)) show(result);
    for (const result of await checkMutations(values.tree, values.vectors)) show(result);
  }
} else console.log('SKIPPED containers and mutations: --tree names no kernel tree');
if (values['6.1'] !== undefined && isTree(values['6.1'])) {
  for (const result of await checkVtdUnmap(values['6.1'])) show(result);
} else console.log('SKIPPED VT-d unmap: --6.1 names no kernel tree');
process.exit(wrong === 0 ? 0 : 1);
