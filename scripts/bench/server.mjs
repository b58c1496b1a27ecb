// What a user waits for: the built server over standard input and output, as an editor talks to it. Open and edit are
// measured from sending the notification to having the answer of the diagnostics request, on the files of editor.mjs.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { quantiles, root } from '../lib/engine.mjs';

export const title =
  'Language server over stdio: 20 largest files of drivers/iommu and drivers/vfio, warm';

/** Edits per file. */
const edits = 20;

export async function run({ tree }) {
  if (tree === undefined) return { skipped: 'no kernel tree named' };
  spawnSync(process.execPath, [path.join(root, 'scripts/bundle.mjs')], { stdio: 'inherit' });
  const child = spawn(process.execPath, [path.join(root, 'dist/server.cjs'), '--stdio']);
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(tree).href,
    capabilities: {
      textDocument: { diagnostic: {}, publishDiagnostics: { relatedInformation: true } },
    },
    initializationOptions: { show: 'all' },
  });
  await connection.sendNotification('initialized', {});

  const files = largest(tree);
  const first = { ms: await open(connection, files[0]), file: files[0].file };
  close(connection, files[0]);
  for (const file of files) {
    await open(connection, file);
    close(connection, file);
  }
  const opening = [];
  const editing = [];
  for (const file of files) {
    opening.push({ ms: await open(connection, file), file: file.file });
    for (const { line, character } of places(file.text, edits)) {
      const at = { line, character };
      const after = { line, character: character + 1 };
      editing.push(
        { ms: await edit(connection, file, { start: at, end: at }, 'x'), file: file.file },
        { ms: await edit(connection, file, { start: at, end: after }, ''), file: file.file },
      );
    }
    close(connection, file);
  }
  const memory = residentMegabytes(child.pid);
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  connection.dispose();

  const slowest = (all) => all.toSorted((a, b) => b.ms - a.ms)[0];
  const ms = (value) => `${value.toFixed(0)} ms`;
  const row = (what, value, goal) => ({
    what,
    value: ms(value),
    goal: `${goal} ms`,
    met: value <= goal,
  });
  const opened = quantiles(opening.map((each) => each.ms));
  const edited = quantiles(editing.map((each) => each.ms));
  const [slowOpen, slowEdit] = [slowest(opening), slowest(editing)];
  return {
    rows: [
      row('open to diagnostics, median', opened.median, 80),
      row('open to diagnostics, p99', opened.p99, 250),
      row('one-character edit to diagnostics, median', edited.median, 30),
      row('one-character edit to diagnostics, p99', edited.p99, 100),
      { what: 'slowest file to open', value: `${slowOpen.file}, ${ms(slowOpen.ms)}` },
      { what: 'slowest edit', value: `${slowEdit.file}, ${ms(slowEdit.ms)}` },
      { what: 'first file of a new server', value: `${first.file}, ${ms(first.ms)}` },
      ...(memory === undefined
        ? []
        : [{ what: 'memory at the end (resident)', value: `${memory} MB` }]),
    ],
  };
}

async function open(connection, { uri, text }) {
  const started = performance.now();
  void connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'c', version: 1, text },
  });
  await pull(connection, uri);
  return performance.now() - started;
}

let version = 1;
async function edit(connection, { uri }, range, text) {
  const started = performance.now();
  void connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: ++version },
    contentChanges: [{ range, text }],
  });
  await pull(connection, uri);
  return performance.now() - started;
}

function pull(connection, uri) {
  return connection.sendRequest('textDocument/diagnostic', { textDocument: { uri } });
}

function close(connection, { uri }) {
  void connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
}

function largest(tree) {
  return ['drivers/iommu', 'drivers/vfio']
    .flatMap((folder) =>
      fs.readdirSync(path.join(tree, folder), { withFileTypes: true, recursive: true }),
    )
    .filter((entry) => entry.isFile() && entry.name.endsWith('.c'))
    .map((entry) => {
      const absolute = path.join(entry.parentPath, entry.name);
      const text = fs.readFileSync(absolute, 'utf8');
      return { file: path.relative(tree, absolute), uri: pathToFileURL(absolute).href, text };
    })
    .sort((a, b) => b.text.length - a.text.length)
    .slice(0, 20);
}

/** Places at the end of an assigned name, spread over the functions of a text. */
function places(text, count) {
  const all = text.split('\n').flatMap((content, line) => {
    const match = /^\t+\w+(?= = )/.exec(content);
    return match === null ? [] : [{ line, character: match[0].length }];
  });
  const some = Math.min(count, all.length);
  return Array.from({ length: some }, (_, i) => all[Math.floor((i * all.length) / some)]);
}

function residentMegabytes(pid) {
  const file = `/proc/${pid}/status`;
  if (!fs.existsSync(file)) return undefined;
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(file, 'utf8')) ?? [];
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
}
