import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  CodeLensRequest,
  LanguageClient,
  State,
  TransportKind,
  type LanguageClientOptions,
} from 'vscode-languageclient/node';
import {
  INDEXING,
  PATCH_SCHEME,
  READING_COMMITS,
  SERIES,
  SIDE_SCHEME,
  SIMULATING,
  STATUS,
  type Indexing,
  type InitOptions,
  type ReadingCommits,
  type Simulating,
  type Status,
  type WireSeries,
} from '../server/lsp/messages.ts';
import { ruleLinkTemplate } from './rulePages.ts';
import type { ServerState } from './statusText.ts';

/** The language server process, started on first use. */
export interface Server {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Starts it again, also after it was given up. */
  restart(): Promise<void>;
  /** Sends a request of iovet's own; undefined when the server does not run. */
  request<Answer>(
    method: string,
    params?: unknown,
    token?: vscode.CancellationToken,
  ): Promise<Answer | undefined>;
  notify(method: string): void;
  onStatus(handle: (status: Status) => void): vscode.Disposable;
  onIndexing(handle: (indexing: Indexing) => void): vscode.Disposable;
  onSeries(handle: (series: WireSeries) => void): vscode.Disposable;
  onReadingCommits(handle: (reading: ReadingCommits) => void): vscode.Disposable;
  onSimulating(handle: (simulating: Simulating) => void): vscode.Disposable;
  /** Asks VS Code to draw the lenses of a document anew: an editor that loses the focus meanwhile drops the server's word. */
  drawLenses(document: vscode.TextDocument): void;
}

/** A server that stops this often within {@link crashWindow} is given up. */
const mostCrashes = 3;
/** Unit: milliseconds. */
const crashWindow = 180_000;

/** Prepares the server; nothing runs before `start`. */
export function createServer(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  onState: (state: ServerState) => void,
): Server {
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist/server.cjs').fsPath;
  const run = { module, transport: TransportKind.ipc };
  let crashes: number[] = [];
  let starting: Promise<void> | undefined;

  const giveUp = (): void => {
    onState('stopped');
    const showLog = 'Show Log';
    void vscode.window
      .showErrorMessage('The iovet server stopped three times.', showLog)
      .then((chosen) => {
        if (chosen === showLog) log.show();
      });
  };

  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: 'file', language: 'c' },
      { scheme: 'file', pattern: '**/*.[ch]' },
      { scheme: SIDE_SCHEME, pattern: '**/*.[ch]' },
      ...['file', 'untitled', PATCH_SCHEME].flatMap((scheme) => [
        { scheme, language: 'diff' },
        { scheme, language: 'iovet-mail' },
        { scheme, pattern: '**/*.{patch,diff,mbox,mbx,mail,eml}' },
      ]),
    ],
    outputChannel: log,
    diagnosticCollectionName: 'iovet',
    markdown: { isTrusted: { enabledCommands: ['iovet.openRulePage'] } },
    initializationOptions: (): InitOptions => ({
      trusted: vscode.workspace.isTrusted,
      ui: true,
      ruleLink: ruleLinkTemplate,
    }),
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        const now = Date.now();
        crashes = [...crashes.filter((time) => now - time < crashWindow), now];
        if (crashes.length < mostCrashes) return { action: CloseAction.Restart, handled: true };
        giveUp();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
  const client = new LanguageClient(
    'iovet',
    'iovet',
    { run, debug: { ...run, options: { execArgv: ['--nolazy', '--inspect=6009'] } } },
    options,
  );
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Running) onState('running');
  });

  const start = (): Promise<void> => {
    starting ??= client.start().catch((error: unknown) => {
      log.error(`the server did not start: ${String(error)}`);
      onState('stopped');
    });
    return starting;
  };
  return {
    start,
    stop: async () => {
      if (client.isRunning()) await client.stop();
    },
    restart: async () => {
      crashes = [];
      if (client.isRunning()) await client.stop();
      starting = undefined;
      await start();
    },
    request: async <Answer>(method: string, params?: unknown, token?: vscode.CancellationToken) => {
      await start();
      if (!client.isRunning()) return undefined;
      try {
        return await client.sendRequest<Answer>(method, params, token);
      } catch (error) {
        // Who stops a request gets no answer, and no message either.
        if (token?.isCancellationRequested === true) return undefined;
        throw error;
      }
    },
    notify: (method) => {
      if (client.isRunning()) void client.sendNotification(method);
    },
    onStatus: (handle) => client.onNotification(STATUS, handle),
    onIndexing: (handle) => client.onNotification(INDEXING, handle),
    onSeries: (handle) => client.onNotification(SERIES, handle),
    onReadingCommits: (handle) => client.onNotification(READING_COMMITS, handle),
    onSimulating: (handle) => client.onNotification(SIMULATING, handle),
    drawLenses: (document) => {
      client
        .getFeature(CodeLensRequest.method)
        .getProvider(document)
        ?.onDidChangeCodeLensEmitter.fire();
    },
  };
}
