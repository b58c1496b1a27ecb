// npm run patch-mutate -- [N] [SEED]
//
// Spoils patches in N ways (10,000): bytes flipped, hunks cut, counts wrong, headers doubled, paths out of the tree, symbolic
// links, NUL, lines of 10 MB. Each must be read and applied within a second, without a crash, without a read outside
// of the tree, and with a message for every file that was not used. Ends with 1 when one does not.
import path from 'node:path';
import { compile, quantiles, root } from './lib/engine.mjs';

const count = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
/** Longest time for one patch, in milliseconds of the processor: others may use the machine too. */
const longest = 1000;

compile();
const { mutant } = await import(path.join(root, 'out/tests/patch/mutations.js'));
const { judge } = await import(path.join(root, 'out/tests/patch/judge.js'));

const times = [];
const bad = [];
const totals = { used: 0, refused: 0 };
for (let i = 0; i < count; i++) {
  const { ways, text } = mutant(seed * 1_000_003 + i, 10_000_000);
  const started = process.cpuUsage();
  let faults;
  try {
    const judgement = judge(text);
    totals.used += judgement.used;
    totals.refused += judgement.refused;
    ({ faults } = judgement);
  } catch (error) {
    faults = [String(error.stack ?? error)];
  }
  const { user, system } = process.cpuUsage(started);
  const took = (user + system) / 1000;
  times.push(took);
  if (took > longest) faults = [...faults, `took ${Math.round(took)} ms`];
  if (faults.length > 0) {
    bad.push(i);
    if (bad.length <= 20)
      console.log(`number ${i} (${ways.join(', ')}): ${faults.slice(0, 3).join('; ')}`);
  }
}
const { median, p99, max } = quantiles(times);
console.log(
  `${count - bad.length} of ${count} spoiled patches were answered: ${totals.used} files used, ${totals.refused} refused with a message; ` +
    `${median.toFixed(1)} ms in the middle, ${p99.toFixed(0)} ms for 99 %, ${max.toFixed(0)} ms at most; seed ${seed}`,
);
process.exit(bad.length > 0 ? 1 : 0);
