// The same two folders under semantic patches: what a reviewer with coccinelle waits for.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const title = 'Peers: spatch with semantic patches for the same interfaces';

export async function run({ tree, peers }) {
  if (peers === undefined) return { skipped: 'no folder of semantic patches named (--peers DIR)' };
  if (tree === undefined) return { skipped: 'no kernel tree named' };
  if (!fs.existsSync(peers)) return { skipped: `${peers}: no such folder` };
  if (spawnSync('spatch', ['--version']).status !== 0) {
    return { skipped: 'spatch is not installed (apt install coccinelle)' };
  }
  // dma-extra.cocci is a second tier, beyond what the base patches look for.
  const patches = fs
    .readdirSync(peers)
    .filter((name) => name.endsWith('.cocci') && name !== 'dma-extra.cocci')
    .sort();
  const rows = [];
  let total = 0;
  for (const folder of ['drivers/iommu', 'drivers/vfio']) {
    for (const patch of patches) {
      const started = performance.now();
      const run = spawnSync(
        'spatch',
        [
          '--sp-file',
          path.join(peers, patch),
          '--no-includes',
          '--very-quiet',
          '-D',
          'report',
          '-j',
          '2',
          '--dir',
          folder,
        ],
        { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 28 },
      );
      const seconds = (performance.now() - started) / 1000;
      total += seconds;
      const reports = run.stdout.split('\n').filter((line) => /:\d+/.test(line)).length;
      rows.push({
        what: `${patch} over ${folder}`,
        value:
          run.status === 0
            ? `${seconds.toFixed(1)} s, ${reports} reports`
            : `ended with ${run.status}`,
      });
    }
  }
  rows.push({
    what: `all ${patches.length} patches over both folders`,
    value: `${total.toFixed(1)} s`,
  });
  return { rows };
}
