// `npm start [-- PATH…]`: sets up what is missing, builds, and reviews PATH (a file, a folder, a kernel tree),
// or the example driver. Ends with 0 when the review ran, whatever it found.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const example = path.join(root, 'test-fixtures/workspace');
const given = process.argv.slice(2);

requireNode(20, 19);
if (!fs.existsSync(path.join(root, 'node_modules/typescript'))) {
  step('installing the build tools', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}
step('building', 'npm', ['run', '--silent', 'build']);

const paths = given.length > 0 ? given : [example];
console.error(`iovet check ${paths.map((each) => path.relative(root, each) || each).join(' ')}\n`);
const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'dist/cli.cjs'), 'check', ...paths],
  {
    // npm runs scripts in the package's folder; people name paths from where they are.
    cwd: given.length > 0 ? (process.env['INIT_CWD'] ?? process.cwd()) : root,
    stdio: 'inherit',
  },
);
// 1 is findings and 3 is incomplete: in both the review ran. Only unusable input is a failure.
process.exit(status === 0 || status === 1 || status === 3 ? 0 : (status ?? 1));

/** Runs one set-up step quietly; its output is shown when it fails. */
function step(name, command, args) {
  console.error(`${name} …`);
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (run.status === 0) return;
  console.error(`${run.stdout ?? ''}${run.stderr ?? ''}`);
  console.error(`iovet: ${name} failed: ${command} ${args.join(' ')}`);
  process.exit(2);
}

/** Ends with a word about the version instead of a syntax error later. */
function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  console.error(
    `iovet: Node ${process.versions.node} is too old\n  help: install Node ${major}.${minor} or newer`,
  );
  process.exit(2);
}
