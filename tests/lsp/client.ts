import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type CodeAction,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type Hover,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';

/** Capabilities of VS Code, as far as the server looks at them. */
export const pullClient: ClientCapabilities = {
  workspace: { configuration: true, diagnostics: { refreshSupport: true } },
  textDocument: {
    diagnostic: {},
    publishDiagnostics: { relatedInformation: true },
    hover: { contentFormat: ['markdown'] },
  },
};

/** Capabilities of a client that only takes what is sent to it, such as Neovim 0.7. */
export const pushClient: ClientCapabilities = {
  textDocument: { publishDiagnostics: { relatedInformation: true } },
};

/** One edit of the protocol: lines and characters from 0. */
export interface TestEdit {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A language client for tests: it waits for answers, never for time. */
export interface TestClient {
  readonly connection: ProtocolConnection;
  /** Everything that the server logged. */
  readonly log: readonly string[];
  /** Answer to `workspace/configuration`, section `iovet`. */
  settings: unknown;
  initialize(capabilities: ClientCapabilities, options?: unknown, rootUri?: string): Promise<void>;
  open(uri: string, text: string): void;
  edit(uri: string, edit: TestEdit): void;
  replace(uri: string, text: string): void;
  close(uri: string): void;
  pull(uri: string): Promise<readonly Diagnostic[]>;
  /** The next push for a document that satisfies a condition. */
  pushed(
    uri: string,
    wanted: (d: readonly Diagnostic[]) => boolean,
  ): Promise<readonly Diagnostic[]>;
  actions(uri: string, at: Diagnostic): Promise<readonly CodeAction[]>;
  hover(uri: string, at: Diagnostic): Promise<Hover | null>;
  stop(): Promise<void>;
}

/** Connects to a server whose output is `input` and whose input is `output`. */
export function testClient(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): TestClient {
  const connection = createProtocolConnection(
    new StreamMessageReader(input),
    new StreamMessageWriter(output),
  );
  const log: string[] = [];
  const versions = new Map<string, number>();
  const last = new Map<string, readonly Diagnostic[]>();
  const waiters = new Set<(message: PublishDiagnosticsParams) => void>();

  const bump = (uri: string): { uri: string; version: number } => {
    const version = (versions.get(uri) ?? 0) + 1;
    versions.set(uri, version);
    last.delete(uri);
    return { uri, version };
  };
  const didChange = (uri: string, contentChanges: unknown[]): void => {
    void connection.sendNotification('textDocument/didChange', {
      textDocument: bump(uri),
      contentChanges,
    });
  };
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
    log.push(message);
  });
  connection.onNotification('textDocument/publishDiagnostics', (sent: PublishDiagnosticsParams) => {
    last.set(sent.uri, sent.diagnostics);
    for (const waiter of [...waiters]) waiter(sent);
  });

  const client: TestClient = {
    connection,
    log,
    settings: {},
    initialize: async (capabilities, initializationOptions, rootUri) => {
      await connection.sendRequest('initialize', {
        processId: null,
        rootUri: rootUri ?? null,
        capabilities,
        initializationOptions,
        workspaceFolders: rootUri === undefined ? null : [{ uri: rootUri, name: 'test' }],
      });
      await connection.sendNotification('initialized', {});
    },
    open: (uri, text) => {
      void connection.sendNotification('textDocument/didOpen', {
        textDocument: { ...bump(uri), languageId: /\.[ch]$/.test(uri) ? 'c' : 'plaintext', text },
      });
    },
    edit: (uri, { line, from, to, text }) => {
      const range = { start: { line, character: from }, end: { line, character: to } };
      didChange(uri, [{ range, text }]);
    },
    replace: (uri, text) => {
      didChange(uri, [{ text }]);
    },
    close: (uri) => {
      versions.delete(uri);
      void connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    },
    pull: async (uri) => {
      const report = await connection.sendRequest<DocumentDiagnosticReport>(
        'textDocument/diagnostic',
        { textDocument: { uri } },
      );
      if (report.kind !== 'full') throw new Error(`${uri}: unexpected report ${report.kind}`);
      return report.items;
    },
    pushed: (uri, wanted) =>
      new Promise((resolve) => {
        const already = last.get(uri);
        if (already !== undefined && wanted(already)) {
          resolve(already);
          return;
        }
        const waiter = (sent: PublishDiagnosticsParams): void => {
          if (sent.uri !== uri || !wanted(sent.diagnostics)) return;
          waiters.delete(waiter);
          resolve(sent.diagnostics);
        };
        waiters.add(waiter);
      }),
    actions: (uri, at) =>
      connection.sendRequest('textDocument/codeAction', {
        textDocument: { uri },
        range: at.range,
        context: { diagnostics: [at] },
      }),
    hover: (uri, at) =>
      connection.sendRequest('textDocument/hover', {
        textDocument: { uri },
        position: at.range.start,
      }),
    stop: async () => {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
    },
  };
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
    items.map(() => client.settings),
  );
  connection.onRequest('workspace/diagnostic/refresh', () => null);
  connection.onRequest('client/registerCapability', () => null);
  connection.listen();
  return client;
}
