// The two programs that some tests need and npm does not have.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

/** Debian packages, by the command that shows whether they are there. */
const wanted = { chromium: 'chromium', nvim: 'neovim' };

/**
 * Installs Chromium and Neovim where they are missing: only as root, only on Debian and its relatives, and not
 * when IOVET_NO_APT is set. What stays missing is named; the tests that need it are then skipped and counted.
 */
export function ensureEditors() {
  const missing = Object.entries(wanted).flatMap(([command, name]) =>
    spawnSync(command, ['--version']).error === undefined ? [] : [name],
  );
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const why = whyNot();
  if (why !== undefined) {
    console.log(`not installed: ${missing.join(', ')} (${why}); to have their tests: ${command}`);
    return;
  }
  console.log(`installing ${missing.join(', ')}: ${command}`);
  const [program, ...args] = command.split(' ');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (!install(program, args, env)) {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
    if (!install(program, args, env)) console.log(`apt-get failed; without: ${missing.join(', ')}`);
  }
}

function install(program, args, env) {
  return spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
}

function whyNot() {
  if ((process.env.IOVET_NO_APT ?? '') !== '') return 'IOVET_NO_APT is set';
  if (!fs.existsSync('/etc/debian_version')) return 'no Debian';
  if (process.getuid?.() !== 0) return 'not root';
  return undefined;
}
