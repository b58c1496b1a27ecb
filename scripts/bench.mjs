// npm run bench [-- TREE] [--only NAME,…] [--peers DIR] [--prototype DIR] [--runs N] [--write]
//
// Measures what the promises about speed say. TREE is a kernel tree; without one, what needs a tree is skipped.
// --prototype DIR holds the first runner of C (unit.js), timed beside today's.
// --peers DIR holds semantic patches; spatch runs them over the same files. --write updates docs/benchmarks.md.
// A bench is a file in scripts/bench/ with `export const title`, and `export async function run(options)` that gives
// { rows: [{ what, value, goal?, met? }] } or { skipped: reason }.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { compile, fail, fromUser, root } from './lib/engine.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    prototype: { type: 'string' },
    runs: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
const tree = positionals[0] === undefined ? undefined : fromUser(positionals[0]);
if (tree !== undefined && !fs.existsSync(path.join(tree, 'Makefile')))
  fail(`${tree}: no kernel tree`);
const options = {
  tree,
  peers: values.peers === undefined ? undefined : fromUser(values.peers),
  prototype: values.prototype === undefined ? undefined : fromUser(values.prototype),
  runs: Number(values.runs),
};

compile();
const folder = path.join(import.meta.dirname, 'bench');
const names = fs
  .readdirSync(folder)
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => name.slice(0, -'.mjs'.length))
  .sort();
const wanted = values.only?.split(',') ?? names;
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) fail(`no bench named ${unknown.join(', ')}; there are ${names.join(', ')}`);

const sections = [];
for (const name of wanted) {
  const { title, run } = await import(path.join(folder, `${name}.mjs`));
  console.log(`\n${title}`);
  const { rows = [], skipped } = await run(options);
  if (skipped !== undefined) console.log(`  skipped: ${skipped}`);
  for (const row of rows) {
    const verdict =
      row.goal === undefined ? '' : `  (goal ${row.goal}: ${row.met ? 'met' : 'missed'})`;
    console.log(`  ${row.what.padEnd(58)} ${row.value}${verdict}`);
  }
  sections.push({ name, title, rows, skipped });
}
if (values.write) await write();

/** Replaces the sections that were measured, and leaves the others as they are. */
async function write() {
  const file = path.join(root, 'docs/benchmarks.md');
  const old = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const kept = new Map(
    [...old.matchAll(/<!-- bench (\S+) -->\n([^]*?)<!-- end -->\n/g)].map(([, name, text]) => [
      name,
      text,
    ]),
  );
  const cpu = os.cpus()[0]?.model.trim() ?? 'unknown processor';
  const machine = `Measured on ${os.availableParallelism()} × ${cpu}, Node ${process.versions.node}${tree === undefined ? '' : `, kernel ${versionOf(tree)}`}.`;
  for (const { name, title, rows, skipped } of sections) {
    if (skipped !== undefined) continue;
    const table = [
      '| what | measured | goal |',
      '| --- | --- | --- |',
      ...rows.map(
        ({ what, value, goal, met }) =>
          `| ${what} | ${value} | ${goal === undefined ? '' : `${goal}: ${met ? 'met' : '**missed**'}`} |`,
      ),
    ];
    kept.set(name, `\n## ${title}\n\n${machine}\n\n${table.join('\n')}\n\n`);
  }
  const text = [
    '# Benchmarks\n\nWritten by `npm run bench -- TREE --write`; how each figure is taken is said in `scripts/bench/`.\n',
    ...[...kept]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, body]) => `\n<!-- bench ${name} -->\n${body}<!-- end -->\n`),
  ].join('');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const style = await resolveConfig(file);
  fs.writeFileSync(file, await format(text, { ...style, parser: 'markdown' }));
  console.log(`\nwrote ${path.relative(root, file)}`);
}

function versionOf(folder) {
  const makefile = fs.readFileSync(path.join(folder, 'Makefile'), 'utf8');
  const part = (name) => new RegExp(`^${name} = (.*)$`, 'm').exec(makefile)?.[1] ?? '';
  return `${part('VERSION')}.${part('PATCHLEVEL')}.${part('SUBLEVEL')}${part('EXTRAVERSION')}`;
}
