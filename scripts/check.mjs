// `npm run check`: everything that CI does, in one local command.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
// tsc -b keeps the output of deleted tests, and mocha would run them.
fs.rmSync(path.join(root, 'out'), { recursive: true, force: true });
if (!fs.existsSync(path.join(root, 'node_modules', '.bin', 'tsc'))) run(['ci', '--ignore-scripts']);
for (const script of ['build', 'format:check', 'lint', 'grammar:verify', 'test', 'metamorphic']) {
  run(['run', '--silent', script]);
}
run(['run', '--silent', 'generate', '--', '--check']);
console.log('\ncheck: all stages passed');

function run(args) {
  const { status } = spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`check: npm ${args.join(' ')} failed`);
    process.exit(status ?? 1);
  }
}
