// Simulating a patch in an editor: the built server over standard input and output. First come requests of new servers:
// with the patch just opened, and after some seconds in which it was reviewed and the simulation prepared. Then the same
// request again, which is answered once every file was looked at, and requests that have to run: after one more space in
// an added line of the patch, and after one more token in a function that changed. Last the page of the result: made as
// one file, and opened by Chromium where there is one.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { quantiles, root } from '../lib/engine.mjs';
import { vfioPatch } from './lib/vfioPatch.mjs';

export const title = 'Simulating a patch in the editor';

/** From the patch that is opened to the command, where somebody reads it first. Unit: milliseconds. */
const IDLE = 5000;
const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'];

export async function run({ tree, runs }) {
  if (tree === undefined) return { skipped: 'no kernel tree named' };
  spawnSync(process.execPath, [path.join(root, 'scripts/bundle.mjs')], { stdio: 'inherit' });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-bench-'));
  try {
    const patch = vfioPatch(tree);
    const file = path.join(folder, 'v4.patch');
    fs.writeFileSync(file, patch);
    return {
      rows: [
        ...(await inEditor(tree, file, patch, { runs, idle: IDLE })),
        ...(await inEditor(tree, file, patch, { runs: 0, idle: 0 })),
        ...pageRows(tree, file, folder),
      ],
    };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** `idle` milliseconds lie between opening the patch and the first request; then come `runs` of each kind. */
async function inEditor(tree, file, patch, { runs, idle }) {
  const child = spawn(process.execPath, [path.join(root, 'dist/server.cjs'), '--stdio']);
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.onRequest('workspace/configuration', ({ items }) =>
    items.map(() => ({ kernelTree: tree })),
  );
  connection.listen();
  await connection.sendRequest('initialize', {
    ...{ processId: process.pid, rootUri: pathToFileURL(tree).href },
    ...{
      capabilities: { workspace: { configuration: true } },
      initializationOptions: { ui: true },
    },
  });
  await connection.sendNotification('initialized', {});
  const uri = pathToFileURL(file).href;
  const textDocument = { uri, languageId: 'diff', version: 1, text: patch };
  await connection.sendNotification('textDocument/didOpen', { textDocument });
  const simulated = async () => {
    const start = performance.now();
    const result = await connection.sendRequest('iovet/simulate', {
      uri,
      scope: 'document',
      line: 0,
    });
    if (result?.ok !== true) throw new Error(result?.reason ?? 'cancelled');
    return performance.now() - start;
  };
  await new Promise((go) => setTimeout(go, idle));
  const cold = await simulated();
  const again = [];
  const spaced = [];
  const edited = [];
  let version = 1;
  const insert = (text, at) =>
    connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: ++version },
      contentChanges: [{ range: { start: at, end: at }, text }],
    });
  const lines = patch.split('\n');
  const line = lines.findIndex((text) => /^\+\s.*IOMMU_MMIO;$/.test(text));
  for (let i = 0; i < runs; i++) {
    again.push(await simulated());
    await insert(' ', { line, character: 1 });
    spaced.push(await simulated());
    // An empty statement: the function is another one, and does the same.
    await insert(';', { line, character: lines[line].length + i + 1 });
    edited.push(await simulated());
  }
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  connection.dispose();
  const row = (what, ms, goal) => ({
    what,
    value: `${(ms / 1000).toFixed(2)} s`,
    ...(goal === undefined ? {} : { goal: `<= ${goal / 1000} s`, met: ms <= goal }),
  });
  if (runs === 0) return [row('first request of a new server, with the patch just opened', cold)];
  return [
    row(`first request, ${idle / 1000} s after the patch was opened`, cold),
    row('the same request again, no file changed, median', quantiles(again).median, 600),
    row('after one more space, median', quantiles(spaced).median, 600),
    row('after one more token, median', quantiles(edited).median, 600),
  ];
}

/** From a result to what is seen: the page as one file, opened by Chromium until it is laid out. */
function pageRows(tree, patch, folder) {
  const page = path.join(folder, 'page.html');
  const cli = path.join(root, 'dist/cli.cjs');
  spawnSync(process.execPath, [cli, 'simulate', '--tree', tree, '--html', page, patch]);
  const browser = CHROMIUM.find((name) => spawnSync('which', [name]).status === 0);
  const what = `page of ${Math.round(fs.statSync(page).size / 1024)} KB opened until laid out, median`;
  if (browser === undefined) return [{ what, value: 'skipped: no Chromium' }];
  // The page says in its title how long it took: nothing else of it is touched.
  const measured = path.join(folder, 'measured.html');
  const probe =
    '<script>document.body.offsetHeight; document.title = `done ${performance.now()}`;</script>';
  const text = fs
    .readFileSync(page, 'utf8')
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
    .replace(/<\/body>(?![^]*<\/body>)/, () => `${probe}</body>`);
  fs.writeFileSync(measured, text);
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom'];
  const times = Array.from({ length: 3 }, () => {
    const dom = execFileSync(browser, [...args, pathToFileURL(measured).href], {
      ...{ encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    return Number(/<title>done ([\d.]+)/.exec(dom)?.[1] ?? NaN);
  });
  if (times.some(Number.isNaN)) return [{ what, value: 'not measured: the page did not end' }];
  const ms = quantiles(times).median;
  return [{ what, value: `${ms.toFixed(0)} ms`, goal: '<= 500 ms', met: ms <= 500 }];
}
