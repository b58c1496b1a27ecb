// `npm test`: sets up what is missing, then runs every test. Each stage is one command, so a failure names its stage.
// Tests in editors need Chromium and Neovim: see scripts/apt.mjs. What is missing is skipped, loudly, and counted.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ensureEditors } from './apt.mjs';

const root = path.resolve(import.meta.dirname, '..');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const script = (name) => path.join(import.meta.dirname, name);

if (!fs.existsSync(bin('tsc'))) await setUp('install', 'npm', ['ci', '--ignore-scripts']);
ensureEditors();
await setUp('build', 'npm', ['run', '--silent', 'build']);

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
await test('unit tests', bin('mocha'), []);
await test('command line tests', bin('mocha'), ['--config', 'tests/.mocharc.json']);
await test('language server and package', bin('mocha'), ['--config', 'tests/lsp/.mocharc.json']);
await test('Neovim', process.execPath, [script('nvim/test.mjs')]);
await test('VS Code', process.execPath, [script('vscode/test.mjs')]);

for (const failure of failures) console.log(`FAILED: ${failure}`);
if (total.skipped > 0) console.log(`SKIPPED: ${total.skipped} tests, see above`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(failures.length === 0 ? 0 : 1);

/** Runs a stage that the others need; ends the process when it fails. */
async function setUp(name, command, args) {
  const { status } = await stage(name, command, args);
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a stage of tests and adds up its counts. One that reports none has not run, whatever its exit code. */
async function test(name, command, args) {
  const { status, output } = await stage(name, command, args);
  const counts = countsIn(output);
  for (const key of Object.keys(total)) total[key] += counts?.[key] ?? 0;
  if (counts === undefined) failures.push(`${name}: no test reported`);
  else if (status !== 0 || counts.failed > 0) failures.push(`${name} (${counts.failed} failed)`);
}

function stage(name, command, args) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`== ${name}: ${status === 0 ? 'ok' : `failed (${status})`}, ${seconds} s`);
      resolve({ status, output });
    });
  });
}

/** The last counts of an output: mocha's, or `N passed, M failed, K skipped`. */
function countsIn(output) {
  const own = [...output.matchAll(/(\d+) passed, (\d+) failed, (\d+) skipped/g)].at(-1);
  if (own !== undefined) {
    return { passed: Number(own[1]), failed: Number(own[2]), skipped: Number(own[3]) };
  }
  const count = (word) => [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, 'gm'))].at(-1)?.[1];
  const passed = count('passing');
  if (passed === undefined) return undefined;
  return {
    passed: Number(passed),
    failed: Number(count('failing') ?? 0),
    skipped: Number(count('pending') ?? 0),
  };
}
