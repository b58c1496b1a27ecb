// Runs the installed VS Code: its server on a loopback port, its workbench in headless Chromium.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { vscodeFolder } from './installHost.mjs';

const serverScript = path.join(vscodeFolder, 'out/server-main.js');

/** Settings of a quiet workbench; callers add their own. */
export const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.enabled': false,
  // The browser workbench saves by itself otherwise.
  'files.autoSave': 'off',
};

/** Where Chromium is, or undefined. */
export function findChromium() {
  const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
  return candidates.find((file) => file !== undefined && fs.existsSync(file));
}

/** Version of the installed VS Code. */
export function vscodeVersion() {
  return JSON.parse(fs.readFileSync(path.join(vscodeFolder, 'package.json'), 'utf8')).version;
}

/** Folders of one run, all below a new temporary one, so that nothing is left behind. */
export function makeFolders({ userData, extensions, settings } = {}) {
  // Sockets have at most 108 bytes of path: keep it short.
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-vsc-'));
  const folders = {
    base,
    user: path.resolve(userData ?? path.join(base, 'user')),
    extensions: path.resolve(extensions ?? path.join(base, 'ext')),
  };
  fs.mkdirSync(path.join(folders.user, 'User'), { recursive: true });
  fs.mkdirSync(folders.extensions, { recursive: true });
  const file = path.join(folders.user, 'User/settings.json');
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2));
  }
  return folders;
}

const folderArguments = ({ base, user, extensions }) => [
  ...['--user-data-dir', user, '--extensions-dir', extensions],
  ...['--server-data-dir', path.join(base, 'server'), '--accept-server-license-terms'],
];

/** Runs a one-shot command of VS Code, such as --install-extension, and returns its exit code. */
export function runOnce(folders, args) {
  const { status } = spawnSync(
    process.execPath,
    [serverScript, ...folderArguments(folders), ...args],
    { stdio: 'inherit' },
  );
  return status ?? 1;
}

/** Starts the server and waits until it listens. */
export async function startServer(folders, env = {}) {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      serverScript,
      ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'],
      ...['--telemetry-level', 'off', '--disable-telemetry', '--disable-workspace-trust'],
      // Newer builds honour the test payload of the page only with this flag.
      '--enable-smoke-test-driver',
      ...folderArguments(folders),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: stopping it stops the extension host and the language server too.
      detached: true,
      env: { ...process.env, ...env, XDG_RUNTIME_DIR: folders.base },
    },
  );
  let log = '';
  let ended = false;
  const listening = new Promise((resolve, reject) => {
    const see = (chunk) => {
      log += chunk;
      if (log.includes('Extension host agent listening')) resolve();
    };
    child.stdout.on('data', see);
    child.stderr.on('data', see);
    child.on('exit', (code) => {
      ended = true;
      reject(new Error(`the VS Code server ended with ${code}\n${log}`));
    });
  });
  await listening;
  return {
    origin: `127.0.0.1:${port}`,
    log: () => log,
    stop: async () => {
      if (!ended) process.kill(-child.pid, 'SIGTERM');
      for (let i = 0; i < 30 && !ended; i++) await new Promise((r) => setTimeout(r, 50));
      if (!ended) process.kill(-child.pid, 'SIGKILL');
    },
  };
}

/** Starts Chromium with one page of the given size, which may use the clipboard. */
export async function startBrowser(folders, origin, viewport, deviceScaleFactor = 1) {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    headless: true,
    env: { ...process.env, TMPDIR: folders.base },
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      '--disable-dev-shm-usage',
    ],
  });
  const context = await browser.newContext({ viewport, deviceScaleFactor });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], {
    origin: `http://${origin}`,
  });
  return { page: await context.newPage(), close: () => browser.close() };
}

/** Address of the workbench on a folder, with what the page is told to do. */
export function workbenchUrl(origin, folder, payload) {
  const query = new URLSearchParams({
    payload: JSON.stringify([['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...payload]),
    ...(folder === undefined ? { ew: 'true' } : { folder: path.resolve(folder) }),
  });
  return `http://${origin}/?${query}`;
}

/** URI by which the workbench knows a path of the machine that the server runs on. */
export const remoteUri = (origin, file) => `vscode-remote://${origin}${path.resolve(file)}`;

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
