// `npm run test:vscode`: the extension's tests in a real VS Code, from the source folder and from the packaged VSIX.
// VSCODE_TEST_EXECUTABLE=/path/to/code uses another VS Code; VSCODE_TEST_DOWNLOAD=1 lets @vscode/test-electron fetch one.
import { runTests } from '@vscode/test-electron';
import * as esbuild from 'esbuild';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findChromium } from './host.mjs';
import { ensureHost } from './installHost.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const shim = path.join(import.meta.dirname, 'codeShim.mjs');
const built = path.join(root, 'build/vscode-tests');
const example = path.join(root, 'test-fixtures/workspace');
const vsix = path.join(root, 'build/iovet.vsix');

const executable = process.env.VSCODE_TEST_EXECUTABLE;
const download = process.env.VSCODE_TEST_DOWNLOAD !== undefined;
const missing = executable || download ? undefined : whatIsMissing();
if (missing !== undefined) {
  console.log(`SKIPPED: tests in VS Code: ${missing}`);
  console.log('0 passed, 0 failed, 2 skipped (the suite, from source and from the VSIX)');
  process.exit(0);
}

await bundleTests();
const counts = { passes: 0, failures: 0 };
await runSuite('from the source folder', root, []);
await runPackaged();
console.log(`VS Code: ${counts.passes} passed, ${counts.failures} failed, 0 skipped`);
process.exit(counts.failures === 0 && counts.passes > 0 ? 0 : 1);

function whatIsMissing() {
  if (findChromium() === undefined) return 'Chromium is not installed (apt-get install chromium)';
  return ensureHost();
}

async function bundleTests() {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: {
      index: 'tests/vscode/index.ts',
      suite: 'tests/vscode/suite.test.ts',
      patches: 'tests/vscode/patches.test.ts',
      simulation: 'tests/vscode/simulation.test.ts',
      explain: 'tests/vscode/explain.test.ts',
    },
    outdir: built,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

/** Packages the extension, installs it into an empty folder, and runs the suite against what was installed. */
async function runPackaged() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-vsix-'));
  try {
    must(process.execPath, [path.join(root, 'scripts/package.mjs'), vsix]);
    must(executable ?? shim, ['--install-extension', vsix, `--extensions-dir=${folder}`]);
    // VS Code starts no tests without an extension under development: an empty one stands in.
    const driver = path.join(folder, '..', `${path.basename(folder)}-driver`);
    fs.mkdirSync(driver);
    fs.writeFileSync(
      path.join(driver, 'package.json'),
      JSON.stringify({
        name: 'driver',
        publisher: 'test',
        version: '0.0.1',
        engines: { vscode: '*' },
      }),
    );
    try {
      await runSuite('from the packaged VSIX', driver, [`--extensions-dir=${folder}`], {
        IOVET_EXPECT_FROM: folder,
      });
    } finally {
      fs.rmSync(driver, { recursive: true });
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function runSuite(name, extensionDevelopmentPath, launchArgs, env = {}) {
  console.log(`\n-- VS Code, extension ${name}`);
  const user = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-user-'));
  const result = path.join(user, 'result.json');
  // A copy: whatever the tests save, and whatever git says about the repository, is not theirs to meet.
  const workspace = path.join(user, 'workspace');
  fs.cpSync(example, workspace, { recursive: true });
  try {
    await runTests({
      ...(executable || !download ? { vscodeExecutablePath: executable ?? shim } : {}),
      version: '1.100.3',
      extensionDevelopmentPath,
      extensionTestsPath: path.join(built, 'index.cjs'),
      extensionTestsEnv: {
        VSC_TEST_RESULT: result,
        IOVET_SIMULATION_FIXTURE: path.join(root, 'test-fixtures/simulation'),
        ...env,
      },
      launchArgs: [workspace, `--user-data-dir=${user}`, ...launchArgs],
    });
  } catch (error) {
    console.error(`VS Code ended with an error: ${error.message ?? error}`);
    if (!fs.existsSync(result)) counts.failures++;
  }
  // A dead extension host ends VS Code with 0: only the result file counts.
  if (fs.existsSync(result)) {
    const { passes, failures } = JSON.parse(fs.readFileSync(result, 'utf8'));
    counts.passes += passes;
    counts.failures += failures;
  }
  fs.rmSync(user, { recursive: true, force: true });
}

function must(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}
