// npm run survey -- TREE [FOLDER…] [--sample N] [--seed S] [--rules id,…] [--preview] [--jobs N] [--json]
//
// Findings per rule and per 10,000 lines in folders of a kernel tree (default: drivers/iommu drivers/vfio kernel/dma),
// and a random sample to read. The same seed draws the same sample of the same findings.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fail, fromUser, root, skip } from './lib/engine.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    rules: { type: 'string' },
    preview: { type: 'boolean', default: false },
    jobs: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [given, ...named] = positionals;
if (given === undefined)
  fail(
    'usage: npm run survey -- TREE [FOLDER…] [--sample N] [--seed S] [--rules id,…] [--preview] [--jobs N] [--json]',
  );
const tree = fromUser(given);
if (!fs.existsSync(path.join(tree, 'Makefile'))) skip(`${tree}: no kernel tree`);
const folders = named.length > 0 ? named : ['drivers/iommu', 'drivers/vfio', 'kernel/dma'];
const cli = path.join(root, 'dist/cli.cjs');
if (!fs.existsSync(cli)) fail('not built: run npm run build');

const rows = folders.map((folder) => {
  const absolute = path.join(tree, folder);
  if (!fs.existsSync(absolute)) fail(`${absolute}: no such folder`);
  const options = [
    ...(values.rules === undefined ? [] : ['--rules', values.rules]),
    ...(values.preview ? ['--preview'] : []),
    ...(values.jobs === undefined ? [] : ['--jobs', values.jobs]),
  ];
  const run = spawnSync(
    process.execPath,
    [cli, 'check', '--format', 'json', '--tree', tree, ...options, absolute],
    { encoding: 'utf8', maxBuffer: 1 << 30 },
  );
  if (run.status !== 0 && run.status !== 1)
    fail(`${folder}: iovet ended with ${run.status}\n${run.stderr}`);
  const report = JSON.parse(run.stdout);
  return { folder, lines: countLines(absolute), ...report };
});

const findings = rows.flatMap((row) => row.findings);
const perRule = new Map();
for (const { rule } of findings) perRule.set(rule, (perRule.get(rule) ?? 0) + 1);
const sample = draw(findings, Number(values.sample), Number(values.seed));
const perTenThousand = (count, lines) => (lines === 0 ? 0 : (count * 10000) / lines);

if (values.json) {
  console.log(
    JSON.stringify(
      {
        tree: path.basename(path.resolve(tree)),
        kernel: rows[0]?.kernel,
        folders: rows.map((row) => ({
          folder: row.folder,
          lines: row.lines,
          findings: row.findings.length,
          perTenThousandLines: perTenThousand(row.findings.length, row.lines),
          ...row.summary,
          incomplete: row.incomplete,
        })),
        rules: Object.fromEntries([...perRule].sort()),
        seed: Number(values.seed),
        sample,
      },
      null,
      2,
    ),
  );
} else {
  console.log(`kernel ${rows[0]?.kernel ?? '?'}, ${folders.length} folders`);
  for (const row of rows) {
    const rate = perTenThousand(row.findings.length, row.lines).toFixed(2);
    console.log(
      `${row.folder.padEnd(28)} ${String(row.lines).padStart(8)} lines  ${String(row.findings.length).padStart(4)} findings  ${rate.padStart(6)} per 10,000 lines  ${String(row.summary.functions).padStart(6)} functions, ${row.incomplete.length} not analysed  ${row.summary.seconds.toFixed(1)} s`,
    );
  }
  console.log('');
  for (const [rule, count] of [...perRule].sort((a, b) => b[1] - a[1])) {
    console.log(`${String(count).padStart(5)}  ${rule}`);
  }
  console.log(`${String(findings.length).padStart(5)}  in all`);
  if (sample.length > 0) console.log(`\nsample of ${sample.length}, seed ${values.seed}:`);
  for (const [i, finding] of sample.entries()) {
    console.log(
      `${String(i + 1).padStart(3)}. ${finding.file}:${finding.line}:${finding.column}: ${finding.function}(): ${finding.message} [${finding.rule}]`,
    );
  }
}

/** Lines of the C files below a folder: what the rates count against, whether or not iovet reads the file. */
function countLines(folder) {
  let lines = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.[ch]$/.test(entry.name)) continue;
    const bytes = fs.readFileSync(path.join(entry.parentPath, entry.name));
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  }
  return lines;
}

/** Draws without repetition, the same for the same seed (mulberry32 and a partial shuffle). */
function draw(items, count, seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const pool = [...items];
  const drawn = [];
  while (drawn.length < count && pool.length > 0) {
    drawn.push(...pool.splice(Math.floor(random() * pool.length), 1));
  }
  return drawn;
}
