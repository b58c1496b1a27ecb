// A cold `iovet check drivers/iommu` with two jobs: process start, parser load, analysis, report.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { quantiles, root } from '../lib/engine.mjs';

export const title = 'Command line, from a cold start';

export async function run({ tree, runs }) {
  const cli = path.join(root, 'dist/cli.cjs');
  if (!fs.existsSync(cli)) return { skipped: 'not built: run npm run build' };
  const start = times(runs, () => iovet(cli, ['--version']));
  const rows = [
    {
      what: 'iovet --version',
      value: `${start.median.toFixed(0)} ms`,
      goal: '80 ms',
      met: start.median <= 80,
    },
  ];
  if (tree === undefined) return { rows };
  let report;
  const check = times(runs, () => {
    const run = iovet(cli, [
      'check',
      '--jobs',
      '2',
      '--format',
      'json',
      path.join(tree, 'drivers/iommu'),
    ]);
    report = JSON.parse(run.stdout);
  });
  const { summary, incomplete, findings } = report;
  const bounded = incomplete.filter(({ reason }) => /bound|too many/.test(reason)).length;
  const share = (100 * bounded) / Math.max(1, summary.functions);
  rows.push(
    {
      what: 'iovet check --jobs 2 drivers/iommu, median',
      value: `${(check.median / 1000).toFixed(2)} s`,
      goal: '3 s',
      met: check.median <= 3000,
    },
    {
      what: 'files, functions, findings, not analysed',
      value: `${summary.files}, ${summary.functions}, ${findings.length}, ${incomplete.length}`,
    },
    {
      what: 'functions that hit a bound',
      value: `${bounded} (${share.toFixed(2)} %)`,
      goal: '0.5 %',
      met: share <= 0.5,
    },
  );
  return { rows };
}

function iovet(cli, args) {
  const run = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0 && run.status !== 1)
    throw new Error(`iovet ${args.join(' ')}: ${run.stderr}`);
  return run;
}

function times(runs, work) {
  return quantiles(
    Array.from({ length: runs }, () => {
      const started = performance.now();
      work();
      return performance.now() - started;
    }),
  );
}
