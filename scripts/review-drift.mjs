// npm run review-drift -- KERNELS SEED [--files N] [--from 6.12] [--to 7.2] [--json]
//
// False alarms of `iovet review`: draws N driver files that use the interfaces and differ between two releases, makes
// one patch of each difference, reviews it on the older tree, and prints everything that is called introduced. The
// releases are good code, most of the time: every line printed is to be read and judged. KERNELS is a folder of trees.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compile, fail, fromUser, loadEngine, skip } from './lib/engine.mjs';
import { kernelTrees, openPatchReview } from './lib/patchReview.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    files: { type: 'string', default: '60' },
    from: { type: 'string', default: '6.12' },
    to: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [given, seedText] = positionals;
if (given === undefined || !/^\d+$/.test(seedText ?? ''))
  fail('usage: npm run review-drift -- KERNELS SEED [--files N] [--from 6.12] [--to 7.2]');
const kernels = fromUser(given);
if (!fs.existsSync(kernels))
  skip(`${kernels}: no such folder; kernel trees are not part of the repository`);
const trees = kernelTrees(kernels);
const older = trees.find(({ release }) => release === values.from);
const newer =
  values.to === undefined
    ? trees.findLast(({ folder }) => folder !== older?.folder && !folder.endsWith('next'))
    : trees.find(({ release }) => release === values.to);
if (older === undefined || newer === undefined)
  fail(`no trees of ${values.from} and ${values.to ?? 'a later release'} in ${kernels}`);

compile();
const engine = await loadEngine();
const { walkSources } = await engine.load('host/sourceWalk.js');
const { mentionsInterfaces } = await engine.load('review/relevance.js');
const review = await openPatchReview(engine);

/** Driver files of both trees that differ and use the interfaces. */
function candidates() {
  const { sources } = walkSources(engine.nodeHost, path.join(older.folder, 'drivers'), {
    tests: 'skip',
  });
  return sources
    .map((file) => path.relative(older.folder, file))
    .filter((file) => file.endsWith('.c'))
    .filter((file) => {
      const later = path.join(newer.folder, file);
      if (!fs.existsSync(later)) return false;
      const before = fs.readFileSync(path.join(older.folder, file), 'utf8');
      const after = fs.readFileSync(later, 'utf8');
      const version = { version: older.release, source: 'tree' };
      return (
        before !== after &&
        mentionsInterfaces(before, version) &&
        mentionsInterfaces(after, version)
      );
    })
    .sort();
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function drawn(list, count, seed) {
  const next = numbers(seed);
  const rest = [...list];
  const chosen = [];
  while (chosen.length < count && rest.length > 0) {
    chosen.push(...rest.splice(Math.floor(next() * rest.length), 1));
  }
  return chosen.sort();
}

/** The difference of one file as git writes it. */
function difference(file) {
  const made = spawnSync(
    'git',
    ['diff', '--no-index', '--no-color', '--no-ext-diff', '--src-prefix=a/', '--dst-prefix=b/', '--', path.join(older.folder, file), path.join(newer.folder, file)], // prettier-ignore
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const hunks = made.stdout.slice(made.stdout.indexOf('\n@@') + 1);
  return `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n${hunks}`;
}

const all = candidates();
const files = drawn(all, Number(values.files), Number(seedText));
console.log(
  `seed ${seedText}: ${files.length} of ${all.length} driver files that use the interfaces and differ between ${older.release} and ${newer.numbers.join('.')}`,
);
let introduced = 0;
let fixed = 0;
for (const file of files) {
  const answer = review(
    [{ name: `${path.basename(file)}.patch`, text: difference(file) }],
    older.folder,
  );
  const { whole, problems } = answer;
  introduced += whole.introduced.length;
  fixed += whole.fixed.length;
  const failed = problems.filter(({ severity }) => severity === 'error');
  const parts = `${whole.introduced.length} introduced, ${whole.fixed.length} fixed, ${whole.existing.length} existing`;
  console.log(`${file}: ${failed.length > 0 ? failed[0].reason : parts}`);
  for (const { range, function: name, severity, rule, message } of whole.introduced) {
    console.log(`  introduced ${range.start.line} ${name}(): ${severity}: ${message} [${rule}]`);
  }
  for (const { range, function: name, rule, message } of answer.patches[0]?.remarks ?? []) {
    console.log(`  remark     ${range.start.line} ${name}(): ${message} [${rule}]`);
  }
  for (const { range, function: name, rule, message } of whole.fixed) {
    console.log(`  fixed      ${range.start.line} ${name}(): ${message} [${rule}]`);
  }
}
console.log(
  `\n${introduced} introduced, ${fixed} fixed in ${files.length} files: read every introduced one`,
);
