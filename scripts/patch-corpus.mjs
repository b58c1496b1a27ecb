// npm run patch-corpus -- CORPUS KERNELS [--json]
//
// CORPUS holds patches/index.json: pairs of a patch that brings a bug back and one that mends it. KERNELS holds the trees,
// linux-6.1, linux-6.12, linux-latest. Applies each bug patch to its tree and its fix patch on top of that, in memory, and
// prints how each went. Ends with 1 when one of them does not apply.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compile, fail, fromUser, root, skip } from './lib/engine.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
if (positionals.length !== 2) fail('usage: npm run patch-corpus -- CORPUS KERNELS [--json]');
const [corpus, kernels] = positionals.map(fromUser);
const index = path.join(corpus, 'patches/index.json');
if (!fs.existsSync(index)) skip(`${index}: no such file; the corpus is not part of the repository`);

compile();
const load = (file) => import(path.join(root, 'out/server/patch', file));
const { parsePatch } = await load('parseSeries.js');
const { changeOf } = await load('applyPatch.js');

/** The trees that can be had: newer ones than 6.12 are all in the latest. */
const trees = { 6.1: 'linux-6.1', 6.12: 'linux-6.12' };

/** One patch on a tree: how it went, in a word, and what was said. */
function apply(name, read) {
  const series = parsePatch(fs.readFileSync(path.join(corpus, 'patches', name), 'utf8'), name);
  const said = [
    ...series.problems,
    ...series.repairs.map(({ what }) => ({ severity: 'warning', reason: what })),
  ];
  const patch = series.patches[0];
  if (series.patches.length !== 1 || said.some(({ severity }) => severity === 'error'))
    return { how: 'not read', said, after: new Map() };
  const change = changeOf(patch, read);
  said.push(...change.problems);
  const after = new Map(
    change.files.flatMap((file) =>
      file.after === undefined ? [] : [[file.after.path, file.after.text]],
    ),
  );
  const placements = change.files.flatMap((file) => file.placements);
  const whole = change.files.length === new Set(patch.files.map((file) => file.newPath)).size;
  if (!whole || said.some(({ severity }) => severity === 'error'))
    return { how: 'does not apply', said, after };
  if (said.some(({ reason }) => reason.includes('has this change already')))
    return { how: 'in the tree already', said, after };
  if (placements.some(({ match }) => match === 'present'))
    return { how: 'in the tree in part', said, after };
  if (placements.some(({ match, fuzz }) => match !== 'exact' || fuzz > 0))
    return { how: 'applies with fuzz', said, after };
  return {
    how: placements.some(({ offset }) => offset !== 0)
      ? 'applies with an offset'
      : 'applies as it is',
    said,
    after,
  };
}

const rows = [];
for (const { id, tree, bug_patch: bug, fix_patch: fix } of JSON.parse(
  fs.readFileSync(index, 'utf8'),
)) {
  const folder = path.join(kernels, trees[tree] ?? 'linux-latest');
  if (!fs.existsSync(folder)) {
    rows.push({ id, tree, bug: { how: 'no tree', said: [] }, fix: { how: 'no tree', said: [] } });
    continue;
  }
  const read = (file) => {
    const full = path.join(folder, file);
    return fs.existsSync(full) ? fs.readFileSync(full, 'utf8') : undefined;
  };
  const first = apply(bug, read);
  const second = apply(fix, (file) => first.after.get(file) ?? read(file));
  rows.push({ id, tree, bug: first, fix: second });
}

if (values.json)
  console.log(
    JSON.stringify(
      rows.map(({ id, tree, bug, fix }) => ({ id, tree, bug: bug.how, fix: fix.how })),
      null,
      1,
    ),
  );
else {
  for (const { id, tree, bug, fix } of rows)
    for (const [name, { how, said }] of [
      ['bug', bug],
      ['fix', fix],
    ])
      if (said.length > 0)
        console.log(
          `${id} (${tree}) ${name}: ${how}: ${said.map(({ reason }) => reason).join('; ')}`,
        );
  for (const which of ['bug', 'fix']) {
    const counts = {};
    for (const row of rows) counts[row[which].how] = (counts[row[which].how] ?? 0) + 1;
    console.log(
      `${rows.length} ${which} patches: ${Object.entries(counts)
        .map(([how, count]) => `${count} ${how}`)
        .join(', ')}`,
    );
  }
}
const bad = ['not read', 'does not apply', 'no tree'];
process.exit(rows.some(({ bug, fix }) => bad.includes(bug.how) || bad.includes(fix.how)) ? 1 : 0);
