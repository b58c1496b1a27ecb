// `npm run test:nvim`: the built server in Neovim, a client that only takes pushed diagnostics.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const version = spawnSync('nvim', ['--version'], { encoding: 'utf8' });
if (version.status !== 0) {
  console.log('SKIPPED: tests in Neovim: it is not installed (apt-get install neovim)');
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}
const script = path.join(root, 'tests/nvim/iovet.lua');
const { status, error } = spawnSync(
  'nvim',
  ['--headless', '-u', 'NONE', '-i', 'NONE', '-n', '-c', `luafile ${script}`],
  {
    stdio: 'inherit',
    timeout: 60_000,
    env: {
      ...process.env,
      IOVET_NODE: process.execPath,
      IOVET_CLI: path.join(root, 'dist/cli.cjs'),
      IOVET_FILE: path.join(root, 'test-fixtures/workspace/drivers/accel/qcap/qcap_mem.c'),
      IOVET_PATCH: path.join(root, 'test-fixtures/workspace/qcap-doorbell.mbox'),
    },
  },
);
if (error) console.error(`Neovim did not end: ${error.message}`);
process.exit(status ?? 1);
