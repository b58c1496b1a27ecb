// Installs a real VS Code without its desktop shell: the server and workbench inside the npm package code-server.
// No compiler, no install script, no download but from the npm registry. Goes to .vscode-host, about 270 MB, once.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const version = '4.100.3'; // VS Code 1.100.3, on Node 20
const sha512 =
  'q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==';
const ripgrep = '@vscode/ripgrep-linux-x64@1.18.0';

export const hostFolder = path.join(root, '.vscode-host');
/** The folder that holds VS Code itself. */
export const vscodeFolder = path.join(hostFolder, 'node_modules/code-server/lib/vscode');
const done = path.join(hostFolder, '.done');

/** Installs the host where it is missing. Returns why it could not, or undefined when it is there. */
export function ensureHost() {
  if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === version) return undefined;
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it is for Linux on x64';
  console.log(`installing the VS Code host (npm package code-server ${version}) into .vscode-host`);
  fs.rmSync(hostFolder, { recursive: true, force: true });
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-host-'));
  try {
    return install(temporary);
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

function install(temporary) {
  const packed = run('npm', ['pack', '--silent', `code-server@${version}`], temporary);
  const name = fs.readdirSync(temporary).find((file) => file.endsWith('.tgz'));
  if (name === undefined) {
    return `the npm registry did not give code-server ${version}: ${packed.failed ?? 'no tarball'}`;
  }
  const tarball = path.join(temporary, name);
  const hash = createHash('sha512').update(fs.readFileSync(tarball)).digest('base64');
  if (hash !== sha512) throw new Error(`code-server ${version}: the checksum is ${hash}`);

  const home = path.join(hostFolder, 'node_modules/code-server');
  fs.mkdirSync(home, { recursive: true });
  must('tar', ['xzf', tarball, '-C', home, '--strip-components=1', 'package/lib/vscode'], root);
  // Its shrinkwrap pins and hashes everything; `npm ci` refuses it, because it lacks one entry.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  must('npm', ['install', '--omit=dev', ...quiet], vscodeFolder);
  fs.symlinkSync('node_modules', path.join(vscodeFolder, 'node_modules.asar'));

  // The pinned ripgrep downloads its binary in an install script; newer packages contain it.
  const search = path.join(hostFolder, 'ripgrep');
  fs.mkdirSync(search);
  must('npm', ['install', '--prefix', search, ...quiet, ripgrep], search);
  const bin = path.join(vscodeFolder, 'node_modules/@vscode/ripgrep/bin');
  fs.mkdirSync(bin, { recursive: true });
  fs.symlinkSync(
    path.join(search, 'node_modules/@vscode/ripgrep-linux-x64/bin/rg'),
    path.join(bin, 'rg'),
  );

  writeStandIns(path.join(vscodeFolder, 'node_modules'));
  must(process.execPath, [path.join(vscodeFolder, 'out/server-main.js'), '--version'], root);
  fs.writeFileSync(done, version);
  return undefined;
}

/** Two native modules would need a compiler. What VS Code uses of them is little: a log file, and to end with its parent. */
function writeStandIns(modules) {
  const spdlog = path.join(modules, '@vscode/spdlog');
  fs.mkdirSync(spdlog, { recursive: true });
  // Plain assignments to `exports`, because VS Code imports it as a module and names must be seen without running it.
  fs.writeFileSync(
    path.join(spdlog, 'index.js'),
    `const fs = require('fs');
const names = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
class Logger {
  constructor(type, name, file) { this.file = file; this.level = 2; this.raw = false; }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.raw = true; }
  flush() {}
  drop() {}
}
names.forEach((name, level) => {
  Logger.prototype[name] = function (message) {
    if (level < this.level || !this.file) return;
    const line = this.raw ? message : new Date().toISOString() + ' [' + name + '] ' + message + '\\n';
    fs.appendFile(this.file, line, () => {});
  };
});
const make = async (name, file) => new Logger('rotating', name, file);
exports.Logger = Logger;
exports.version = 11000;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = make;
exports.createAsyncRotatingLogger = make;
`,
  );
  for (const name of ['native-watchdog', '@vscode/native-watchdog']) {
    if (!fs.existsSync(path.join(modules, name))) continue;
    fs.writeFileSync(
      path.join(modules, name, 'index.js'),
      `exports.start = (pid) => setInterval(() => {
  try { process.kill(pid, 0); } catch { process.exit(87); }
}, 3000).unref();
exports.exit = (code) => process.exit(code || 0);
`,
    );
  }
}

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 300_000,
  });
  const failed = status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n')[0]);
  return { out: stdout ?? '', failed };
}

function must(command, args, cwd) {
  const { failed } = run(command, args, cwd);
  if (failed !== undefined) throw new Error(`${command} ${args.join(' ')}: ${failed}`);
}
