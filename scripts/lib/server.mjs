// The built language server over standard input and output, for scripts that measure or check it as an editor sees it.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { root } from './engine.mjs';

/** Bundles and starts the server for a tree; `capabilities` adds to those of the text document. */
export async function startServer(tree, capabilities = {}) {
  const bundled = spawnSync(process.execPath, [path.join(root, 'scripts/bundle.mjs')], {
    stdio: 'inherit',
  });
  if (bundled.status !== 0) process.exit(bundled.status ?? 1);
  const child = spawn(process.execPath, [path.join(root, 'dist/server.cjs'), '--stdio']);
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const log = [];
  connection.onNotification('window/logMessage', ({ message }) => log.push(message));
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(tree).href,
    capabilities: {
      textDocument: {
        diagnostic: {},
        publishDiagnostics: { relatedInformation: true },
        ...capabilities,
      },
    },
    initializationOptions: { show: 'all' },
  });
  await connection.sendNotification('initialized', {});
  const uriOf = (file) => pathToFileURL(path.join(tree, file)).href;
  return {
    connection,
    log,
    uriOf,
    /** Opens a file and waits until it is reviewed. */
    open: async (file, text) => {
      const uri = uriOf(file);
      void connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId: 'c', version: 1, text },
      });
      await connection.sendRequest('textDocument/diagnostic', { textDocument: { uri } });
      return uri;
    },
    close: (file) =>
      connection.sendNotification('textDocument/didClose', { textDocument: { uri: uriOf(file) } }),
    hover: (file, position) =>
      connection.sendRequest('textDocument/hover', {
        textDocument: { uri: uriOf(file) },
        position,
      }),
    stop: async () => {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
    },
  };
}
