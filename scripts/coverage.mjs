// `npm run coverage`: line and branch coverage of server/model, per file, with every line that is not covered.
// What stays uncovered on purpose is explained in scripts/coverage.explained.json: file, code of the line, reason.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const GOAL = 98;
const explained = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'coverage.explained.json'), 'utf8'),
);
const bin = (name) => path.join(root, 'node_modules/.bin', name);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-coverage-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

if (spawnSync(bin('tsc'), ['-b'], { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1);
const tests = ['server/model', 'tests/model', 'tests/crossCheck'].map(
  (at) => `out/${at}/**/*.test.js`,
);
const run = spawnSync(
  bin('c8'),
  [
    ...['--include', 'out/server/model/**/*.js', '--exclude', '**/*.test.js'],
    ...['--reporter', 'json', '--report-dir', folder, '--temp-directory', path.join(folder, 'raw')],
    ...[bin('mocha'), '--no-config', '--reporter', 'dot', '--timeout', '300000', ...tests],
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
if (run.status !== 0) process.exit(run.status ?? 1);

const coverage = JSON.parse(fs.readFileSync(path.join(folder, 'coverage-final.json'), 'utf8'));
const totals = { lines: 0, linesHit: 0, branches: 0, branchesHit: 0, unexplained: 0 };
const rows = [];
const folders = new Map();
for (const [file, data] of Object.entries(coverage).sort(([a], [b]) => (a < b ? -1 : 1))) {
  const name = path.relative(path.join(root, 'server/model'), file);
  const source = fs.readFileSync(file, 'utf8').split('\n');
  const missed = new Set();
  let hit = 0;
  const statements = Object.entries(data.statementMap);
  for (const [id, { start }] of statements) {
    if (data.s[id] > 0) hit++;
    else missed.add(start.line);
  }
  let branches = 0;
  let branchesHit = 0;
  for (const [id, { loc }] of Object.entries(data.branchMap)) {
    for (const count of data.b[id]) {
      branches++;
      if (count > 0) branchesHit++;
      else missed.add(loc.start.line);
    }
  }
  totals.lines += statements.length;
  totals.linesHit += hit;
  totals.branches += branches;
  totals.branchesHit += branchesHit;
  const sum = folders.get(path.dirname(name)) ?? [0, 0, 0, 0];
  folders.set(
    path.dirname(name),
    [hit, statements.length, branchesHit, branches].map((n, i) => n + sum[i]),
  );
  const notes = [...missed]
    .sort((a, b) => a - b)
    .map((line) => {
      const code = source[line - 1].trim();
      const known = explained.find((e) => name.startsWith(e.file) && code.includes(e.code));
      if (known === undefined) totals.unexplained++;
      return `    ${line}: ${code}\n        ${known?.reason ?? 'not explained'}`;
    });
  rows.push({
    name,
    lines: percent(hit, statements.length),
    branches: percent(branchesHit, branches),
    notes,
  });
}
for (const { name, lines, branches, notes } of rows) {
  console.log(`${lines.padStart(6)} lines  ${branches.padStart(6)} branches  ${name}`);
  for (const note of notes) console.log(note);
}
console.log('');
for (const [name, [hit, all, branchesHit, branches]] of folders) {
  console.log(
    `${percent(hit, all).padStart(6)} lines  ${percent(branchesHit, branches).padStart(6)} branches  ${name}/`,
  );
}
const lines = percent(totals.linesHit, totals.lines);
const branches = percent(totals.branchesHit, totals.branches);
console.log(
  `\nserver/model: ${lines} % of lines, ${branches} % of branches; goal ${GOAL} % of both`,
);
console.log(`${totals.unexplained} uncovered lines without an explanation`);
const isEnough = Number(lines) >= GOAL && Number(branches) >= GOAL;
process.exit(isEnough && totals.unexplained === 0 ? 0 : 1);

function percent(part, whole) {
  return (whole === 0 ? 100 : (100 * part) / whole).toFixed(2);
}
