// Simulating a patch: from a cold start to the verdicts, and the memory that it takes.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { root } from '../lib/engine.mjs';

export const title = 'Simulating a patch';

/** In a process of its own, so that nothing is warm in it. The patch is made by edits on identifiers. */
const CHILD = `
import fs from 'node:fs';
import path from 'node:path';
const start = performance.now();
const [tree, variant] = process.argv.slice(-2);
const root = ${JSON.stringify(root)};
const load = (file) => import(path.join(root, file));
const { lineMap } = await load('out/server/patch/apply/lineMap.js');
const { SIMULATION_LIMITS, simulateChange } = await load('out/server/simulate/compare/simulateChange.js');
const { VFIO_FILE } = await load('scripts/demo/vfioRuns.mjs');
const { VARIANTS } = await load('scripts/demo/vfioVariants.mjs');
const read = (file) => {
  const full = path.join(tree, file);
  return fs.existsSync(full) ? fs.readFileSync(full, 'utf8') : undefined;
};
const list = (folder) => {
  const full = path.join(tree, folder);
  return fs.existsSync(full) ? fs.readdirSync(full).sort() : [];
};
const before = read(VFIO_FILE);
const after = VARIANTS.find(({ name }) => name === variant).edit(before);
const [old, made] = [before.split('\\n'), after.split('\\n')];
let head = 0;
while (old[head] === made[head]) head++;
let tail = 0;
while (old.at(-1 - tail) === made.at(-1 - tail)) tail++;
const kept = [
  { before: 1, after: 1, length: head },
  { before: old.length - tail + 1, after: made.length - tail + 1, length: tail },
];
const file = {
  before: { path: VFIO_FILE, text: before }, after: { path: VFIO_FILE, text: after },
  map: lineMap(kept, []), filePatches: [], placements: [], extent: 'whole', seen: [],
};
const change = { patches: [], files: [file], notLookedAt: [], problems: [] };
const { functions } = simulateChange({
  source: { read, list }, change, limits: SIMULATION_LIMITS,
  now: () => performance.now(), cancelled: () => false,
});
console.log(JSON.stringify({
  ms: performance.now() - start,
  rss: process.resourceUsage().maxRSS * 1024,
  verdicts: functions.map(({ verdict }) => verdict),
}));
`;

export async function run({ tree }) {
  if (tree === undefined) return { skipped: 'no kernel tree named' };
  const args = ['--input-type=module', '-e', CHILD, tree, 'v4'];
  const text = execFileSync(process.execPath, args, { encoding: 'utf8', cwd: path.dirname(root) });
  const { ms, rss, verdicts } = JSON.parse(text);
  return {
    rows: [
      {
        what: `one changed file of VFIO, cold start to ${verdicts.length} verdicts`,
        value: `${(ms / 1000).toFixed(2)} s`,
        ...{ goal: '<= 2 s', met: ms <= 2000 },
      },
      {
        what: 'memory at its highest',
        value: `${Math.round(rss / 2 ** 20)} MB`,
        ...{ goal: '<= 500 MB', met: rss <= 500 * 2 ** 20 },
      },
    ],
  };
}
