// `npm test`: sets up what is missing, then runs every test. Each stage is one command, so a failure names its stage.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** Runs one stage in the repository root and ends the process with its code when it fails. */
function stage(name, command, args, env = {}) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  console.log(
    `== ${name}: ${status === 0 ? 'ok' : `failed (${status})`}, ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  if (status !== 0) process.exit(status ?? 1);
}

const bin = (name) => path.join(root, 'node_modules', '.bin', name);

if (!fs.existsSync(bin('tsc'))) stage('install', 'npm', ['ci', '--ignore-scripts']);
stage('build', 'npm', ['run', '--silent', 'build']);
stage('unit tests', bin('mocha'), []);
stage('command line tests', bin('mocha'), ['--config', 'tests/.mocharc.json']);
