// Simulating a patch as it is done at the command line: the built program, from its start to its end, and the memory
// that it takes. The build leaves compiled code beside the program (scripts/codeCache.mjs), as the package has it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { quantiles, root } from '../lib/engine.mjs';
import { vfioPatch } from './lib/vfioPatch.mjs';

export const title = 'Simulating a patch at the command line';

/** The changed functions of the patch in the situations that fit them. */
const VERDICTS = 9;
/** What a process says of itself when it ends. Unit: KiB. */
const WATCH = 'process.on("exit", () => require("fs").writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));'; // prettier-ignore

export async function run({ tree, runs }) {
  if (tree === undefined) return { skipped: 'no kernel tree named' };
  spawnSync(process.execPath, [path.join(root, 'scripts/bundle.mjs')], { stdio: 'inherit' });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-bench-'));
  try {
    const patch = path.join(folder, 'v4.patch');
    fs.writeFileSync(patch, vfioPatch(tree));
    const args = [path.join(root, 'dist/cli.cjs'), 'simulate', '--tree', tree, patch];
    const times = Array.from({ length: runs }, () => {
      const start = performance.now();
      ended(spawnSync(process.execPath, args, { encoding: 'utf8' }));
      return performance.now() - start;
    });
    const ms = quantiles(times).median;
    const { verdicts, rss } = watched(args, folder);
    if (verdicts !== VERDICTS) throw new Error(`${verdicts} verdicts instead of ${VERDICTS}`);
    return {
      rows: [
        {
          what: `one changed file of VFIO, start of the program to the end, ${verdicts} verdicts`,
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
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Once more, for what is not timed: the number of verdicts, and the most memory that the process had. Unit: bytes. */
function watched(args, folder) {
  const watch = path.join(folder, 'watch.cjs');
  const peak = path.join(folder, 'peak');
  fs.writeFileSync(watch, WATCH);
  const { stdout } = ended(
    spawnSync(process.execPath, ['--require', watch, ...args, '--format', 'json'], {
      ...{ encoding: 'utf8', maxBuffer: 1 << 28 },
      env: { ...process.env, PEAK_FILE: peak },
    }),
  );
  return {
    verdicts: JSON.parse(stdout).runs.length,
    rss: Number(fs.readFileSync(peak, 'utf8')) * 1024,
  };
}

/** A run that came to its end: 1 is the answer that something is broken. */
function ended(run) {
  if (run.status !== 0 && run.status !== 1) throw new Error(run.stderr);
  return run;
}
