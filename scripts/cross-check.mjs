// `npm run cross-check -- TREE [--cases N] [--seed N] [--format NAME,…]`: operations at random on the page-table model
// and on the tree's own C. Every result, table, event and gather of every step is compared; 0 differences are wanted.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { fail, fromUser, root } from './lib/engine.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string' },
  },
});
if (positionals[0] === undefined) {
  console.log('SKIPPED: no kernel tree named; nothing was compared');
  process.exit(0);
}
const tree = fromUser(positionals[0]);
if (!fs.existsSync(path.join(tree, 'Makefile'))) fail(`${tree}: no kernel tree`);

const load = (file) => import(pathToFileURL(path.join(root, 'out', file)).href);
const { BUILDS } = await load('server/model/fmt/builds.js');
const { ARM_FORMATS } = await load('server/model/fmt/armLpae.js');
const { failureLines } = await load('server/model/scenario/failureText.js');
const { TreeReplay } = await load('server/simulate/conformance/treeReplay.js');
const { genericPtCase } = await load('server/simulate/conformance/random/genericPtCases.js');
const { armCase } = await load('server/simulate/conformance/random/armCases.js');
const { hashText: sha256 } = await load('server/text/hash.js');

const read = (file) => {
  const at = path.join(tree, file);
  return fs.existsSync(at) ? fs.readFileSync(at, 'utf8') : undefined;
};
const replay = new TreeReplay({ source: { read }, sha256, now: () => performance.now() });
const formats = values.format?.split(',') ?? [...Object.keys(BUILDS), ...Object.keys(ARM_FORMATS)];
let differing = 0;
for (const format of formats) {
  const make = format in BUILDS ? genericPtCase : armCase;
  let steps = 0;
  let shown = 0;
  let reason;
  for (let n = 0; n < Number(values.cases) && reason === undefined; n++) {
    const vector = make(format, Number(values.seed) + n);
    const outcome = replay.replay(vector);
    if (outcome.kind === 'skipped' || outcome.kind === 'problem') reason = outcome.reason;
    else steps += outcome.steps;
    if (outcome.kind !== 'failed') continue;
    differing++;
    if (shown++ < 3) console.log(failureLines('model', vector.id, outcome.failed[0]).join('\n'));
  }
  console.log(
    `${format.padEnd(16)} ${steps} steps compared${reason === undefined ? '' : `; stopped: ${reason}`}`,
  );
  if (reason !== undefined) differing++;
}
console.log(`${differing} cases differ (expected is the model's answer, got is the C's)`);
process.exit(differing === 0 ? 0 : 1);
