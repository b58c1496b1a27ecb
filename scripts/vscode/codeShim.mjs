#!/usr/bin/env node
// Speaks the part of VS Code's command line that @vscode/test-electron uses, on the installed host. Exit code = test result.
//   codeShim.mjs [FOLDER] --extensionDevelopmentPath=DIR --extensionTestsPath=FILE [--user-data-dir=D] [--extensions-dir=D]
//   codeShim.mjs --install-extension FILE.vsix --extensions-dir=D     (also --list-extensions, --version)
import fs from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import {
  makeFolders,
  remoteUri,
  runOnce,
  startBrowser,
  startServer,
  vscodeVersion,
  workbenchUrl,
} from './host.mjs';

/** A test run longer than this is ended. Unit: milliseconds. */
const timeout = Number(process.env.VSC_TEST_TIMEOUT_MS ?? 180_000);
/** What the shim ends with when the extension host died without a result. */
const noResult = 70;
const withValue = new Set([
  'user-data-dir',
  'extensions-dir',
  'extensionDevelopmentPath',
  'extensionTestsPath',
  'install-extension',
]);

const { options, operands } = readArguments(process.argv.slice(2));
if (options.version) {
  console.log(vscodeVersion());
  process.exit(0);
}
const folders = makeFolders({
  userData: options['user-data-dir'],
  extensions: options['extensions-dir'],
});
let code;
try {
  code = await main();
} finally {
  fs.rmSync(folders.base, { recursive: true, force: true });
}
process.exit(code);

async function main() {
  if (options['install-extension']) {
    return runOnce(folders, ['--install-extension', options['install-extension'], '--force']);
  }
  if (options['list-extensions']) {
    return runOnce(folders, ['--list-extensions', '--show-versions']);
  }
  return runTests();
}

/**
 * VS Code reports 0 when its extension host dies, so the test entry must write a result file as its last act;
 * a run without one is a failure.
 */
async function runTests() {
  const result = process.env.VSC_TEST_RESULT ?? path.join(folders.base, 'result.json');
  fs.rmSync(result, { force: true });
  const server = await startServer(folders, { VSC_TEST_RESULT: result });
  const browser = await startBrowser(folders, server.origin, { width: 1280, height: 800 });
  try {
    const ended = await listen(browser.page);
    const payload = [
      ['extensionDevelopmentPath', remoteUri(server.origin, options.extensionDevelopmentPath)],
      ['extensionTestsPath', remoteUri(server.origin, options.extensionTestsPath)],
    ];
    const folder = operands.find((operand) => fs.existsSync(operand));
    await browser.page.goto(workbenchUrl(server.origin, folder, payload));
    const code = await Promise.race([ended.exit, expire()]);
    if (code === 0 && !fs.existsSync(result)) {
      console.error('the extension host ended without reporting a result');
      return noResult;
    }
    if (code !== 0) console.error(server.log().split('\n').slice(-5).join('\n'));
    return code;
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Makes the page's log and end of the tests ours. */
async function listen(page) {
  // CodeExpectedError: the Markdown preview watches its document, and virtual ones have no file system.
  const noise =
    /Resolv(ing|ed) connection token|Creating a socket|builtin extensions cache|ChatSessionStore|Service Worker|open-vsx|^\[driver\]|Failed to fetch|^Creation of workbench contribution|^CodeExpectedError/;
  await page.exposeFunction('codeAutomationLog', (type, args) => {
    const text = format(...args);
    if (noise.test(text) && process.env.VSC_VERBOSE === undefined) return;
    if (type === 'error') console.error(text);
    else console.log(text);
  });
  let end;
  const exit = new Promise((resolve) => (end = resolve));
  await page.exposeFunction('codeAutomationExit', (given) => end(given ?? 0));
  page.on('crash', () => {
    console.error('the page crashed');
    end(1);
  });
  // In an object: an async function would wait for a bare promise.
  return { exit };
}

function expire() {
  return new Promise((resolve) => {
    setTimeout(() => {
      console.error(`no result after ${timeout} ms`);
      resolve(124);
    }, timeout).unref();
  });
}

function readArguments(argv) {
  const options = {};
  const operands = [];
  for (let i = 0; i < argv.length; i++) {
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(argv[i]);
    if (match === null) operands.push(argv[i]);
    else options[match[1]] = match[2] ?? (withValue.has(match[1]) ? argv[++i] : true);
  }
  return { options, operands };
}
