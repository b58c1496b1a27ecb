// `npm run editor [-- FOLDER]`: VS Code with the extension as built, on the example workspace or on a folder.
// The desktop `code` where it is installed, else the workbench in the browser; Ctrl+C ends it.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { makeFolders, startServer, workbenchUrl } from './host.mjs';
import { ensureHost } from './installHost.mjs';
import { installExtension } from './installExtension.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const example = path.join(root, 'test-fixtures/workspace');
const given = process.argv[2];
const folder =
  given === undefined ? example : path.resolve(process.env.INIT_CWD ?? process.cwd(), given);
const driver = path.join(folder, 'drivers/accel/qcap/qcap_mem.c');

setUp();
if (spawnSync('code', ['--version']).status === 0) openDesktop();
else await openInBrowser();

function setUp() {
  if (!fs.existsSync(path.join(root, 'node_modules/typescript'))) {
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  run('npm', ['run', '--silent', 'build']);
}

function openDesktop() {
  const files = fs.existsSync(driver) ? [driver] : [];
  run('code', [`--extensionDevelopmentPath=${root}`, '--new-window', folder, ...files]);
}

async function openInBrowser() {
  const missing = ensureHost();
  if (missing !== undefined) {
    console.error(
      `iovet: no desktop VS Code (code), and the browser one could not be installed: ${missing}`,
    );
    process.exit(2);
  }
  const folders = makeFolders({ settings: { 'git.enabled': true } });
  const clean = () => fs.rmSync(folders.base, { recursive: true, force: true });
  installExtension(folders);
  const server = await startServer(folders);
  const open = fs.existsSync(driver)
    ? [['openFile', `vscode-remote://${server.origin}${driver}`]]
    : [];
  const url = workbenchUrl(server.origin, folder, open);
  console.log(`\nVS Code with iovet, on ${folder}:\n\n  ${url}\n\nCtrl+C ends it.`);
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(opener, [url], { stdio: 'ignore', detached: true }).on('error', () => {
    // Without a desktop nothing opens the address: it is printed above.
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      void server.stop().then(() => {
        clean();
        process.exit(0);
      });
    });
  }
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
