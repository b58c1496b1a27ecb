// What a user waits for under the mouse: 1,000 random identifiers of two large drivers, hovered in the built server.
import fs from 'node:fs';
import path from 'node:path';
import { quantiles } from '../lib/engine.mjs';
import { startServer } from '../lib/server.mjs';

export const title = 'Hover over stdio: 1,000 random identifiers, warm';

const FILES = ['drivers/iommu/intel/iommu.c', 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c'];
const PER_FILE = 500;

export async function run({ tree }) {
  if (tree === undefined) return { skipped: 'no kernel tree named' };
  const missing = FILES.find((file) => !fs.existsSync(path.join(tree, file)));
  if (missing !== undefined) return { skipped: `${missing} is not in the tree` };
  const server = await startServer(tree, { hover: { contentFormat: ['markdown'] } });
  const times = [];
  let shown = 0;
  let slowest = { ms: 0, what: '' };
  for (const file of FILES) {
    const text = fs.readFileSync(path.join(tree, file), 'utf8');
    await server.open(file, text);
    const places = identifiers(text);
    // Each one is asked twice: what the first answer of a name reads from headers is not what people wait for.
    for (const measured of [false, true]) {
      for (const { line, character, name } of places) {
        const started = performance.now();
        const answer = await server.hover(file, { line, character });
        const ms = performance.now() - started;
        if (!measured) continue;
        times.push(ms);
        if (answer !== null) shown++;
        if (ms > slowest.ms) slowest = { ms, what: `${name}, ${path.basename(file)}:${line + 1}` };
      }
    }
    await server.close(file);
  }
  const errors = server.log.filter((line) => line.includes('internal error')).length;
  await server.stop();
  const { median, p99 } = quantiles(times);
  const ms = (value) => `${value.toFixed(1)} ms`;
  return {
    rows: [
      { what: 'hover, median', value: ms(median), goal: '20 ms', met: median <= 20 },
      { what: 'hover, p99', value: ms(p99), goal: '80 ms', met: p99 <= 80 },
      { what: 'slowest', value: `${slowest.what}, ${ms(slowest.ms)}` },
      { what: 'identifiers with an answer', value: `${shown} of ${times.length}` },
      { what: 'errors', value: `${errors}`, goal: '0', met: errors === 0 },
    ],
  };
}

/** Identifiers in code, by a generator with a fixed start: the same in every run. */
function identifiers(text) {
  const all = [];
  text.split('\n').forEach((content, line) => {
    if (/^\s*(?:\*|\/\*|#include)/.test(content)) return;
    for (const match of content.matchAll(/[A-Za-z_]\w*/g)) {
      all.push({ line, character: match.index + 1, name: match[0] });
    }
  });
  let seed = 1;
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  return Array.from({ length: PER_FILE }, () => all[Math.floor(next() * all.length)]);
}
